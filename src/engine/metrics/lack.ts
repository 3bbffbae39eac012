/** Why a score is undefined on the rows at hand, in a sentence each. */

/** How many rows there are of two classes, and how many are taken to be of the positive one. */
export interface PairCounts {
  positives: number;
  negatives: number;
  predicted: number;
}

/** @param positive goes on from "is", such as `an anomaly` */
export function lackOfPair(name: string, { positives, negatives, predicted }: PairCounts, positive: string): string {
  if (positives + negatives === 0) return NO_VALUE;
  if (positives === 0) return `No test row is ${positive}: add such rows, or enlarge the test part.`;
  if (name === 'precision' && predicted === 0) return `No test row is predicted to be ${positive}.`;
  return `Every test row is ${positive}: add other rows, or enlarge the test part.`;
}

export const NO_VALUE = 'No test row has a value of the target.';
export const NOT_FINITE = 'Some predictions, or their errors, are not finite numbers.';

/** Precision, recall and F1 of a class; NaN where no row is of it, and precision where none is predicted to be. */
export function scoresOfClass(hit: number, actual: number, predicted: number): [number, number, number] {
  if (actual === 0) return [NaN, NaN, NaN];
  return [predicted === 0 ? NaN : hit / predicted, hit / actual, (2 * hit) / (actual + predicted)];
}
