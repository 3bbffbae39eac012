/**
 * Areas under ROC curves, by the variance of DeLong, DeLong & Clarke-Pearson (1988) on the scale of the logit; where that is 0, as
 * where no row is out of order, by the score interval of Newcombe (2006, method 5).
 */
import type { Interval, IntervalMethod } from './interval';
import { solve, studentQuantile, Z } from './normal';
import { walk, type Ranking } from '../ranking';
import type { Sample } from './sample';

export interface RankedRows {
  ranking: Ranking;
  /** The rows that are ranked; null: all. */
  rows: Uint32Array | null;
}

/** The mean of the areas that are defined. */
export const areaUnderCurve =
  (ranked: RankedRows[]): IntervalMethod =>
  (sample) => {
    const areas = ranked
      .map((one) => ({ ...one, ...influences(one.ranking) }))
      .filter(({ area }) => !Number.isNaN(area));
    if (areas.length === 0) return null;
    const perRow = new Float64Array(sample.rowCount);
    for (const { rows, influence } of areas) {
      influence.forEach((value, i) => (perRow[rows ? rows[i] : i] += value / areas.length));
    }
    const value = areas.reduce((sum, { area }) => sum + area, 0) / areas.length;
    const variance = sample.sums(perRow).reduce((sum, one) => sum + one * one, 0);
    if (value > 0 && value < 1 && variance > 0) return onLogit(value, variance, sample);
    if (value > 0 && value < 1) return { value, lower: value, upper: value };
    const fewest = Math.min(...areas.map(({ ranking }) => fewestOf(ranking)));
    return scoreInterval(value, fewest, areas[0].ranking.positive.length - fewest);
  };

function onLogit(value: number, variance: number, { unitOf, count }: Sample): Interval {
  const t = unitOf ? studentQuantile(Math.max(1, count - 1)) : Z;
  const corrected = unitOf ? (variance * count) / Math.max(1, count - 1) : variance;
  const [logit, half] = [Math.log(value / (1 - value)), (t * Math.sqrt(corrected)) / (value * (1 - value))];
  const share = (x: number): number => 1 / (1 + Math.exp(-x));
  return { value, lower: share(logit - half), upper: share(logit + half) };
}

/** What each row moves the area by; squares add up to its variance. */
function influences(ranking: Ranking): { area: number; influence: Float64Array } {
  const { positive, order } = ranking;
  const positives = positive.reduce((sum, flag) => sum + flag, 0);
  const negatives = positive.length - positives;
  const placed = new Float64Array(positive.length);
  let [above, below, start, sum] = [0, negatives, 0, 0];
  walk(ranking, new Uint8Array(positive.length).fill(1), (inRun, others, end) => {
    below -= others;
    for (let at = start; at < end; at++) {
      const row = order[at];
      placed[row] = positive[row] ? (below + others / 2) / negatives : (above + inRun / 2) / positives;
      if (positive[row]) sum += placed[row];
    }
    above += inRun;
    start = end;
  });
  const area = negatives === 0 ? NaN : sum / positives;
  const per = (count: number): number => 1 / Math.sqrt(count * Math.max(1, count - 1));
  return { area, influence: placed.map((place, row) => (place - area) * per(positive[row] ? positives : negatives)) };
}

function fewestOf({ positive }: Ranking): number {
  const positives = positive.reduce((sum, flag) => sum + flag, 0);
  return Math.min(positives, positive.length - positives);
}

/** Areas from which this one is as far as their spread makes likely. */
export function scoreInterval(value: number, first: number, second: number): Interval {
  const half = (first + second) / 2 - 1;
  const distance = (area: number): number => {
    const spread = 1 + (half * (1 - area)) / (2 - area) + (half * area) / (1 + area);
    return Z * Math.sqrt((area * (1 - area) * spread) / (first * second));
  };
  return {
    value,
    lower: value === 0 ? 0 : solve((area) => area + distance(area) - value, 0, value),
    upper: value === 1 ? 1 : solve((area) => area - distance(area) - value, value, 1),
  };
}
