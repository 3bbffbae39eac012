/** Steps from outside the product, of the other stages: two of rows, at training and at serving too, and one that learns. */
import { z } from 'zod';
import type { Engine } from '../../../src/engine/extensions';
import type { Column } from '../../../src/engine/types';

const OFTEN = { places: {}, isRepeatable: true };

export function register({ defineStep, registerStep }: Engine): () => void {
  const every = defineStep({
    ...OFTEN,
    ...{ kind: 'EVERY', title: 'Every', stage: 'rows', rank: 1.5 },
    summary: 'Uses every n-th row.',
    description: 'Uses every n-th row, from the first on.',
    parameters: z.strictObject({ nth: z.int().min(1).max(1000) }),
    rows: {
      atServing: 'omit',
      check: ({ nth }, columns, fault) => {
        if (nth > 100 * columns.length) fault('.nth', 'leaves too little', 'take a smaller one');
      },
      keep: async ({ nth }, { rowCount }) => Uint8Array.from({ length: rowCount }, (_, row) => Number(row % nth === 0)),
    },
  });
  const rise = defineStep({
    ...OFTEN,
    ...{ kind: 'RISE', title: 'Rise', stage: 'rows', rank: 0.7 },
    summary: 'Makes a column of how much a number rose.',
    description: 'Makes a column of how much a number rose since the row before of the same entity.',
    parameters: z.strictObject({ key: z.string(), order: z.string(), column: z.string() }),
    rows: {
      atServing: 'repeat',
      unit: ({ key, order }) => ({ key, order }),
      makes: ({ column }) => [
        {
          ...{ name: `${column}_rise`, reads: column, path: '.column', takes: 'number', readsCurrent: true },
          compute: ({ rows, firsts }, column, places) => {
            const { values } = column as Column & { kind: 'number' };
            const riseAt = (place: number) =>
              place > firsts[place] ? values[rows[place]] - values[rows[place - 1]] : NaN;
            return { name: column.name, kind: 'number', values: Float64Array.from(places, riseAt) };
          },
        },
      ],
    },
  });
  const line = defineStep({
    ...{ kind: 'LINE', title: 'Line', stage: 'model', rank: 8, places: { 'estimator.parameters': '' } },
    summary: 'Fits a line.',
    description: 'Fits a line, in so many passes.',
    parameters: z.strictObject({ epochs: z.number().default(60) }),
    says: (parameters) => ({ estimator: { family: 'linear', parameters } }),
  });
  const forget = [every, rise, line].map(registerStep);
  return () => forget.forEach((one) => one());
}
