/** 95 % percentile intervals by the bootstrap (Efron 1979): rows drawn with replacement, as counts per row. */
import { Random } from '../random';
import type { Scores } from '../types';
import type { Scorer } from './classification';

const RESAMPLES = 200;
/** Fewer resamples than this give no usable 2.5 % quantile. */
const RESAMPLES_MIN = 40;
/** Row visits in all, about a second of work. */
const WORK_MAX = 1e8;

/** The metrics of the rows as they are, each with its interval unless the seed is null; those undefined apart, with the reason. */
export function metricsWithIntervals(scorer: Scorer, rowCount: number, seed: number | null): Omit<Scores, 'rowCount'> {
  const values = scorer.score(new Uint8Array(rowCount).fill(1));
  const samples = seed === null ? [] : resample(scorer, rowCount, seed);
  const placed = scorer.names.map((name, m) => ({ m, name, target: scorer.targets?.[m] }));
  const nameOf = ({ name, target }: (typeof placed)[number]) => ({ name, ...(target !== undefined && { target }) });
  const metrics = placed
    .filter(({ m }) => !Number.isNaN(values[m]))
    .map((metric) => {
      const { m } = metric;
      const spread = samples.map((sample) => sample[m]).filter((v) => !Number.isNaN(v));
      spread.sort((a, b) => a - b);
      const known = spread.length >= RESAMPLES_MIN;
      return {
        ...nameOf(metric),
        value: values[m],
        lower: known ? quantile(spread, 0.025) : null,
        upper: known ? quantile(spread, 0.975) : null,
      };
    });
  const undefinedMetrics = placed
    .filter(({ m }) => Number.isNaN(values[m]))
    .map((metric) => ({ ...nameOf(metric), reason: scorer.lack(metric.m) }));
  return { metrics, undefinedMetrics };
}

function resample(scorer: Scorer, rowCount: number, seed: number): number[][] {
  const affordable = Math.min(RESAMPLES, Math.floor(WORK_MAX / Math.max(1, scorer.work)));
  if (affordable < RESAMPLES_MIN || rowCount < 2) return [];
  const random = new Random(seed, 0xb007);
  const counts = new Uint32Array(rowCount);
  return Array.from({ length: affordable }, () => {
    counts.fill(0);
    for (let i = 0; i < rowCount; i++) counts[random.below(rowCount)]++;
    return scorer.score(counts);
  });
}

/** Linear interpolation between order statistics (type 7 of Hyndman & Fan 1996); `sorted` is not empty. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}
