/** Passes over all rows of a thread, as they are numbered. */
import { lossOf } from '../boosting/losses';
import type { RowMemory } from './row-memory';
import { BLOCK_NUMBERS, LOSS_NUMBERS, type TaskMemory } from './task-memory';

/** Bins, row after row, to bins column after column. A block of rows stays in a core's cache. */
export function turn({ rows: { binned, byColumn }, shares }: TaskMemory, thread: number): void {
  const { rows, columns, stride, bins } = binned;
  for (const { from, to } of shares[thread].blocks)
    for (let column = 0; column < columns; column++)
      for (let row = from; row < to; row++) byColumn[column * rows + row] = bins[row * stride + column];
}

/** Gradients and Hessians of an output; and what their magnitudes are. */
export function derive({ rows, shares, arguments: values, blocks }: TaskMemory, thread: number): void {
  const { targets, before: scores, outputs } = rows;
  const { derive: deriveRows } = lossOf(rows.loss);
  const output = values[0] | 0;
  for (const { number, from, to } of shares[thread].blocks) {
    deriveRows({ targets, scores, outputs }, output, rows, { from, to });
    blocks.set(magnitudes(rows, null, from, to), number * BLOCK_NUMBERS);
  }
}

/** Losses, and their weights; and all that derive() gives, where it comes with them. */
export function judge({ rows, shares, blocks }: TaskMemory, thread: number): void {
  const { total: totalOf, deriveAndTotal } = lossOf(rows.loss);
  const isDerived = givesDerivatives(rows);
  for (const { number, ...range } of shares[thread].blocks) {
    const at = number * BLOCK_NUMBERS;
    blocks.set(isDerived ? deriveAndTotal!(rows, rows, range) : totalOf(rows, range), at + LOSS_NUMBERS);
    if (isDerived) blocks.set(magnitudes(rows, null, range.from, range.to), at);
  }
}

/** Whether judge() leaves the gradients and Hessians of the only output. */
export const givesDerivatives = ({ loss, outputs }: RowMemory): boolean =>
  outputs === 1 && lossOf(loss).deriveAndTotal !== undefined;

/**
 * Sum and largest of gradients; sum, largest and least of Hessians; of rows as they are numbered or, where there is an order, as it has
 * them.
 */
export function magnitudes(
  { gradients, hessians }: Pick<RowMemory, 'gradients' | 'hessians'>,
  order: Uint32Array | null,
  from: number,
  to: number,
): number[] {
  let [gradientSum, gradientMost] = [0, 0];
  let [hessianSum, hessianMost, hessianLeast] = [0, 0, Infinity];
  for (let i = from; i < to; i++) {
    const row = order === null ? i : order[i];
    const gradient = Math.abs(gradients[row]);
    const hessian = Math.abs(hessians[row]);
    gradientSum += gradient;
    hessianSum += hessian;
    if (gradient > gradientMost) gradientMost = gradient;
    if (hessian > hessianMost) hessianMost = hessian;
    if (hessian < hessianLeast) hessianLeast = hessian;
  }
  return [gradientSum, gradientMost, hessianSum, hessianMost, hessianLeast];
}
