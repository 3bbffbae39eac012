/**
 * The rows that a tree is fitted to. Those with the largest gradients may all be kept, and the others that are drawn count for
 * those that are not (Ke, Meng, Finley et al.: LightGBM, NeurIPS 2017: gradient-based one-side sampling).
 */
import { mixed, type Magnitude, type Magnitudes } from '../growing/packing';
import type { RowMemory } from '../rows/row-memory';

export interface RowShares {
  /** Of the rows, or of those whose gradients are not the largest. */
  rowShare: number;
  /** Of the rows: those with the largest gradients, all kept. 0: all rows are drawn alike. */
  topShare: number;
}

export interface RowSample {
  /** They come first in the order, the others follow, both ascending. */
  rows: number;
  magnitudes: Magnitudes;
}

/** Gradients and Hessians of rows that stand for others are multiplied. */
export function sampleRows(
  memory: RowMemory,
  magnitudes: Magnitudes,
  { rowShare, topShare }: RowShares,
  seed: number,
): RowSample {
  const { order, gradients, hessians } = memory;
  if (rowShare === 1) {
    for (let row = 0; row < order.length; row++) order[row] = row;
    return { rows: order.length, magnitudes };
  }
  const bucketOf = bucketsUpTo(magnitudes.gradients.most);
  const largeFrom = topShare === 0 ? BUCKETS : bucketWithShare(gradients, bucketOf, topShare);
  const factor = topShare === 0 ? 1 : 1 / rowShare;
  const rows = divide(memory, (row) => {
    if (largeFrom < BUCKETS && bucketOf(gradients[row]) >= largeFrom) return true;
    if (mixed(row, seed ^ 0x5bd1e995) >= rowShare * 2 ** 32) return false;
    gradients[row] *= factor;
    hessians[row] *= factor;
    return true;
  });
  const kept = order.subarray(0, rows);
  return { rows, magnitudes: { gradients: magnitudeOf(gradients, kept), hessians: magnitudeOf(hessians, kept) } };
}

/** Returns how many are kept. */
function divide({ order, spare }: RowMemory, isKept: (row: number) => boolean): number {
  let [kept, left] = [0, 0];
  for (let row = 0; row < order.length; row++) {
    if (isKept(row)) order[kept++] = row;
    else spare[left++] = row;
  }
  order.set(spare.subarray(0, left), kept);
  return kept;
}

/** Of equal width: rows are large by the bucket of their gradient. */
const BUCKETS = 4096;

const bucketsUpTo =
  (most: number) =>
  (gradient: number): number =>
    most === 0 ? 0 : Math.min(BUCKETS - 1, Math.floor((Math.abs(gradient) / most) * BUCKETS));

/** The first of the last buckets that hold at most this share of the rows; where the last one holds more, there is none. */
function bucketWithShare(gradients: Float64Array, bucketOf: (gradient: number) => number, share: number): number {
  const counts = new Uint32Array(BUCKETS);
  for (let row = 0; row < gradients.length; row++) counts[bucketOf(gradients[row])]++;
  let bucket = BUCKETS;
  for (let rest = share * gradients.length; bucket > 0 && counts[bucket - 1] <= rest; bucket--)
    rest -= counts[bucket - 1];
  return bucket;
}

function magnitudeOf(values: Float64Array, rows: Uint32Array): Magnitude {
  let [sum, most, least] = [0, 0, Infinity];
  for (let i = 0; i < rows.length; i++) {
    const size = Math.abs(values[rows[i]]);
    sum += size;
    most = Math.max(most, size);
    least = Math.min(least, size);
  }
  return { sum, most, least };
}
