/**
 * Intervals of any score by drawing units anew: BCa, percentiles corrected for bias and for how the spread changes with the score (Efron
 * 1987). Of many units a normal interval with the spread of the draws.
 */
import type { Scorer } from '../classification';
import { quantile } from '../quantile';
import type { Interval } from './interval';
import { normalQuantile, normalShare, Z } from './normal';
import { DRAWS_MIN, type Sample } from './sample';

/** Units that are left out one by one, or by as many blocks, to find the acceleration. */
const BLOCKS_MAX = 200;

/** What the whole sample scores, and what parts of it do. */
export interface Resampled {
  values: number[];
  draws: number[][];
  /** Without one block of units each. */
  withoutBlock: number[][];
}

export function resample(scorer: Scorer, values: number[], sample: Sample): Resampled {
  const draws = sample.draws(scorer.work).map((counts) => scorer.score(sample.rowWeights(counts)));
  const blocks = draws.length > 0 && sample.isSkewed ? Math.min(BLOCKS_MAX, sample.count) : 0;
  const withoutBlock = Array.from({ length: blocks }, (_, block) => {
    const counts = Uint8Array.from({ length: sample.count }, (_, unit) => Number(unit % blocks !== block));
    return scorer.score(sample.rowWeights(counts));
  });
  return { values, draws, withoutBlock };
}

/** Of metric `m`; null where too few draws define it. `isConstant`: all of them score the same. */
export function drawnInterval(
  { values, draws, withoutBlock }: Resampled,
  m: number,
): (Interval & { isConstant: boolean }) | null {
  const defined = (scores: number[][]) =>
    Float64Array.from(scores, (score) => score[m]).filter((v) => !Number.isNaN(v));
  const sorted = defined(draws).sort();
  if (sorted.length < DRAWS_MIN) return null;
  const [value, isConstant] = [values[m], sorted[0] === sorted[sorted.length - 1]];
  if (isConstant) return { value, lower: sorted[0], upper: sorted[0], isConstant };
  if (withoutBlock.length === 0) {
    const half = Z * spreadOf(sorted);
    return { value, lower: value - half, upper: value + half, isConstant };
  }
  const shares = correctedShares(sorted, value, accelerationOf(defined(withoutBlock)));
  const [lower, upper] = shares.map((share) => quantile(sorted, share));
  return { value, lower, upper, isConstant };
}

/** Which shares of the draws lie below the bounds. */
function correctedShares(sorted: Float64Array, value: number, acceleration: number): number[] {
  const below = sorted.reduce((sum, draw) => sum + Number(draw < value) + Number(draw === value) / 2, 0);
  const share = Math.min(1 - 0.5 / sorted.length, Math.max(0.5 / sorted.length, below / sorted.length));
  const bias = normalQuantile(share);
  return [-Z, Z].map((z) => {
    const distance = 1 - acceleration * (bias + z);
    return distance <= 0 ? Number(z > 0) : normalShare(bias + (bias + z) / distance);
  });
}

function accelerationOf(scores: Float64Array): number {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const power = (n: number): number => scores.reduce((sum, score) => sum + (mean - score) ** n, 0);
  const squares = power(2);
  return squares === 0 ? 0 : power(3) / (6 * squares ** 1.5);
}

function spreadOf(scores: Float64Array): number {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (scores.length - 1));
}
