import { z } from 'zod';
import type { History } from '../../history/history';
import type { Column } from '../../types';
import { defineStep } from '../definition';
import { HISTORY_COLUMNS_MAX, historyColumns, unitFields } from './unit-fields';

/** Rows before a row that it may be told of; `predict` takes some more. */
const LAG_MAX = 1000;
const LAGS_MAX = 100;

const parameters = z
  .strictObject({
    ...unitFields,
    columns: historyColumns.describe(
      'Columns whose earlier values become features; the target may be one of them, and columns that are dropped.',
    ),
    rows: z
      .array(z.int().min(1).max(LAG_MAX))
      .min(1)
      .max(LAGS_MAX)
      .default([1])
      .describe(`How many rows of the entity before: 1 is the row before. 1 to ${LAG_MAX}.`),
  })
  .refine(({ columns, rows }) => columns.length * rows.length <= HISTORY_COLUMNS_MAX, {
    message: `makes more than ${HISTORY_COLUMNS_MAX} columns`,
  });

export const lag = defineStep({
  kind: 'LAG',
  title: 'Lag',
  summary: 'Makes columns of the values that earlier rows of the same entity have.',
  description:
    'Makes columns of the values that earlier rows of the same entity have: `x_lag_1` is x of the row before. Missing where ' +
    'there is no such row. `predict` takes entities with their rows.',
  stage: 'rows',
  rank: 0.5,
  isRepeatable: true,
  parameters,
  rows: {
    atServing: 'repeat',
    unit: ({ key, order }) => ({ key, order }),
    makes: ({ columns, rows }) =>
      columns.flatMap((reads, i) =>
        rows.map((back) => ({
          ...{ name: `${reads}_lag_${back}`, reads, path: `.columns[${i}]`, takes: null, readsCurrent: false },
          compute: (history, column, places) => copied(column, earlierRows(history, places, back)),
        })),
      ),
  },
  places: {},
});

/** -1 where the entity has no row so far back. */
function earlierRows({ rows, firsts }: History, places: Uint32Array, back: number): Int32Array {
  return Int32Array.from(places, (place) => (place - back >= firsts[place] ? rows[place - back] : -1));
}

function copied(column: Column, rows: Int32Array): Column {
  if (column.kind === 'number') {
    return { ...column, values: Float64Array.from(rows, (row) => (row < 0 ? NaN : column.values[row])) };
  }
  return { ...column, codes: rows.map((row) => (row < 0 ? -1 : column.codes[row])) };
}
