/** What 32-bit floats, in which networks compute, cannot hold of a column once it is scaled. */
import { FLOAT32_MAX } from '../../magnitude';
import { quantile } from '../../metrics/quantile';
import { EngineError } from '../../types';
import { shown } from '../../../formats';

/** Scaled = (value − center) · inverseScale, in float64. */
export interface Scaling {
  center: number;
  inverseScale: number;
}

/** Values that are looked at for lost digits, at most, evenly spaced. */
export const DIGITS_SAMPLE = 1000;
/** Rounding by more than this share of the spread is worth a warning. */
const ERROR_SHARE_MAX = 1e-3;

/** Names a column that leaves the range, before it is trained on. @param ends smallest and largest value; null: none */
export function checkRange(column: string, ends: readonly number[] | null, scaling: Scaling, path: string): void {
  if (ends === null || ends.every((end) => isHeld(scaled(end, scaling)))) return;
  const as = isRaw(scaling) ? 'as they are' : 'scaled';
  throw new EngineError(
    `Column ${shown(column)} goes from ${ends[0]} to ${ends[1]}: such numbers, ${as}, do not fit into the 32-bit floats in which a ` +
      'network computes.',
    path,
    isRaw(scaling)
      ? 'Scale the numbers, in the pipeline or in the table, or leave the column out.'
      : 'Remove the values that are out of all proportion, or leave the column out.',
  );
}

/** What to warn of, or null. @param values finite ones, or a sample of them */
export function lostDigits(column: string, values: Float64Array, scaling: Scaling): string | null {
  if (values.length === 0) return null;
  const stride = Math.ceil(values.length / DIGITS_SAMPLE);
  const sorted = values.filter((_, i) => i % stride === 0).sort();
  // One value has no digits to lose.
  if (sorted[0] === sorted[sorted.length - 1]) return null;
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(sorted, share));
  const all = low === high;
  const spread = all ? sorted[sorted.length - 1] - sorted[0] : high - low;
  const errors = sorted
    .filter((value) => all || (value >= low && value <= high))
    .map((value) => Math.abs(Math.fround(scaled(value, scaling)) - scaled(value, scaling)));
  const error = errors.reduce((most, each) => Math.max(most, each), 0);
  if (error <= ERROR_SHARE_MAX * spread * scaling.inverseScale) return null;
  const advice = isRaw(scaling)
    ? 'Scale the numbers, or subtract a constant.'
    : `It goes from ${sorted[0]} to ${sorted[sorted.length - 1]}: look at the values far from the others.`;
  return `Column ${shown(column)} varies by ${short(spread)} around ${short(middle)}; digits are lost. ${advice}`;
}

export const scaled = (value: number, { center, inverseScale }: Scaling): number => (value - center) * inverseScale;

/** False for NaN. */
export const isHeld = (value: number): boolean => Math.abs(value) <= FLOAT32_MAX;

const isRaw = ({ center, inverseScale }: Scaling): boolean => center === 0 && inverseScale === 1;

const short = (value: number): string => String(Number(value.toPrecision(4)));
