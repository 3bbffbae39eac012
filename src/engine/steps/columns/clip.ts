import { z } from 'zod';
import { shown } from '../../../formats';
import { chooseColumns, columnChoice } from '../../columns/choice';
import { quantile } from '../../metrics/quantile';
import { defineStep } from '../definition';
import { asNumbers, finiteSorted, row } from './numbers';

const NAMES_MAX = 5;

const parameters = z
  .strictObject({
    columns: columnChoice,
    lower: z.number().optional().describe('Smaller numbers become this one.'),
    upper: z.number().optional().describe('Larger numbers become this one.'),
    lowerQuantile: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('In place of lower: the number below which this share of the train rows lies, 0 to 1, of each column.'),
    upperQuantile: z.number().min(0).max(1).optional().describe('In place of upper, as lowerQuantile.'),
  })
  .superRefine(({ lower, upper, lowerQuantile, upperQuantile }, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (lower !== undefined && lowerQuantile !== undefined)
      fault('lowerQuantile', 'is given beside lower: give one of the two');
    if (upper !== undefined && upperQuantile !== undefined)
      fault('upperQuantile', 'is given beside upper: give one of the two');
    if (lower !== undefined && upper !== undefined && lower > upper) fault('upper', 'is less than lower');
    if (lowerQuantile !== undefined && upperQuantile !== undefined && lowerQuantile > upperQuantile) {
      fault('upperQuantile', 'is less than lowerQuantile');
    }
    if ([lower, upper, lowerQuantile, upperQuantile].every((bound) => bound === undefined)) {
      fault('lower', 'is missing: give lower, upper, lowerQuantile or upperQuantile');
    }
  });

export const clip = defineStep({
  kind: 'CLIP',
  title: 'Clip',
  summary: 'Brings numbers outside of bounds to the bounds, which are given or quantiles of the train part.',
  description: 'Brings numbers outside of bounds to the bounds; missing numbers stay missing.',
  stage: 'columns',
  rank: 3,
  isRepeatable: true,
  parameters,
  columns: {
    isColumnwise: true,
    touches: ({ columns }, known, fault) => {
      const chosen = chooseColumns(columns, known, 'number', fault);
      return { reads: chosen, writes: chosen };
    },
    fit: ({ lower, upper, lowerQuantile, upperQuantile }, inputs) => {
      const columns = asNumbers(inputs);
      const names = columns.map(({ name }) => name);
      const bounds = (bound: number | undefined, share: number | undefined, none: number) =>
        columns.map((column) => {
          if (share === undefined) return bound ?? none;
          const sorted = finiteSorted(column);
          return sorted.length === 0 ? none : quantile(sorted, share);
        });
      const [low, high] = [bounds(lower, lowerQuantile, -Infinity), bounds(upper, upperQuantile, Infinity)];
      const crossed = names.filter((_, i) => low[i] > high[i]);
      return {
        ...(crossed.length > 0 && { note: noteOn(crossed) }),
        append: (graph, { take, set }) => {
          // A comparison with a missing number is false, so that it stays missing, which Clip does not say.
          const values = take(names);
          const [least, most] = [row(graph, low), row(graph, high)];
          const raised = graph.call('Where', [graph.call('Less', [values, least]), least, values]);
          set(names, graph.call('Where', [graph.call('Greater', [raised, most]), most, raised]));
        },
      };
    },
  },
  places: {},
});

/** A bound that is given and one that is found in the rows may be the wrong way round. */
const noteOn = (columns: string[]): string =>
  `has a lower bound above the upper one in ${columns.slice(0, NAMES_MAX).map(shown).join(', ')}` +
  `${columns.length > NAMES_MAX ? ` and ${columns.length - NAMES_MAX} more` : ''}: all numbers become the upper one`;
