/** Why a column should not be a feature, in words a person can act on. */
import { shown } from '../../formats';
import { isMissing, type CategoryColumn, type Column, type NumberColumn } from '../types';
import type { Target } from '../tasks/targets/target';

/** Below this many rows a column of distinct values proves nothing. */
const ROWS_FOR_IDENTIFIER = 20;
const TEXT_LEVELS_MAX = 50;
const CORRELATION_OF_COPY = 0.9999;
const IDENTIFIER_NAME = /(^|[^a-z])(id|uuid|guid|key|index|serial|row[ _-]?(no|nr|num|number)?)$/i;

/** Which rows of a table of `rowCount` a column holds, where it is a sample of it. */
export interface Sampled {
  rowNumbers: Uint32Array;
  rowCount: number;
}

/** The reason to leave a column out that shows in the column alone, or null. */
export function emptyOrIdentifier(column: Column, sampled: Sampled | null = null): string | null {
  return emptyOrConstant(column) ?? (column.kind === 'number' ? numberReason(column, sampled) : textReason(column));
}

/** The reason that a column says nothing, or null. @param rows that count; left out: all */
export function emptyOrConstant(column: Column, rows?: Uint32Array): string | null {
  const count = rows?.length ?? (column.kind === 'number' ? column.values : column.codes).length;
  const valueOf = (row: number) => (column.kind === 'number' ? column.values[row] : column.levels[column.codes[row]]);
  let only: number | string | undefined;
  let hasGaps = false;
  for (let i = 0; i < count; i++) {
    const row = rows ? rows[i] : i;
    if (isMissing(column, row)) hasGaps = true;
    else if (only === undefined) only = valueOf(row);
    else if (only !== valueOf(row)) return null;
  }
  if (only === undefined) return 'Every value is missing.';
  return hasGaps ? null : `Every row has the same value, ${typeof only === 'number' ? only : shown(only)}.`;
}

function numberReason({ name, values }: NumberColumn, sampled: Sampled | null): string | null {
  const present = values.filter(Number.isFinite);
  if (present.length < ROWS_FOR_IDENTIFIER || !present.every(Number.isInteger)) return null;
  const sorted = Float64Array.from(present).sort();
  if (sorted.some((value, i) => i > 0 && value === sorted[i - 1])) return null;
  const range = sorted[sorted.length - 1] - sorted[0];
  const counts = sampled ? countsSampled(values, range, sampled) : countsRows(present) || range === present.length - 1;
  if (counts) {
    return 'It numbers the rows (every value once, at a constant step), so it says nothing about a new row.';
  }
  if (IDENTIFIER_NAME.test(separateWords(name))) return 'It is an identifier: a different integer in every row.';
  return null;
}

function textReason({ codes, levels }: CategoryColumn): string | null {
  const counts = new Int32Array(levels.length);
  let present = 0;
  for (const code of codes) {
    if (code < 0 || levels[code] === '') continue;
    counts[code]++;
    present++;
  }
  const distinct = counts.reduce((sum, count) => sum + Number(count > 0), 0);
  if (distinct === present && present >= ROWS_FOR_IDENTIFIER) {
    return 'It is an identifier or free text: a different value in every row.';
  }
  if (distinct > TEXT_LEVELS_MAX && distinct > present / 2) {
    return `It is nearly an identifier or free text: ${distinct} different values in ${present} rows.`;
  }
  return null;
}

/** `MachineId` and `machineID` end in the word id; `paid` and `grid` do not. */
function separateWords(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2');
}

function countsRows(values: Float64Array): boolean {
  const step = values[1] - values[0];
  return step !== 0 && values.every((value, i) => i === 0 || value - values[i - 1] === step);
}

/** Repetitions that chance would bring and that are not there: then no value stands in two rows. */
const REPETITIONS = 10;

function countsSampled(values: Float64Array, range: number, { rowNumbers, rowCount }: Sampled): boolean {
  const step = (values[1] - values[0]) / (rowNumbers[1] - rowNumbers[0]);
  if (values.every((value, i) => value - values[0] === step * (rowNumbers[i] - rowNumbers[0]))) return true;
  return range < rowCount && values.length ** 2 / (2 * (range + 1)) > REPETITIONS;
}

/** The reason when the column is the target under another name (a rescaled copy, or a renaming of its classes). */
export function copyOfTarget(column: Column, target: Target): string | null {
  if (target.labels === null) {
    if (column.kind !== 'number') return null;
    const r = correlation(column.values, target);
    return Math.abs(r) > CORRELATION_OF_COPY ? `It repeats the target (correlation ${r.toFixed(5)}).` : null;
  }
  const key: (row: number) => number =
    column.kind === 'number' ? (row) => column.values[row] : (row) => column.codes[row];
  return renamesClasses(key, target) ? 'It repeats the target: each of its values stands for one class.' : null;
}

/** True when values and classes map one to one, missing values included. */
function renamesClasses(key: (row: number) => number, { rows, values, labels }: Target): boolean {
  const classOf = new Map<number, number>();
  for (const row of rows) {
    const known = classOf.get(key(row));
    if (known === undefined) {
      if (classOf.size === labels!.length) return false;
      classOf.set(key(row), values[row]);
    } else if (known !== values[row]) return false;
  }
  return new Set(classOf.values()).size === labels!.length;
}

/** Pearson correlation over the rows where both are known; 0 when half of the rows or more are not. */
function correlation(x: Float64Array, { rows, values: y }: Target): number {
  const both = rows.filter((row) => Number.isFinite(x[row]));
  if (both.length * 2 <= rows.length) return 0;
  const mean = (v: Float64Array): number => both.reduce((sum, row) => sum + v[row], 0) / both.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (const row of both) {
    const dx = x[row] - meanX;
    const dy = y[row] - meanY;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return xx > 0 && yy > 0 ? xy / (Math.sqrt(xx) * Math.sqrt(yy)) : 0;
}
