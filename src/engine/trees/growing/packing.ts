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
  /** Hessians are all the same and count rows. */
  counts: boolean;
}

/** Of the magnitudes of gradients and Hessians. */
export interface Magnitudes {
  gradientSum: number;
  gradientMost: number;
  hessianSum: number;
  hessianMost: number;
  hessianLeast: number;
}

/** Sums stay below: all whole numbers up to it are doubles. */
const SUM_MAX = 2 ** 53;
/** More levels bring nothing. */
const LEVELS_MAX = 2 ** 20;

/** As fine as sums of so many rows can be, of these magnitudes in all or less. */
export function packingOf(magnitudes: Magnitudes, rows: number): Packing {
  const { gradientSum, hessianSum } = magnitudes;
  const gradientMost = magnitudes.gradientMost || 1;
  const hessianMost = magnitudes.hessianMost || 1;
  const counts = magnitudes.hessianLeast === magnitudes.hessianMost;
  const bounds = (levels: number): [gradient: number, shift: number] => [
    (gradientSum / gradientMost) * levels + rows,
    2 ** Math.ceil(Math.log2((hessianSum / hessianMost) * (counts ? 1 : levels) + rows + 1)),
  ];
  let levels = LEVELS_MAX;
  for (; levels > 1; levels /= 2) {
    const [gradient, shift] = bounds(levels);
    if ((gradient + 1) * shift < SUM_MAX) break;
  }
  const [, shift] = bounds(levels);
  return { shift, gradientUnit: gradientMost / levels, hessianUnit: hessianMost / (counts ? 1 : levels), counts };
}

export interface PackedRows {
  order: Uint32Array;
  gradients: Float64Array;
  hessians: Float64Array;
  packed: Float64Array;
}

/** Of rows order[from] … order[to − 1]. */
export function packRows(
  { order, gradients, hessians, packed }: PackedRows,
  { from, to }: { from: number; to: number },
  { shift, gradientUnit, hessianUnit, counts, seed }: Packing & { seed: number },
): void {
  const [gradientScale, hessianScale] = [1 / gradientUnit, 1 / hessianUnit];
  for (let i = from; i < to; i++) {
    const row = order[i];
    const random = mixed(row, seed);
    const gradient = Math.floor(gradients[row] * gradientScale + (random & 0xffff) / 0x10000);
    const hessian = counts ? 1 : Math.floor(hessians[row] * hessianScale + (random >>> 16) / 0x10000);
    packed[row] = gradient * shift + hessian;
  }
}

/** 32 random bits of a row: the hash function `lowbias32` of C. Wellons. */
export function mixed(row: number, seed: number): number {
  let hash = Math.imul(row + 1, 0x9e3779b9) ^ seed;
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
