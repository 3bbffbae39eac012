/** What a served model takes and gives. */

/** Files take and give one or the other; what they take is made of either. */
export type Numbers = Float64Array | Float32Array;

/** A batch as typed columns, in the order of the model's inputs. Missing: NaN for numbers, '' for text. */
export interface InputBatch {
  rowCount: number;
  columns: (Numbers | string[])[];
}

/** Numbers, or errors of a reconstruction. */
export interface NumbersOutput {
  kind: 'numbers';
  rowCount: number;
  /** Row-major [rows, targets]. */
  prediction: Numbers;
}

export interface LabelsOutput {
  kind: 'labels';
  rowCount: number;
  /** Row-major [rows, targets]. */
  prediction: string[];
  /** Row-major [rows, classes], of multilabel [rows, targets], of a sequence [rows, steps, classes]. */
  probabilities: Float32Array;
}

/** What a model answers for a batch. What is done with its rows is a table by kind (output-rows.ts). */
export type OutputBatch = NumbersOutput | LabelsOutput;
