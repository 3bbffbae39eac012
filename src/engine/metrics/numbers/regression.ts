/** Errors of numeric predictions, with row weights, in the unit of the target. */
import { magnitude } from '../../magnitude';
import { devianceName, devianceOf } from './deviance';
import { NO_VALUE, NOT_FINITE } from '../lack';
import { weightedMean, type Scorer } from '../classification';
import { mean, median } from '../intervals';

const NUMBER_METRICS = ['mae', 'rmse', 'r2', 'medianAbsoluteError'];

/**
 * R² is NaN when all actual values under the weights are equal.
 * @param variancePower of counts and amounts, which have a deviance as well; left out: any numbers
 */
export function regressionScorer(actual: Float64Array, predicted: ArrayLike<number>, variancePower?: number): Scorer {
  const names = variancePower === undefined ? NUMBER_METRICS : [...NUMBER_METRICS, devianceName(variancePower)];
  const deviances =
    variancePower === undefined ? null : actual.map((a, i) => devianceOf(a, predicted[i], variancePower));
  const absolute = actual.map((a, i) => Math.abs(a - predicted[i]));
  // Squares of the largest numbers would be infinite.
  const unit = magnitude(absolute.reduce((most, e) => Math.max(most, e), 0));
  const squared = absolute.map((e) => (e / unit) ** 2);
  const scaled = actual.map((a) => (a - actual[0]) / unit);
  const byError = Uint32Array.from(absolute, (_, i) => i).sort((a, b) => absolute[a] - absolute[b] || a - b);
  return {
    names,
    work: actual.length * names.length,
    score: (weights) => {
      const meanSquare = weightedMean(squared, weights);
      return [
        weightedMean(absolute, weights),
        Math.sqrt(meanSquare) * unit,
        1 - meanSquare / variance(scaled, weights),
        weightedMedian(absolute, byError, weights),
        ...(deviances ? [weightedMean(deviances, weights)] : []),
      ].map((value) => (Number.isFinite(value) ? value : NaN));
    },
    intervals: [
      { method: mean(absolute) },
      { method: mean(squared, { as: (square) => Math.sqrt(square) * unit }) },
      { method: mean(squared, { among: squaredDeviations(scaled), as: (share) => 1 - share, onLog: true }) },
      { method: median(absolute) },
      ...(deviances ? [{ method: mean(deviances) }] : []),
    ],
    lack: (m) => (m < NUMBER_METRICS.length ? lackOfNumbers(names[m], actual) : lackOfDeviance(actual)),
  };
}

const lackOfDeviance = (actual: Float64Array): string =>
  actual.length === 0 ? NO_VALUE : 'A deviance is of targets that are 0 or more, and of answers above 0.';

function lackOfNumbers(name: string, actual: Float64Array): string {
  if (actual.length === 0) return NO_VALUE;
  if (name === 'r2' && actual.every((value) => value === actual[0])) {
    return 'Every test row has the same value of the target: add other rows, or enlarge the test part.';
  }
  return NOT_FINITE;
}

function squaredDeviations(values: Float64Array): Float64Array {
  const center = weightedMean(values, new Uint8Array(values.length).fill(1));
  return values.map((value) => (value - center) ** 2);
}

function variance(values: Float64Array, weights: ArrayLike<number>): number {
  const mean = weightedMean(values, weights);
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    sum += weights[i] * (values[i] - mean) ** 2;
    total += weights[i];
  }
  return sum / total;
}

/** The median of the values repeated `weights` times; the mean of the middle two for an even total. */
function weightedMedian(values: Float64Array, order: Uint32Array, weights: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += weights[i];
  let passed = 0;
  let lower = NaN;
  for (const i of order) {
    passed += weights[i];
    if (Number.isNaN(lower) && passed * 2 >= total) lower = values[i];
    if (passed * 2 > total) return (lower + values[i]) / 2;
  }
  return lower;
}
