import { shown } from '../../formats';
import { EngineError, isMissing } from '../types';
import type { Division } from './definition';

/** Throws EngineError where the column of a split is empty: such a row belongs to no part. */
export function checkFilled(
  { column, target: { rows }, numberOf }: Pick<Division<unknown>, 'column' | 'target' | 'numberOf'>,
  what: string,
): void {
  const missing = rows.filter((row) => isMissing(column!, row));
  if (missing.length === 0) return;
  const first = numberOf(missing[0]);
  const where = missing.length === 1 ? `row ${first}` : `${missing.length} rows; the first is row ${first}`;
  throw new EngineError(
    `${what} column ${shown(column!.name)} is missing in ${where}.`,
    'split.column',
    'Fill it in, or leave such rows out by a step FILTER: not isMissing(…).',
  );
}
