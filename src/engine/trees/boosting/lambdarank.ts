/**
 * The order of rows within groups: LambdaMART (Burges: From RankNet to LambdaRank to LambdaMART, 2010). Each pair of rows of
 * different grades pulls the better one up, by what the NDCG of the group would gain if the two changed places.
 */
import { bestGain, discountAt, gainOf, hasGrades, ndcgOf } from '../../metrics/order';
import type { BoostingLoss, Derivatives, Rows, Scored } from './losses';

/** Pairs without a row above this rank do not count, so that a group of n rows has at most this times n. */
const PAIRS_DEPTH = 30;
/** Of the NDCG that tells how well training goes. */
const JUDGED_DEPTH = 10;
/** Added to the difference of two scores, by which a pair counts less that is told apart already. */
const DIFFERENCE_MIN = 0.01;

export const lambdarank = (): BoostingLoss => ({
  start: (_, outputs) => new Array<number>(outputs).fill(0),
  derive: (scored, _, into, span) => {
    into.gradients.fill(0, span.from, span.to);
    into.hessians.fill(0, span.from, span.to);
    for (const group of groupsOf(scored, span, 'touching')) addPairs(group, into, span);
  },
  total: (scored, span) => {
    let [sum, count] = [0, 0];
    for (const { grades, scores } of groupsOf(scored, span, 'beginning')) {
      if (!hasGrades(grades)) continue;
      sum += 1 - ndcgOf({ grades, scores }, JUDGED_DEPTH);
      count++;
    }
    return [sum, count];
  },
});

interface Group {
  /** Of its first row. */
  first: number;
  grades: Float32Array;
  scores: Float64Array;
}

/** The groups that begin within a span of rows, or all that have a row in it. */
function* groupsOf(
  { targets: { y, starts }, scores }: Scored,
  { from, to }: Rows,
  which: 'beginning' | 'touching',
): Generator<Group> {
  const ends = starts!;
  let group = lastUpTo(ends, from);
  if (which === 'beginning' && ends[group] < from) group++;
  for (; group + 1 < ends.length && ends[group] < to; group++) {
    const [first, end] = [ends[group], ends[group + 1]];
    yield { first, grades: y.subarray(first, end), scores: scores.subarray(first, end) };
  }
}

/** The place of the last number that is at most `most`; numbers ascend, and the first one is. */
function lastUpTo(numbers: Uint32Array, most: number): number {
  let [low, high] = [0, numbers.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (numbers[middle] <= most) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Adds what the pairs of a group say of its rows within the span. */
function addPairs({ first, grades, scores }: Group, { gradients, hessians }: Derivatives, { from, to }: Rows): void {
  const best = bestGain(grades, PAIRS_DEPTH);
  if (best === 0) return;
  const size = grades.length;
  const gains = Float64Array.from(grades, gainOf);
  const discounts = Float64Array.from(grades, (_, rank) => discountAt(rank));
  const order = Uint32Array.from(grades, (_, row) => row).sort((a, b) => scores[b] - scores[a] || a - b);
  const isFlat = scores[order[0]] === scores[order[size - 1]];
  const [pulls, bends] = [new Float64Array(size), new Float64Array(size)];
  let sum = 0;
  for (let i = 0; i < Math.min(size - 1, PAIRS_DEPTH); i++) {
    for (let j = i + 1; j < size; j++) {
      const [a, b] = [order[i], order[j]];
      if (grades[a] === grades[b]) continue;
      const [high, low] = grades[a] > grades[b] ? [a, b] : [b, a];
      const difference = scores[high] - scores[low];
      const change = ((gains[high] - gains[low]) * (discounts[i] - discounts[j])) / best;
      const counts = isFlat ? change : change / (DIFFERENCE_MIN + Math.abs(difference));
      const wrong = 1 / (1 + Math.exp(difference));
      pulls[high] -= wrong * counts;
      pulls[low] += wrong * counts;
      bends[high] += wrong * (1 - wrong) * counts;
      bends[low] += wrong * (1 - wrong) * counts;
      sum += 2 * wrong * counts;
    }
  }
  // Groups of many pairs do not count that much more than those of few.
  const factor = sum > 0 ? Math.log2(1 + sum) / sum : 1;
  for (let row = Math.max(from, first); row < Math.min(to, first + size); row++) {
    gradients[row] = factor * pulls[row - first];
    hessians[row] = factor * bends[row - first];
  }
}
