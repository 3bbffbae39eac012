/** Shares of rows, by the score interval of Wilson (1927), which has a width where all rows are right as well. */
import type { Interval, IntervalMethod } from './interval';
import { studentQuantile, Z } from './normal';
import type { Sample } from './sample';

/**
 * Where rows depend on each other, as many rows count as independent ones would give the same spread (Korn & Graubard 1998).
 *
 * @param hits of each row, 0 to what it has in `among`
 * @param among of each row; left out: 1
 * @param as what the score is of the share, rising with it
 */
export const rate =
  (
    hits: ArrayLike<number>,
    among: ArrayLike<number> = { length: 0 },
    as: (share: number) => number = (share) => share,
  ): IntervalMethod =>
  (sample) => {
    const all = among.length === 0 ? new Uint8Array(sample.rowCount).fill(1) : among;
    const [found, whole] = [hits, all].map((values) => sample.sums(values));
    const total = whole.reduce((sum, n) => sum + n, 0);
    if (total === 0) return null;
    const share = found.reduce((sum, n) => sum + n, 0) / total;
    const { value, lower, upper } = wilson(share, independentRows({ found, whole, share, total }, sample));
    return { value: as(value), lower: as(lower), upper: as(upper) };
  };

interface Counted {
  found: Float64Array;
  whole: Float64Array;
  share: number;
  total: number;
}

function independentRows({ found, whole, share, total }: Counted, { unitOf }: Sample): number {
  if (unitOf === null && whole.every((n) => n <= 1)) return total;
  const units = whole.filter((n) => n > 0).length;
  let squares = 0;
  for (let unit = 0; unit < found.length; unit++) squares += (found[unit] - share * whole[unit]) ** 2;
  if (squares === 0 || units < 2) return units;
  const variance = (squares * units) / (units - 1) / total ** 2;
  const rows = (share * (1 - share)) / variance;
  return Math.min(total, rows * (Z / studentQuantile(units - 1)) ** 2);
}

/** @param rows need not be whole */
export function wilson(share: number, rows: number): Interval {
  const spread = (Z * Z) / rows;
  const middle = (share + spread / 2) / (1 + spread);
  const half = (Math.sqrt((share * (1 - share)) / rows + spread / (4 * rows)) * Z) / (1 + spread);
  return {
    value: share,
    lower: share === 0 ? 0 : Math.max(0, middle - half),
    upper: share === 1 ? 1 : Math.min(1, middle + half),
  };
}

/** F1 of a class rises with the share of hits among the rows that are of it or are predicted to be. */
export const f1OfShare = (share: number): number => (2 * share) / (1 + share);
