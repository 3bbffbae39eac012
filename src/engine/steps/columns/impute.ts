import { z } from 'zod';
import { chooseColumns, columnChoice } from '../../columns/choice';
import { flagOf } from '../../columns/definition';
import { fillValue } from '../../preprocess/fit';
import { defineStep } from '../definition';
import { asNumbers, finiteSorted, row } from './numbers';

const parameters = z.strictObject({
  columns: columnChoice,
  method: z.enum(['median', 'mean', 'zero']).default('median').describe('The fill for missing numbers.'),
  missingIndicator: z.boolean().default(true).describe('Adds a 0/1 feature per column that had missing values.'),
});

export const impute = defineStep({
  kind: 'IMPUTE',
  title: 'Impute',
  summary: 'Fills missing numbers with a value fitted on the train part.',
  description: 'Fills missing numbers; the median where there is no such step.',
  stage: 'columns',
  rank: 5,
  isRepeatable: true,
  parameters,
  absent: () => parameters.parse({}),
  columns: {
    isColumnwise: true,
    touches: ({ columns }, known, fault) => {
      const chosen = chooseColumns(columns, known, 'number', fault);
      return { reads: chosen, writes: chosen };
    },
    encodes: ({ method, missingIndicator }) => ({ part: 'fill', options: { impute: method, missingIndicator } }),
    fit: ({ method, missingIndicator }, inputs) => {
      const columns = asNumbers(inputs);
      const names = columns.map(({ name }) => name);
      const sorted = columns.map(finiteSorted);
      const fills = sorted.map((values) => (values.length === 0 ? 0 : fillValue(values, method)));
      const flagged = names.filter(
        (_, c) => missingIndicator && sorted[c].length > 0 && sorted[c].length < columns[c].values.length,
      );
      return {
        append: (graph, { take, set }) => {
          const values = take(names);
          const present = graph.call('LessOrEqual', [graph.call('Abs', [values]), graph.doubles(Number.MAX_VALUE)]);
          set(names, graph.call('Where', [present, values, row(graph, fills)]));
          if (flagged.length === 0) return;
          const flags = graph.call('Where', [present, graph.doubles(0), graph.doubles(1)]);
          const order = flagged.map((name) => names.indexOf(name));
          set(flagged.map(flagOf), graph.call('Gather', [flags, graph.int64s(order)], { axis: 1 }));
        },
        flags: flagged,
        fills: new Map(names.map((name, c) => [name, fills[c]])),
      };
    },
  },
  places: {},
});
