/**
 * Gradient and Hessian of a row, rounded to whole numbers and packed into one double: gradient · shift + Hessian. Sums of such
 * numbers are exact and do not depend on their order, so that any number of threads gives the same tree. Rounding is random
 * and unbiased (Shi, Ke, Chen et al.: Quantized Training of Gradient Boosting Decision Trees, NeurIPS 2022); the random
 * numbers come from the row and the tree.
 */

export interface Packing {
  /** A power of two that no sum of Hessians reaches. */
  shift: number;
  /** What one unit of the gradient and of the Hessian stands for. */
  gradientUnit: number;
  hessianUnit: number;
}

export interface PackedRows extends Packing {
  /** By row. */
  values: Float64Array;
}

/** Sums stay below: all whole numbers up to it are doubles. */
const SUM_MAX = 2 ** 53;
/** More levels bring nothing. */
const LEVELS_MAX = 2 ** 20;

/** Writes the packed values of the rows of `order` to `values`. Hessians are at least 0. */
export function pack(
  { gradients, hessians }: { gradients: Float64Array; hessians: Float64Array },
  order: Uint32Array,
  { values, seed }: { values: Float64Array; seed: number },
): Packing {
  const g = sizeOf(gradients, order);
  const h = sizeOf(hessians, order);
  // Hessians that are all the same count rows.
  const counts = h.least === h.most;
  const bounds = (levels: number): [gradient: number, shift: number] => [
    (g.sum / g.most) * levels + order.length,
    2 ** Math.ceil(Math.log2((h.sum / h.most) * (counts ? 1 : levels) + order.length + 1)),
  ];
  let levels = LEVELS_MAX;
  for (; levels > 1; levels /= 2) {
    const [gradient, shift] = bounds(levels);
    if ((gradient + 1) * shift < SUM_MAX) break;
  }
  const [, shift] = bounds(levels);
  const gradientScale = levels / g.most;
  const hessianScale = (counts ? 1 : levels) / h.most;
  for (const row of order) {
    const random = mixed(row, seed);
    const gradient = Math.floor(gradients[row] * gradientScale + (random & 0xffff) / 0x10000);
    const hessian = counts ? 1 : Math.floor(hessians[row] * hessianScale + (random >>> 16) / 0x10000);
    values[row] = gradient * shift + hessian;
  }
  return { shift, gradientUnit: 1 / gradientScale, hessianUnit: 1 / hessianScale };
}

interface Size {
  sum: number;
  most: number;
  least: number;
}

/** Of magnitudes. `most` is 1 where all are 0. */
function sizeOf(values: Float64Array, order: Uint32Array): Size {
  let [sum, most, least] = [0, 0, Infinity];
  for (const row of order) {
    const size = Math.abs(values[row]);
    sum += size;
    if (size > most) most = size;
    if (size < least) least = size;
  }
  return { sum, most: most || 1, least: most === 0 ? 0 : least };
}

/** 32 random bits of a row: the hash function `lowbias32` of C. Wellons. */
export function mixed(row: number, seed: number): number {
  let hash = Math.imul(row + 1, 0x9e3779b9) ^ seed;
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
