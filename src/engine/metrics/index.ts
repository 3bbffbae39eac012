/**
 * Evaluation of held-out predictions: metrics with intervals, confusion matrix, curves. Pure; deterministic by seed, which
 * is null where no intervals are wanted.
 */
import type { AnomaliesEvaluation, ClassesEvaluation, Curves, Decision, NumbersEvaluation, Scores } from '../types';
import { metricsWithIntervals, type Drawing } from './intervals';
import { anomalyScorer } from './anomaly';
import { classificationScorer, confusion, decide, type Scorer } from './classification';
import { curves, NO_CURVES, rank } from './ranking';
import { regressionScorer } from './numbers/regression';
import { sequenceScorer, stepConfusion, type Steps } from './sequence';

export { anomalyScorer } from './anomaly';
export { classificationScorer, decisionBy, type Scorer } from './classification';
export { multilabelScorer } from './multilabel';
export { multiRegressionScorer } from './numbers/multi-regression';
export { evaluateOrder, GRADE_MAX, orderLossScorer } from './order';
export { regressionScorer } from './numbers/regression';
export { sequenceScorer } from './sequence';
export type { Drawing } from './intervals';
export { quantile } from './quantile';
export { weightsAt } from './known';
export { registerMetric, withRegisteredMetrics, type MetricDefinition, type ScoredRows } from './registry';

/**
 * @param labels class labels in the order of the probabilities; with two, the second is the positive class
 * @param actual class index per row
 * @param probabilities row-major [rows, classes]
 */
export function evaluateClassification(
  labels: string[],
  actual: Int32Array,
  probabilities: Float32Array,
  { decision, ...drawing }: Drawing & { decision?: Decision },
): ClassesEvaluation {
  const classes = labels.length;
  const scorer = classificationScorer(actual, probabilities, labels, decision);
  const ones = new Uint8Array(actual.length).fill(1);
  return {
    kind: 'classes',
    rowCount: actual.length,
    ...metricsWithIntervals(scorer, actual.length, drawing),
    confusionMatrix: { labels, counts: confusion(actual, decide(probabilities, classes, decision), classes, ones) },
    ...(classes === 2 ? curves(rank(Uint8Array.from(actual), probabilities, 1, 2)) : NO_CURVES),
  };
}

/** Actual and predicted values in the unit of the target; `variancePower` is of counts and amounts, see `devianceOf`. */
export function evaluateRegression(
  actual: Float64Array,
  predicted: ArrayLike<number>,
  { variancePower, ...drawing }: Drawing & { variancePower?: number },
): NumbersEvaluation {
  return { kind: 'numbers', ...scored(regressionScorer(actual, predicted, variancePower), actual.length, drawing) };
}

/** What every kind of evaluation has. */
export const scored = (scorer: Scorer, rowCount: number, drawing: Drawing): Scores => ({
  rowCount,
  ...metricsWithIntervals(scorer, rowCount, drawing),
});

/** Classes of the steps of sequences; as `sequenceScorer` takes them. */
export function evaluateSequences(
  labels: string[],
  actual: Steps,
  probabilities: Float32Array,
  drawing: Drawing,
): ClassesEvaluation {
  const scorer = sequenceScorer(actual, probabilities, labels.length);
  return {
    kind: 'classes',
    ...scored(scorer, actual.values.length / actual.width, drawing),
    confusionMatrix: { labels, counts: stepConfusion(actual, probabilities, labels.length) },
    ...NO_CURVES,
  };
}

/** Errors of rows, and whether each is an anomaly (0, 1 or NaN for unknown; null: nobody knows). */
export function evaluateAnomalies(
  errors: ArrayLike<number>,
  actual: Float64Array | null,
  threshold: number,
  drawing: Drawing,
): AnomaliesEvaluation {
  const scores = scored(anomalyScorer(errors, actual, threshold), errors.length, drawing);
  return { kind: 'anomalies', ...scores, ...(actual ? errorCurves(errors, actual) : NO_CURVES) };
}

/** Of the rows of which it is known. */
function errorCurves(errors: ArrayLike<number>, actual: Float64Array): Curves {
  const known = Uint32Array.from(actual.keys()).filter((row) => !Number.isNaN(actual[row]));
  const positive = Uint8Array.from(known, (row) => actual[row]);
  const scores = Float32Array.from(known, (row) => errors[row]);
  return curves(rank(positive, scores));
}
