/**
 * Rows that a tree is fitted to. Those with the largest gradients may all be kept, and the others that are drawn count for
 * those that are not (Ke, Meng, Finley et al.: LightGBM, NeurIPS 2017: gradient-based one-side sampling).
 */
import type { Magnitudes } from '../growing/packing';
import type { RowWork } from '../rows/row-work';

export interface RowShares {
  /** Of the rows, or of those whose gradients are not the largest. */
  rowShare: number;
  /** Of the rows: those with the largest gradients, all kept. 0: all rows are drawn alike. */
  topShare: number;
}

export interface RowSample {
  rows: number;
  magnitudes: Magnitudes;
}

/** Gradients and Hessians of rows that stand for others are multiplied. */
export function sampleRows(
  work: RowWork,
  magnitudes: Magnitudes,
  { rowShare, topShare }: RowShares,
  seed: number,
): RowSample {
  const { rows } = work.memory.binned;
  if (rowShare === 1) {
    work.takeAll();
    return { rows, magnitudes };
  }
  const most = magnitudes.gradientMost;
  const largeFrom = topShare === 0 ? Infinity : bucketWithShare(work.gradientCounts(most), topShare * rows);
  const factor = topShare === 0 ? 1 : 1 / rowShare;
  return work.draw({ share: rowShare, factor, largeFrom, most }, seed ^ 0x5bd1e995);
}

/** The first of the last buckets that hold so many rows at most; where the last one holds more, there is none. */
function bucketWithShare(counts: Uint32Array, rows: number): number {
  let bucket = counts.length;
  for (let rest = rows; bucket > 0 && counts[bucket - 1] <= rest; bucket--) rest -= counts[bucket - 1];
  return bucket;
}
