/** Numbers of any size without overflow, and without the digits that a large mean would take. */

/** Largest finite float32. */
export const FLOAT32_MAX = 3.4028234663852886e38;

/** The power of two next below, to divide by without rounding; 1 for zero and for what is not finite. */
export const magnitude = (value: number): number =>
  value > 0 && Number.isFinite(value) ? 2 ** Math.floor(Math.log2(value)) : 1;

/** Mean and deviation of numbers among which `fill` counts `missing` times; NaN where their range is beyond float64. Of none the fill. */
export function moments(
  values: Float64Array,
  { fill, missing }: { fill: number; missing: number } = { fill: 0, missing: 0 },
): { mean: number; deviation: number } {
  if (values.length === 0) return { mean: fill, deviation: 0 };
  const origin = values[0];
  const filled = missing > 0 ? fill - origin : 0;
  const unit = magnitude(values.reduce((most, value) => Math.max(most, Math.abs(value - origin)), Math.abs(filled)));
  const count = values.length + missing;
  const sum = values.reduce((total, value) => total + (value - origin) / unit, (missing * filled) / unit);
  const mean = sum / count;
  const squares = values.reduce(
    (total, value) => total + ((value - origin) / unit - mean) ** 2,
    missing * (filled / unit - mean) ** 2,
  );
  return { mean: origin + mean * unit, deviation: Math.sqrt(squares / count) * unit };
}
