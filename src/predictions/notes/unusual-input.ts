import { PraxisError, type Issue } from '../../kernel';
import type { GivenRows } from '../rows/given-rows';
import type { Notes } from './input.notes';
import type { ServedModel } from '../served-model';

const ISSUES_MAX = 20;
const HINT = 'check the value and its unit; this deployment does not answer what its model has not seen in training';

export const notesOn = ({ notes, fields }: ServedModel, input: GivenRows): Notes =>
  notes.take(input.columns(fields), input.rowCount);

/** Throws VALIDATION_FAILED that lists at most 20 values, when a row holds what the model has not seen. */
export function refuseUnusual({ notes, fields }: ServedModel, input: GivenRows): void {
  const issues: Issue[] = [];
  let [rowCount, faultCount] = [0, 0];
  for (const { row, count, notes: found } of notes.refused(input.columns(fields), input.rowCount)) {
    rowCount++;
    faultCount += count;
    if (issues.length === ISSUES_MAX) continue;
    const listed = found(ISSUES_MAX - issues.length);
    issues.push(...listed.map(({ column, message }) => ({ path: input.path(row, column), message, hint: HINT })));
  }
  if (rowCount === 0) return;
  const rows = `${rowCount} of ${input.rowCount} rows ${rowCount === 1 ? 'holds' : 'hold'}`;
  const [{ path, message }] = issues;
  const summary = `${rows} input that the model has not seen in training. First: ${path} ${message}.`;
  throw new PraxisError('VALIDATION_FAILED', summary, { issues, faultCount });
}
