import { z } from 'zod';
import { HistoryFault, type HistoryColumn } from '../../history/definition';
import type { History } from '../../history/history';
import { lengthOf, textFault } from '../../splits/length';
import { defineStep } from '../definition';
import { HISTORY_COLUMNS_MAX, historyColumns, unitFields } from './unit-fields';

const WINDOW_ROWS_MAX = 1000;
/** As many as `predict` takes. */
const SPAN_ROWS_MAX = 10_000;

/** Of the values that are not missing, in their order; NaN is missing. */
const FUNCTIONS = {
  mean: (values: readonly number[]) => sum(values) / values.length,
  sum: (values: readonly number[]) => (values.length === 0 ? NaN : sum(values)),
  min: (values: readonly number[]) =>
    values.reduce((least, value) => (value < least ? value : least), values[0] ?? NaN),
  max: (values: readonly number[]) => values.reduce((most, value) => (value > most ? value : most), values[0] ?? NaN),
  count: (values: readonly number[]) => values.length,
  std: (values: readonly number[]) => Math.sqrt(squares(values) / (values.length - 1)),
};
type FunctionName = keyof typeof FUNCTIONS;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** From the mean, summed once it is known: digits are not lost where values are large and near one another. */
function squares(values: readonly number[]): number {
  const mean = FUNCTIONS.mean(values);
  return values.reduce((total, value) => total + (value - mean) ** 2, 0);
}

const parameters = z
  .strictObject({
    ...unitFields,
    columns: historyColumns.describe(
      'Columns of numbers; columns that are dropped may be among them, and the target where current is false.',
    ),
    rows: z
      .int()
      .min(1)
      .max(WINDOW_ROWS_MAX)
      .optional()
      .describe(
        `How many rows of the entity the window holds, 1 to ${WINDOW_ROWS_MAX}; fewer where it has fewer so far.`,
      ),
    span: z
      .union([z.number(), z.string().max(100)])
      .refine((span) => (lengthOf(span) ?? 0) > 0, 'expected a number above 0, or a duration such as P7D or PT12H')
      .optional()
      .describe(
        'In place of rows: rows that are less than this before. An ISO 8601 duration, or a number in the unit of the order: ' +
          `milliseconds for times and dates. A run whose window holds more than ${SPAN_ROWS_MAX} rows is refused.`,
      ),
    functions: z
      .array(z.enum(Object.keys(FUNCTIONS) as [FunctionName, ...FunctionName[]]))
      .min(1)
      .default(['mean'])
      .describe(
        'What is made of the values that are not missing. Without any: count is 0, all others missing. std is that of a ' +
          'sample, missing for one value.',
      ),
    current: z.boolean().default(true).describe('The row itself is in the window; false: only rows before it.'),
  })
  .superRefine(({ columns, functions, rows, span }, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (rows === undefined && span === undefined) fault('rows', 'is missing: give rows or span');
    if (rows !== undefined && span !== undefined) fault('span', 'is given beside rows: give one of the two');
    if (columns.length * functions.length > HISTORY_COLUMNS_MAX)
      fault('columns', `makes more than ${HISTORY_COLUMNS_MAX} columns`);
  });

type Parameters = z.output<typeof parameters>;

export const window = defineStep({
  kind: 'WINDOW',
  title: 'Window',
  summary: 'Makes columns of the last rows of the same entity: their mean, sum, least, largest, number or deviation.',
  description:
    'Makes columns of the last rows of the same entity, or of those of a span of time: `x_mean_last_7` is the mean of x. ' +
    '`predict` takes entities with their rows.',
  stage: 'rows',
  rank: 0.6,
  isRepeatable: true,
  parameters,
  rows: {
    atServing: 'repeat',
    unit: ({ key, order }) => ({ key, order }),
    makes: (parameters) =>
      parameters.columns.flatMap((reads, i) =>
        parameters.functions.map((name) => madeBy(parameters, { reads, path: `.columns[${i}]`, name })),
      ),
    check: ({ span, order }, columns, fault) => {
      const wrong = textFault(span, columns.find(({ name }) => name === order)?.traits);
      if (wrong) fault('.span', wrong.message, wrong.hint);
    },
  },
  places: {},
});

function madeBy(
  { rows, span, current }: Parameters,
  { name, ...column }: Pick<HistoryColumn, 'reads' | 'path'> & { name: FunctionName },
): HistoryColumn {
  const fold = FUNCTIONS[name];
  const firstOf = rows === undefined ? withinSpan(lengthOf(span!)!) : withinRows(current ? rows : rows + 1);
  return {
    ...column,
    name: `${column.reads}_${name}_${current ? 'last' : 'before'}_${rows ?? span}`,
    takes: 'number',
    readsCurrent: current,
    compute: (history, column, places) => {
      if (column.kind !== 'number') throw new Error(`Column ${column.name} holds texts.`);
      const values = Float64Array.from(places, (place) => {
        const [first, end] = [firstOf(history, place), current ? place + 1 : place];
        const held: number[] = [];
        for (let at = first; at < end; at++) {
          const value = column.values[history.rows[at]];
          if (!Number.isNaN(value)) held.push(value);
        }
        const result = fold(held);
        return Number.isFinite(result) ? result : NaN;
      });
      return { name: column.name, kind: 'number', values };
    },
  };
}

type FirstOf = (history: History, place: number) => number;

/** @param count the row itself is one of them */
const withinRows =
  (count: number): FirstOf =>
  ({ firsts }, place) =>
    Math.max(firsts[place], place - count + 1);

const withinSpan =
  (length: number): FirstOf =>
  ({ rows, firsts, orders }, place) => {
    const start = orders[rows[place]] - length;
    let first = place;
    while (first > firsts[place] && orders[rows[first - 1]] > start) first--;
    if (place - first < SPAN_ROWS_MAX) return first;
    throw new HistoryFault(
      `A window holds more than ${SPAN_ROWS_MAX} rows of one entity.`,
      'Take a shorter span, which predict can be sent the rows of.',
    );
  };
