/** Rows of two parts as those of one. */
import type { ColumnRows } from '../learning/fit';

/** In the order of the table, as those of each part are. */
export function joinRows(a: ColumnRows, b: ColumnRows): ColumnRows {
  const rows = a.rows + b.rows;
  const targets = a.y.length / a.rows;
  const at = new Uint32Array(rows);
  const y = new Float32Array(rows * targets);
  const groups = a.groups && b.groups && new Uint32Array(rows);
  const weight = a.weight || b.weight ? new Float32Array(rows * targets).fill(1) : null;
  let [i, j] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const [part, place] = j === b.rows || (i < a.rows && a.at[i] < b.at[j]) ? ([a, i++] as const) : ([b, j++] as const);
    at[row] = part.at[place];
    if (groups) groups[row] = part.groups![place];
    const values = (of: Float32Array) => of.subarray(place * targets, (place + 1) * targets);
    y.set(values(part.y), row * targets);
    if (part.weight) weight!.set(values(part.weight), row * targets);
  }
  return { rows, width: a.width, columns: a.columns, at, y, weight, ...(groups && { groups }) };
}
