/** Scores with their 95 % intervals; which method is whose is said in docs/decisions/0093-intervals-that-cover.md. */
import type { Scores } from '../../types';
import type { Scorer } from '../classification';
import { drawnInterval, resample, type Resampled } from './bca';
import type { Interval } from './interval';
import { Sample, unitsOf } from './sample';

export { areaUnderCurve, type RankedRows } from './area';
export { amongRows, meanOf, weightedSum, type IntervalMethod, type IntervalRule } from './interval';
export { mean } from './mean';
export { median } from './median';
export { f1OfShare, rate } from './rate';

/** What intervals are drawn by. */
export interface Drawing {
  /** Null: no intervals. */
  seed: number | null;
  /** Of each row, the group whose rows depend on each other; left out: rows do not. */
  dependent?: ArrayLike<number>;
  /** How much each row counts; left out: all the same. */
  weights?: ArrayLike<number>;
}

/** Of rows that count differently: a closed form of an interval is of rows that count the same. */
const weighted = (scorer: Scorer, rowWeights: ArrayLike<number>): Scorer => ({
  ...scorer,
  intervals: scorer.intervals?.map((rule) => rule && { ifConstant: rule.ifConstant }),
  score: (weights) => scorer.score(Float64Array.from(rowWeights, (each, row) => each * weights[row])),
});

/** The metrics of the rows as they are, each with its interval unless the seed is null; those undefined apart, with the reason. */
export function metricsWithIntervals(
  plain: Scorer,
  rowCount: number,
  { seed, dependent, weights }: Drawing,
): Omit<Scores, 'rowCount'> {
  const scorer = weights ? weighted(plain, weights) : plain;
  const values = scorer.score(new Uint8Array(rowCount).fill(1));
  const sample = seed === null ? null : new Sample(rowCount, seed, dependent ? unitsOf(dependent) : null);
  const intervalOf = sample ? intervals(scorer, values, sample) : () => null;
  const placed = scorer.names.map((name, m) => ({ m, name, target: scorer.targets?.[m] }));
  const nameOf = ({ name, target }: (typeof placed)[number]) => ({ name, ...(target !== undefined && { target }) });
  const isDefined = ({ m }: { m: number }): boolean => !Number.isNaN(values[m]);
  return {
    metrics: placed.filter(isDefined).map((metric) => {
      const found = intervalOf(metric.m);
      return {
        ...nameOf(metric),
        value: values[metric.m],
        lower: found?.lower ?? null,
        upper: found?.upper ?? null,
      };
    }),
    undefinedMetrics: placed
      .filter((metric) => !isDefined(metric))
      .map((metric) => ({ ...nameOf(metric), reason: scorer.lack(metric.m) })),
  };
}

/** Rows are drawn anew only where a score asks for it, and then for all. */
function intervals(scorer: Scorer, values: number[], sample: Sample): (m: number) => Interval | null {
  let drawn: Resampled | null = null;
  return (m) => {
    const rule = scorer.intervals?.[m];
    const found = sample.count > 1 ? rule?.method?.(sample) : null;
    if (found) return found;
    drawn ??= resample(scorer, values, sample);
    const interval = drawnInterval(drawn, m);
    return (interval?.isConstant && rule?.ifConstant?.(sample)) || interval;
  };
}
