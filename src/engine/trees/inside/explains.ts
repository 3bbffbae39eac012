/** How the score of a row is divided among the columns that trees read. */

/** A row by the bins of its columns, which begin at `at`. */
export interface BinnedRow {
  bins: Uint8Array;
  at: number;
  columns: number;
}

export interface Explains {
  /** By output: what is answered where nothing of a row is known. */
  readonly base: readonly number[];
  /** Adds what each column adds to the scores, row-major [outputs, columns]. */
  add(row: BinnedRow, values: Float64Array): void;
}
