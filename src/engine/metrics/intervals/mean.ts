/**
 * Means of what rows have, by the bootstrap of studentized means (Hall 1988), which follows the skewness of errors and losses where
 * percentiles of the means do not; of many rows by the normal distribution.
 */
import type { IntervalMethod } from './interval';
import { quantile } from '../quantile';
import { studentQuantile } from './normal';
import type { Sample } from './sample';
import { DRAWS_MIN } from './sample';

/** A draw of fewer units is often of one value. */
const UNITS_MIN = 8;

interface MeanOptions {
  /** How many values a row sums up; left out: 1. */
  among?: ArrayLike<number>;
  /** What the score is of the mean, rising or falling with it. */
  as?: (mean: number) => number;
  /** Of a ratio of two spreads, which is near to normal on the scale of the logarithm. */
  onLog?: true;
}

/** Of values that are 0 or more. */
export const mean =
  (values: ArrayLike<number>, { among, as = (value) => value, onLog }: MeanOptions = {}): IntervalMethod =>
  (sample) => {
    const sums = new UnitSums(values, among ?? new Uint8Array(sample.rowCount).fill(1), sample);
    const found = sums.of(null);
    if (!Number.isFinite(found.mean) || !Number.isFinite(found.error)) return null;
    if (found.error === 0) return { value: as(found.mean), lower: as(found.mean), upper: as(found.mean) };
    if (sample.count < UNITS_MIN) return null;
    const scale = onLog ? LOG : PLAIN;
    const [low, high] = sample.isSkewed ? studentized(sums, { ...found, scale }, sample) : normal(sample);
    const bounds = [high, low].map((t) => as(scale.at(found, t))).sort((a, b) => a - b);
    return { value: as(found.mean), lower: bounds[0], upper: bounds[1] };
  };

const normal = ({ count }: Sample): [number, number] => [-studentQuantile(count - 1), studentQuantile(count - 1)];

/** Where means are compared: their distance in standard errors, and the mean that is as far below one. */
interface Scale {
  distance(drawn: MeanOfUnits, mean: number): number;
  at(found: MeanOfUnits, distance: number): number;
  /** By how much more the lower quantile is moved that skewness has moved already, times the root of the units. */
  unseenSkewness: number;
}

const PLAIN: Scale = {
  distance: (drawn, mean) => (drawn.mean - mean) / drawn.error,
  at: ({ mean, error }, distance) => Math.max(0, mean - distance * error),
  // A sample shows less skewness than there is, as it often lacks the rare large losses: found by simulation (decisions/0093).
  unseenSkewness: 7,
};

const LOG: Scale = {
  distance: (drawn, mean) => (Math.log(drawn.mean / mean) * drawn.mean) / drawn.error,
  at: ({ mean, error }, distance) => mean * Math.exp((-distance * error) / mean),
  unseenSkewness: 0,
};

/** Quantiles of the distance of a mean from the true one. */
function studentized(sums: UnitSums, found: MeanOfUnits & { scale: Scale }, sample: Sample): [number, number] {
  const distances = sample.draws(sample.count).flatMap((counts) => {
    const drawn = sums.of(counts);
    return drawn.error > 0 ? found.scale.distance(drawn, found.mean) : [];
  });
  if (distances.length < DRAWS_MIN) return normal(sample);
  const sorted = Float64Array.from(distances).sort();
  const [low, high] = [quantile(sorted, 0.025), quantile(sorted, 0.975)];
  const skewness = Math.min(0, (low + high) / 2);
  return [low + (skewness * found.scale.unseenSkewness) / Math.sqrt(sample.count), high];
}

interface MeanOfUnits {
  mean: number;
  /** Standard error. */
  error: number;
}

/** Sums and sizes of units, from which the mean of any draw and its error follow. */
class UnitSums {
  private readonly sums: Float64Array;
  private readonly sizes: Float64Array;

  constructor(values: ArrayLike<number>, among: ArrayLike<number>, sample: Sample) {
    this.sums = sample.sums(values);
    this.sizes = sample.sums(among);
  }

  of(counts: Uint16Array | null): MeanOfUnits {
    const { sums, sizes } = this;
    let [units, total, size, squares, products, sizeSquares] = [0, 0, 0, 0, 0, 0];
    for (let unit = 0; unit < sums.length; unit++) {
      const count = counts ? counts[unit] : 1;
      const [sum, n] = [sums[unit], sizes[unit]];
      units += count;
      total += count * sum;
      size += count * n;
      squares += count * sum * sum;
      products += count * sum * n;
      sizeSquares += count * n * n;
    }
    const mean = total / size;
    const residual = squares - 2 * mean * products + mean * mean * sizeSquares;
    // What rounding leaves of equal values is no spread.
    const variance = residual > squares * 1e-12 ? (residual * units) / (units - 1) : 0;
    return { mean, error: Math.sqrt(variance) / size };
  }
}
