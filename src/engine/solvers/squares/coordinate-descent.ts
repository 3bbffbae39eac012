/**
 * Lasso and elastic net by coordinate descent on covariances (Friedman, Hastie & Tibshirani: Regularization Paths for
 * Generalized Linear Models via Coordinate Descent, 2010), until the duality gap is small.
 */

export interface ElasticNet {
  size: number;
  /** Of the features, [size, size]. */
  covariance: Float64Array;
  /** Of features and target. */
  target: Float64Array;
  /** Of the target. */
  variance: number;
  /** Weights of Σ |weight| and Σ weight² / 2 beside half the mean squared error. */
  l1: number;
  l2: number;
}

export interface Descent {
  /** Largest gap, as a share of the variance of the target. */
  tolerance: number;
  sweepsMax: number;
  look(): void;
}

/** Weights that minimize the sum. @param start weights to begin with */
export function descend(net: ElasticNet, start: Float64Array, { tolerance, sweepsMax, look }: Descent): Float64Array {
  const { size, covariance, variance } = net;
  const weights = Float64Array.from(start);
  const products = new Float64Array(size);
  weights.forEach((weight, j) => weight !== 0 && addTo(products, covariance, j, weight));
  const at: Place = { weights, products };
  const all = Array.from({ length: size }, (_, j) => j);
  for (let sweeps = 0; sweeps < sweepsMax;) {
    look();
    const moved = sweep(net, at, all);
    sweeps++;
    if (moved === 0 || dualityGap(net, at) <= tolerance * variance) break;
    const active = all.filter((j) => weights[j] !== 0);
    // Most features stay at zero: the others are settled among themselves first.
    for (let inner = 0; inner < INNER_MAX && sweeps < sweepsMax; inner++, sweeps++) {
      if (sweep(net, at, active) <= INNER_SHARE * moved) break;
    }
  }
  return weights;
}

const INNER_MAX = 50;
/** Of the largest move of the sweep over all. */
const INNER_SHARE = 1e-2;

interface Place {
  weights: Float64Array;
  /** Covariance times weights. */
  products: Float64Array;
}

/** Sets each weight to its best while the others stay; returns the largest move, in the unit of the answer. */
function sweep(
  { size, covariance, target, l1, l2 }: ElasticNet,
  { weights, products }: Place,
  features: number[],
): number {
  let largest = 0;
  for (const j of features) {
    const diagonal = covariance[j * size + j];
    if (diagonal <= 0) continue;
    const before = weights[j];
    const pull = target[j] - products[j] + diagonal * before;
    const after = (Math.sign(pull) * Math.max(0, Math.abs(pull) - l1)) / (diagonal + l2);
    if (after === before) continue;
    weights[j] = after;
    addTo(products, covariance, j, after - before);
    largest = Math.max(largest, Math.abs(after - before) * Math.sqrt(diagonal));
  }
  return largest;
}

function addTo(products: Float64Array, covariance: Float64Array, j: number, change: number): void {
  const { length: size } = products;
  for (let k = 0, at = j * size; k < size; k++, at++) products[k] += change * covariance[at];
}

/** How far the sum is from its minimum, at most. */
export function dualityGap(
  { target, variance, l1, l2 }: Omit<ElasticNet, 'covariance'>,
  { weights, products }: Place,
): number {
  let [dual, absolute, square, explained, fit] = [0, 0, 0, 0, 0];
  weights.forEach((weight, j) => {
    dual = Math.max(dual, Math.abs(target[j] - products[j] - l2 * weight));
    absolute += Math.abs(weight);
    square += weight * weight;
    explained += weight * target[j];
    fit += weight * products[j];
  });
  const residual = Math.max(0, variance - 2 * explained + fit);
  const share = dual > l1 ? l1 / dual : 1;
  const rest = variance - explained;
  return ((1 + share * share) * (residual + l2 * square)) / 2 + l1 * absolute - share * rest;
}
