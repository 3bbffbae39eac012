import { z } from 'zod';
import { chooseColumns, columnChoice } from '../../columns/choice';
import { findFamily } from '../../families/registry';
import { scaling } from '../../preprocess/fit';
import { defineStep } from '../definition';
import { asNumbers, finiteSorted, row } from './numbers';

const DEFAULT = 'standard';

const parameters = z.strictObject({
  columns: columnChoice,
  method: z
    .enum(['standard', 'robust', 'minmax', 'none'])
    .default(DEFAULT)
    .describe('standard: mean 0, deviation 1; robust: median and quartiles; minmax: 0 to 1.'),
});

export const scale = defineStep({
  kind: 'SCALE',
  title: 'Scale',
  summary: 'Brings numeric columns to a common scale fitted on the train part.',
  description: 'Brings numbers to a common scale; mean 0 and deviation 1 where there is no such step.',
  stage: 'columns',
  rank: 6,
  isRepeatable: true,
  follows: ['IMPUTE'],
  parameters,
  absent: (family) => parameters.parse({ method: findFamily(family)?.scale }),
  columns: {
    isColumnwise: true,
    touches: ({ columns }, known, fault) => {
      const chosen = chooseColumns(columns, known, 'number', fault);
      return { reads: chosen, writes: chosen };
    },
    encodes: ({ method }) => ({ part: 'scale', options: { scale: method } }),
    /** Missing numbers stay missing: an IMPUTE before it fills them. */
    fit: ({ method }, inputs) => {
      const columns = asNumbers(inputs);
      const names = columns.map(({ name }) => name);
      const scales = columns.map((column) => scaling(finiteSorted(column), { fill: 0, missing: 0 }, method));
      return {
        append: (graph, { take, set }) => {
          const centers = row(
            graph,
            scales.map(({ center }) => center),
          );
          const inverse = row(
            graph,
            scales.map((each) => 1 / each.scale),
          );
          set(names, graph.call('Mul', [graph.call('Sub', [take(names), centers]), inverse]));
        },
        changesUnit: method !== 'none',
      };
    },
  },
  places: {},
});
