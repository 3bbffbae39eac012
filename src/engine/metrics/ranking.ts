/** Metrics and curves that depend only on the order of the scores. Tied scores count as one threshold. */
import type { Curves } from '../types';

/** Rows ordered by falling score, cut into runs of equal scores; made once, then evaluated for any row weights. */
export interface Ranking {
  /** Row index by rank. */
  order: Uint32Array;
  /** Exclusive end rank of each run of tied scores. */
  ends: Uint32Array;
  /** The score of each run. */
  thresholds: Float64Array;
  /** 1 where the row is positive, by row. */
  positive: Uint8Array;
}

/** `scores[offset + i * stride]` is the score of row i. */
export function rank(positive: Uint8Array, scores: ArrayLike<number>, offset = 0, stride = 1): Ranking {
  const score = (row: number): number => scores[offset + row * stride];
  const order = Uint32Array.from(positive, (_, row) => row).sort((a, b) => score(b) - score(a) || a - b);
  const ends: number[] = [];
  const thresholds: number[] = [];
  for (let i = 0; i < order.length; i++) {
    if (i + 1 < order.length && score(order[i + 1]) === score(order[i])) continue;
    ends.push(i + 1);
    thresholds.push(score(order[i]));
  }
  return { order, ends: Uint32Array.from(ends), thresholds: Float64Array.from(thresholds), positive };
}

/**
 * Area under the ROC curve (Mann–Whitney, ties count half) and average precision (Σ precision · Δrecall), with row
 * weights. Both NaN when one class has no weight. One pass, O(n).
 */
export function areas(ranking: Ranking, weights: ArrayLike<number>): { rocAuc: number; averagePrecision: number } {
  let truePositives = 0;
  let falsePositives = 0;
  let area = 0;
  let precisionSum = 0;
  walk(ranking, weights, (positives, negatives) => {
    area += negatives * (truePositives + positives / 2);
    truePositives += positives;
    falsePositives += negatives;
    if (positives > 0) precisionSum += (positives * truePositives) / (truePositives + falsePositives);
  });
  if (truePositives === 0 || falsePositives === 0) return { rocAuc: NaN, averagePrecision: NaN };
  return { rocAuc: area / (truePositives * falsePositives), averagePrecision: precisionSum / truePositives };
}

/** Visits the runs of tied scores, the highest first, with the weights of either class and the exclusive end rank. */
export function walk(
  { order, ends, positive }: Ranking,
  weights: ArrayLike<number>,
  visit: (positives: number, negatives: number, end: number) => void,
): void {
  let at = 0;
  for (const end of ends) {
    let positives = 0;
    let negatives = 0;
    for (; at < end; at++) {
      const row = order[at];
      if (positive[row]) positives += weights[row];
      else negatives += weights[row];
    }
    visit(positives, negatives, end);
  }
}

export const NO_CURVES: Curves = { rocCurve: null, precisionRecallCurve: null };

const CURVE_POINTS_MAX = 200;

/**
 * Both curves at the same thresholds, falling; a row counts as predicted positive when its score is at least the
 * threshold. The ROC curve starts at (0, 0), whose threshold lies 1 above the highest score. None when a class is absent.
 */
export function curves(ranking: Ranking): Curves {
  const weights = new Uint8Array(ranking.order.length).fill(1);
  const truePositives: number[] = [0];
  const falsePositives: number[] = [0];
  walk(ranking, weights, (positives, negatives) => {
    truePositives.push(truePositives[truePositives.length - 1] + positives);
    falsePositives.push(falsePositives[falsePositives.length - 1] + negatives);
  });
  const positiveCount = truePositives[truePositives.length - 1];
  const negativeCount = falsePositives[falsePositives.length - 1];
  if (positiveCount === 0 || negativeCount === 0) return NO_CURVES;
  const kept = thin(truePositives, falsePositives);
  const threshold = (i: number): number => (i === 0 ? ranking.thresholds[0] + 1 : ranking.thresholds[i - 1]);
  const tail = kept.slice(1);
  return {
    rocCurve: {
      falsePositiveRate: kept.map((i) => falsePositives[i] / negativeCount),
      truePositiveRate: kept.map((i) => truePositives[i] / positiveCount),
      threshold: kept.map(threshold),
    },
    precisionRecallCurve: {
      precision: tail.map((i) => truePositives[i] / (truePositives[i] + falsePositives[i])),
      recall: tail.map((i) => truePositives[i] / positiveCount),
      threshold: tail.map(threshold),
    },
  };
}

/** Indices of at most CURVE_POINTS_MAX points, first and last included, at even steps along the ROC curve. */
function thin(truePositives: number[], falsePositives: number[]): number[] {
  const last = truePositives.length - 1;
  if (last < CURVE_POINTS_MAX) return truePositives.map((_, i) => i);
  const length = (i: number): number =>
    truePositives[i] / truePositives[last] + falsePositives[i] / falsePositives[last];
  const kept = [0];
  for (let i = 1; i < last; i++) {
    if (length(i) >= (kept.length * 2) / (CURVE_POINTS_MAX - 1)) kept.push(i);
  }
  if (kept.length === CURVE_POINTS_MAX) kept.pop();
  return [...kept, last];
}
