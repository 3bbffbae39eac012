/** Evaluation of held-out predictions: metrics with intervals, confusion matrix, curves. Pure; deterministic by seed. */
import type { Evaluation } from '../types';
import { metricsWithIntervals } from './bootstrap';
import { argmax, classificationScorer, confusion } from './classification';
import { curves, rank } from './ranking';
import { regressionScorer } from './regression';

export { classificationScorer, type Scorer } from './classification';
export { regressionScorer } from './regression';
export { quantile } from './bootstrap';

/**
 * @param labels class labels in the order of the probabilities; with two, the second is the positive class
 * @param actual class index per row
 * @param probabilities row-major [rows, classes]
 */
export function evaluateClassification(
  labels: string[],
  actual: Int32Array,
  probabilities: Float32Array,
  seed: number,
): Evaluation {
  const classes = labels.length;
  const scorer = classificationScorer(actual, probabilities, classes);
  const ones = new Uint8Array(actual.length).fill(1);
  const lines = classes === 2 ? curves(rank(Uint8Array.from(actual), probabilities, 1, 2)) : null;
  return {
    rowCount: actual.length,
    metrics: metricsWithIntervals(scorer, actual.length, seed),
    confusionMatrix: { labels, counts: confusion(actual, argmax(probabilities, classes), classes, ones) },
    rocCurve: lines?.roc ?? null,
    precisionRecallCurve: lines?.precisionRecall ?? null,
  };
}

/** Actual and predicted values in the unit of the target. */
export function evaluateRegression(actual: Float64Array, predicted: ArrayLike<number>, seed: number): Evaluation {
  return {
    rowCount: actual.length,
    metrics: metricsWithIntervals(regressionScorer(actual, predicted), actual.length, seed),
    confusionMatrix: null,
    rocCurve: null,
    precisionRecallCurve: null,
  };
}
