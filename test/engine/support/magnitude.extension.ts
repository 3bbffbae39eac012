/** A step of the columns stage from outside the product: the size of a number, whatever its sign. */
import { z } from 'zod';
import type { Engine } from '../../../src/engine/extensions';

export function register({ chooseColumns, columnChoice, defineStep, registerStep }: Engine): () => void {
  return registerStep(
    defineStep({
      kind: 'MAGNITUDE',
      title: 'Magnitude',
      summary: 'Takes the sign of numbers away.',
      description: 'Takes the sign of numbers away.',
      stage: 'columns',
      rank: 3,
      isRepeatable: true,
      parameters: z.strictObject({ columns: columnChoice, times: z.number().default(1) }),
      columns: {
        isColumnwise: true,
        touches: ({ columns }, known, fault) => {
          const chosen = chooseColumns(columns, known, 'number', fault);
          return { reads: chosen, writes: chosen };
        },
        fit: ({ times }, columns) => {
          const names = columns.map(({ name }) => name);
          return {
            append: (graph, { take, set }) =>
              set(names, graph.call('Mul', [graph.call('Abs', [take(names)]), graph.doubles(times)])),
          };
        },
      },
      places: {},
    }),
  );
}
