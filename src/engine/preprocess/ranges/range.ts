/** What an input has seen in training: the range of a number, and how often a value was missing. */
import { isMissing, type Column, type InputField, type NumberColumn } from '../../types';

/** Of the finite values; null where there is none. */
export function rangeOf(values: Float64Array, rows: Uint32Array): [number, number] | null {
  let [minimum, maximum] = [Infinity, -Infinity];
  for (const row of rows) {
    if (!Number.isFinite(values[row])) continue;
    minimum = Math.min(minimum, values[row]);
    maximum = Math.max(maximum, values[row]);
  }
  return minimum <= maximum ? [minimum, maximum] : null;
}

/** The share of the rows in which a column is missing. */
export function missingFraction(column: Column, rows: Uint32Array): number {
  let missing = 0;
  for (const row of rows) missing += Number(isMissing(column, row));
  return rows.length === 0 ? 0 : missing / rows.length;
}

/** Of a number of the table. */
export function numberField(column: NumberColumn, rows: Uint32Array, fill: number | null): InputField {
  const [minimum, maximum] = rangeOf(column.values, rows) ?? [null, null];
  const seen = { minimum, maximum, levels: null, fill, missingFraction: missingFraction(column, rows) };
  return { name: column.name, type: 'number', elementType: 'float64', ...seen };
}

/** Takes in further rows that are trained on, where the inputs were fitted to a sample. */
export function widenRanges(inputs: InputField[], columns: Column[], rows: Uint32Array): void {
  const byName = new Map(columns.map((column) => [column.name, column]));
  for (const input of inputs) {
    const column = byName.get(input.name);
    if (column?.kind !== 'number') continue;
    const range = rangeOf(column.values, rows);
    if (range === null) continue;
    const [minimum, maximum] = range;
    input.minimum = Math.min(input.minimum ?? minimum, minimum);
    input.maximum = Math.max(input.maximum ?? maximum, maximum);
  }
}
