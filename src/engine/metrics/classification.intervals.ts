/** How the intervals of class scores are found. */
import type { ErrorCosts } from '../types';
import { areaUnderCurve, f1OfShare, mean, meanOf, rate, weightedSum } from './intervals';
import type { IntervalMethod, IntervalRule, RankedRows } from './intervals';

/** Class indices by row. */
export interface ClassRows {
  actual: Int32Array;
  predicted: Int32Array;
}

const flags = (rows: Int32Array, is: (row: number) => boolean): Uint8Array =>
  Uint8Array.from(rows, (_, row) => Number(is(row)));

/** Shares of the rows of one class, and of those predicted to be of it. */
export function classRates(
  { actual, predicted }: ClassRows,
  k: number,
): Record<'precision' | 'recall' | 'f1', IntervalMethod> {
  const hits = flags(actual, (row) => actual[row] === k && predicted[row] === k);
  return {
    precision: rate(
      hits,
      flags(actual, (row) => predicted[row] === k),
    ),
    recall: rate(
      hits,
      flags(actual, (row) => actual[row] === k),
    ),
    f1: rate(
      hits,
      flags(actual, (row) => actual[row] === k || predicted[row] === k),
      f1OfShare,
    ),
  };
}

/** In the order of `countMetrics`. */
export function countIntervals(rows: ClassRows, classes: number): IntervalRule[] {
  const { actual, predicted } = rows;
  const occurs = (list: Int32Array, k: number) => list.includes(k);
  const indices = Array.from({ length: classes }, (_, k) => k);
  const rates = indices.map((k) => classRates(rows, k));
  const ofTheseRows = rates.filter((_, k) => occurs(actual, k));
  const seen = rates.filter((_, k) => occurs(actual, k) || occurs(predicted, k));
  const macro = (of: keyof (typeof rates)[number]): IntervalRule => ({
    ifConstant: meanOf(seen.map((one) => one[of])),
  });
  const [, positive] = rates;
  return [
    { method: rate(flags(actual, (row) => actual[row] === predicted[row])) },
    { method: meanOf(ofTheseRows.map(({ recall }) => recall)) },
    ...(classes === 2
      ? [positive.precision, positive.recall, positive.f1].map((method) => ({ method }))
      : (['precision', 'recall', 'f1'] as const).map(macro)),
    macro('f1'),
  ];
}

/** Area under the ROC curve, and average precision, which is taken as a share of the positive rows where no row is out of order (Boyd et al. 2013). */
export const rankingIntervals = (ranked: RankedRows[]): IntervalRule[] => [
  { method: areaUnderCurve(ranked) },
  { ifConstant: meanOf(ranked.map(positivesInOrder)) },
];

function positivesInOrder({ ranking: { positive }, rows }: RankedRows): IntervalMethod {
  return (sample) => {
    const all = rows ? scattered(positive, rows, sample.rowCount) : positive;
    return rate(all, all)(sample);
  };
}

function scattered(flagged: Uint8Array, rows: Uint32Array, rowCount: number): Uint8Array {
  const all = new Uint8Array(rowCount);
  rows.forEach((row, i) => (all[row] = flagged[i]));
  return all;
}

/** In the order of `decisionScores`; what is expected over what is observed is drawn. */
export function decisionIntervals({ actual, predicted }: ClassRows, costs: ErrorCosts): (IntervalRule | null)[] {
  const wrong = (told: number) => flags(actual, (row) => predicted[row] === told && actual[row] !== told);
  const negatives = flags(actual, (row) => actual[row] === 0);
  return [
    {
      method: weightedSum([
        { method: rate(wrong(0)), weight: costs.missed },
        { method: rate(wrong(1)), weight: costs.falseAlarm },
      ]),
    },
    { method: rate(predicted) },
    { method: rate(wrong(1), negatives) },
    null,
  ];
}

export const lossIntervals = (losses: { log: Float64Array; brier: Float64Array }): IntervalRule[] => [
  { method: mean(losses.log) },
  { method: mean(losses.brier) },
];
