/** Which rows of a thread a tree is fitted to, and what they add to sums. */
import { mixed, packRows } from '../growing/packing';
import { magnitudes } from './passes';
import { BLOCK_NUMBERS, BUCKETS, type TaskMemory } from './task-memory';

/** Of equal width up to the largest gradient: rows are large by the bucket of their gradient. */
const bucketOf = (gradient: number, most: number): number =>
  most === 0 ? 0 : Math.min(BUCKETS - 1, Math.floor((Math.abs(gradient) / most) * BUCKETS));

/** How many gradients there are of each size. */
export function count({ rows: { gradients }, shares, parts, arguments: values }: TaskMemory, thread: number): void {
  const most = values[0];
  const { buckets } = parts[thread];
  buckets.fill(0);
  for (const { from, to } of shares[thread].blocks)
    for (let row = from; row < to; row++) buckets[bucketOf(gradients[row], most)]++;
}

/** Puts all rows into the order. */
export function takeAll({ rows: { order }, shares, parts }: TaskMemory, thread: number): void {
  const { blocks, first, last } = shares[thread];
  let place = first;
  for (const { from, to } of blocks) for (let row = from; row < to; row++) order[place++] = row;
  parts[thread].ranges.set([first, last]);
}

/**
 * Rows that are drawn, and those of large gradients, come first in the order, the others follow, both ascending. Gradients and
 * Hessians of drawn rows are multiplied. Leaves the magnitudes of what comes first.
 */
export function draw({ rows, shares, parts, blocks: sums, arguments: values }: TaskMemory, thread: number): void {
  const [share, largeFrom, most, factor, seed] = values;
  const { order, spare, gradients, hessians } = rows;
  const { blocks, first, last } = shares[thread];
  let [kept, others] = [first, 0];
  for (const { number, from, to } of blocks) {
    const begin = kept;
    for (let row = from; row < to; row++) {
      if (largeFrom < BUCKETS && bucketOf(gradients[row], most) >= largeFrom) order[kept++] = row;
      else if (mixed(row, seed) < share) {
        gradients[row] *= factor;
        hessians[row] *= factor;
        order[kept++] = row;
      } else spare[first + others++] = row;
    }
    sums.set(magnitudes(rows, order, begin, kept), number * BLOCK_NUMBERS);
  }
  order.set(spare.subarray(first, first + others), kept);
  parts[thread].ranges.set([first, last - others]);
}

/** Of the rows that the tree is fitted to. */
export function pack({ rows, parts, arguments: values }: TaskMemory, thread: number): void {
  const [shift, gradientUnit, hessianUnit, counts, seed] = values;
  const [from, to] = parts[thread].ranges;
  packRows(rows, { from, to }, { shift, gradientUnit, hessianUnit, counts: counts === 1, seed: seed | 0 });
}
