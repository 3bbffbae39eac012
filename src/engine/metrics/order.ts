/**
 * How well scores put the rows of a group in order. Rows of one score count as the mean over all their orders, so that one score
 * for all is worth what a random order is.
 */
import type { NumbersEvaluation } from '../types';
import { mean, metricsWithIntervals, rate } from './intervals';
import { weightedMean, type Scorer } from './classification';

/** A larger grade would be worth more than all others of a group together by far: 2^30. */
export const GRADE_MAX = 30;

/** Of the rows of a group. */
export interface GroupOrder {
  grades: ArrayLike<number>;
  scores: ArrayLike<number>;
}

/** What a row of a grade is worth (Burges et al.: Learning to Rank using Gradient Descent, 2005). */
export const gainOf = (grade: number): number => 2 ** grade - 1;
/** What counts of it at a rank, from 0. */
export const discountAt = (rank: number): number => 1 / Math.log2(rank + 2);

/** What the best order is worth, of ranks below `depth`. */
export function bestGain(grades: ArrayLike<number>, depth: number): number {
  const sorted = Float64Array.from(grades).sort().reverse();
  let sum = 0;
  for (let rank = 0; rank < Math.min(depth, sorted.length); rank++) sum += gainOf(sorted[rank]) * discountAt(rank);
  return sum;
}

/** Normalized discounted cumulative gain of ranks below `depth`; NaN where no grade is above 0. */
export function ndcgOf(group: GroupOrder, depth = Infinity): number {
  const { grades } = group;
  let sum = 0;
  for (const { from, rows } of ties(group)) {
    if (from >= depth) break;
    const gain = rows.reduce((total, row) => total + gainOf(grades[row]), 0) / rows.length;
    for (let rank = from; rank < Math.min(depth, from + rows.length); rank++) sum += gain * discountAt(rank);
  }
  return sum / bestGain(grades, depth);
}

/** The mean, over the rows of a grade above 0, of the share of such rows down to them. */
export function averagePrecisionOf(group: GroupOrder): number {
  let [sum, found] = [0, 0];
  for (const { from, rows } of ties(group)) {
    const suiting = rows.filter((row) => group.grades[row] > 0).length;
    const others = Math.max(1, rows.length - 1);
    for (let i = 0; i < rows.length; i++) {
      const before = found + (i * (suiting - 1)) / others;
      sum += ((suiting / rows.length) * (before + 1)) / (from + i + 1);
    }
    found += suiting;
  }
  return sum / found;
}

/** One divided by the rank, from 1, of the first row of a grade above 0. */
export function reciprocalRankOf(group: GroupOrder): number {
  for (const { from, rows } of ties(group)) {
    const suiting = rows.filter((row) => group.grades[row] > 0).length;
    if (suiting === 0) continue;
    let [sum, left] = [0, 1];
    for (let i = 0; i <= rows.length - suiting; i++) {
      const first = (left * suiting) / (rows.length - i);
      sum += first / (from + i + 1);
      left -= first;
    }
    return sum;
  }
  return NaN;
}

/** Rows of one score each, the highest first; `from` is the rank of the first of them. */
function* ties({ grades, scores }: GroupOrder): Generator<{ from: number; rows: number[] }> {
  const order = Array.from(grades, (_, row) => row).sort((a, b) => scores[b] - scores[a]);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && scores[order[to]] === scores[order[from]]) to++;
    yield { from, rows: order.slice(from, to) };
    from = to;
  }
}

/** Whether there is an order to find. */
export const hasGrades = (grades: ArrayLike<number>): boolean => {
  for (let i = 1; i < grades.length; i++) if (grades[i] !== grades[0]) return true;
  return false;
};

const METRICS: Record<string, (group: GroupOrder) => number> = {
  ndcgAt5: (group) => ndcgOf(group, 5),
  ndcgAt10: (group) => ndcgOf(group, 10),
  ndcg: (group) => ndcgOf(group),
  meanAveragePrecision: averagePrecisionOf,
  meanReciprocalRank: reciprocalRankOf,
};

/** Grades, scores and numbers of groups by row. */
export interface RankedRows {
  values: Float64Array;
  groups: Uint32Array;
}

/** Means over the groups whose grades differ; asked with a weight for each of these groups. */
function orderScorer(
  { values, groups }: RankedRows,
  scores: ArrayLike<number>,
): Scorer & { groupCount: number; leftOut: number } {
  const rowsOf = new Map<number, number[]>();
  groups.forEach((group, row) => {
    const rows = rowsOf.get(group);
    if (rows) rows.push(row);
    else rowsOf.set(group, [row]);
  });
  const orders = [...rowsOf.values()]
    .map((rows) => ({ grades: rows.map((row) => values[row]), scores: rows.map((row) => scores[row]) }))
    .filter(({ grades }) => hasGrades(grades));
  const names = Object.keys(METRICS);
  const found = names.map((name) => Float64Array.from(orders, METRICS[name]));
  return {
    names,
    groupCount: orders.length,
    leftOut: rowsOf.size - orders.length,
    work: orders.length * names.length,
    intervals: found.map((of) => ({ method: of.every((value) => value === 1) ? rate(of) : mean(of) })),
    score: (weights) => found.map((of) => weightedMean(of, weights)),
    lack: () => 'No group of the test rows has rows of different grades: add rows, or enlarge the test part.',
  };
}

/** Whole groups are drawn for the intervals, as rows of one depend on each other. */
export function evaluateOrder(rows: RankedRows, scores: ArrayLike<number>, seed: number | null): NumbersEvaluation {
  const scorer = orderScorer(rows, scores);
  const { groupCount: scored, leftOut } = scorer;
  return {
    kind: 'numbers',
    rowCount: rows.groups.length,
    ...metricsWithIntervals(scorer, scored, { seed }),
    rankedGroups: { scored, leftOut },
  };
}

/** What trainings are compared by, lower is better: what is missing of the best order's worth. */
export function orderLossScorer(rows: RankedRows, scores: ArrayLike<number>): Scorer {
  const { groupCount, ...scorer } = orderScorer(rows, scores);
  const at = scorer.names.indexOf('ndcgAt10');
  const ones = new Uint8Array(groupCount).fill(1);
  return { ...scorer, names: ['ndcgLoss'], score: () => [1 - scorer.score(ones)[at]] };
}
