import { shown } from '../../formats';
import { EngineError, type Column } from '../types';

const isMissing = (column: Column, row: number): boolean =>
  column.kind === 'number' ? Number.isNaN(column.values[row]) : column.codes[row] < 0;

/** Throws EngineError where the column of a split is empty: such a row belongs to no part. */
export function checkFilled(column: Column, rows: Uint32Array, what: string): void {
  const missing = rows.filter((row) => isMissing(column, row));
  if (missing.length === 0) return;
  const [first] = missing;
  const where = missing.length === 1 ? `row ${first + 1}` : `${missing.length} rows; the first is row ${first + 1}`;
  throw new EngineError(
    `${what} column ${shown(column.name)} is missing in ${where}.`,
    'split.column',
    'Fill it in, or leave such rows out by a step FILTER: not isMissing(…).',
  );
}
