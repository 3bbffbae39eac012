/** Values of several targets, row-major, of which some are missing. */

/** [rows, width]; NaN where unknown. */
export interface Steps {
  values: Float64Array;
  width: number;
}

/** The rows whose value of a target is known. */
export function knownRowsOf({ values, width }: Steps, target: number): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row * width < values.length; row++) if (!Number.isNaN(values[row * width + target])) rows.push(row);
  return Uint32Array.from(rows);
}

/** What each of these rows weighs. */
export const weightsAt = (rows: Uint32Array, weights: ArrayLike<number>): Float64Array =>
  Float64Array.from(rows, (row) => weights[row]);
