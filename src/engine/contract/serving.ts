/** What a served model takes and gives. */

/** Files take and give one or the other; what they take is made of either. */
export type Numbers = Float64Array | Float32Array;

/** A batch as typed columns, in the order of the model's inputs. Missing: NaN for numbers, '' for text. */
export interface InputBatch {
  rowCount: number;
  columns: (Numbers | string[])[];
}

export interface OutputBatch {
  rowCount: number;
  /** Label or number per row; of several targets row-major [rows, targets]. */
  prediction: string[] | Numbers;
  /** Row-major [rows, classes], of multilabel [rows, targets], of a sequence [rows, steps, classes]; null for numbers. */
  probabilities: Float32Array | null;
}
