/** Sums of packed gradients by bin: of each column 256 doubles, one for each bin that a byte can name. */
import type { BinnedRows } from '../bins';

export const SLOTS = 256;

export const histogramSize = ({ stride }: Pick<BinnedRows, 'stride'>): number => stride * SLOTS;

/**
 * Adds rows order[from] … order[to − 1] to `sums`. `packed` holds their values in the same order, from 0. Columns are
 * unrolled, which is what makes the loop fast: sums of one row go to places that do not depend on one another.
 */
export function addRows(
  sums: Float64Array,
  { bins, stride }: Pick<BinnedRows, 'bins' | 'stride'>,
  rows: { order: Uint32Array; packed: Float64Array; from: number; to: number },
): void {
  let column = 0;
  for (; column + 16 <= stride; column += 16) addSixteen(sums, { bins, stride, column }, rows);
  if (column < stride) addEight(sums, { bins, stride, column }, rows);
}

interface Block {
  bins: Uint8Array;
  stride: number;
  column: number;
}

function addSixteen(
  sums: Float64Array,
  { bins, stride, column }: Block,
  { order, packed, from, to }: { order: Uint32Array; packed: Float64Array; from: number; to: number },
): void {
  const first = column * SLOTS;
  for (let i = from; i < to; i++) {
    const value = packed[i - from];
    const at = order[i] * stride + column;
    sums[first + bins[at]] += value;
    sums[first + 256 + bins[at + 1]] += value;
    sums[first + 512 + bins[at + 2]] += value;
    sums[first + 768 + bins[at + 3]] += value;
    sums[first + 1024 + bins[at + 4]] += value;
    sums[first + 1280 + bins[at + 5]] += value;
    sums[first + 1536 + bins[at + 6]] += value;
    sums[first + 1792 + bins[at + 7]] += value;
    sums[first + 2048 + bins[at + 8]] += value;
    sums[first + 2304 + bins[at + 9]] += value;
    sums[first + 2560 + bins[at + 10]] += value;
    sums[first + 2816 + bins[at + 11]] += value;
    sums[first + 3072 + bins[at + 12]] += value;
    sums[first + 3328 + bins[at + 13]] += value;
    sums[first + 3584 + bins[at + 14]] += value;
    sums[first + 3840 + bins[at + 15]] += value;
  }
}

function addEight(
  sums: Float64Array,
  { bins, stride, column }: Block,
  { order, packed, from, to }: { order: Uint32Array; packed: Float64Array; from: number; to: number },
): void {
  const first = column * SLOTS;
  for (let i = from; i < to; i++) {
    const value = packed[i - from];
    const at = order[i] * stride + column;
    sums[first + bins[at]] += value;
    sums[first + 256 + bins[at + 1]] += value;
    sums[first + 512 + bins[at + 2]] += value;
    sums[first + 768 + bins[at + 3]] += value;
    sums[first + 1024 + bins[at + 4]] += value;
    sums[first + 1280 + bins[at + 5]] += value;
    sums[first + 1536 + bins[at + 6]] += value;
    sums[first + 1792 + bins[at + 7]] += value;
  }
}

/** What is left in `all` without `part`: the histogram of a node less that of one child is that of the other. */
export function subtract(all: Float64Array, part: Float64Array): void {
  for (let i = 0; i < all.length; i++) all[i] -= part[i];
}
