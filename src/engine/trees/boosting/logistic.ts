/**
 * Gradients, Hessians and losses of the logistic loss, for y of 0 or 1, from one exponential a row. Trees of two classes would
 * spend a quarter of their time here with Math.exp and Math.log.
 */
import type { Derivatives, Rows, Scored } from './losses';

/** No Hessian is below. */
const LEAST = 1e-15;
/** Rows whose factors 1 + e^−|score| a double holds: each is at most 2. */
const FACTORS_MAX = 512;
/** e^−x is nothing beyond. */
const LARGEST = 745;
const PARTS = 64;
const PARTS_BITS = 6;
const LOG_OF_PART = Math.LN2 / PARTS;
/** 2^(−i/64), and 2^−i. */
const POWERS_OF_PARTS = Float64Array.from({ length: PARTS }, (_, i) => 2 ** (-i / PARTS));
const POWERS = Float64Array.from({ length: Math.ceil(LARGEST / Math.LN2) + 2 }, (_, i) => 2 ** -i);

/** e^−x of x ≥ 0, to 14 digits: two powers of two from tables, and five terms of the series for what is left of x. */
export function expOfMinus(x: number): number {
  const bounded = Math.min(x, LARGEST);
  const parts = (bounded / LOG_OF_PART + 0.5) | 0;
  const rest = parts * LOG_OF_PART - bounded;
  const series = 1 + rest * (1 + rest * (1 / 2 + rest * (1 / 6 + rest * (1 / 24 + rest / 120))));
  return series * POWERS_OF_PARTS[parts & (PARTS - 1)] * POWERS[parts >> PARTS_BITS];
}

/** Of a range of rows. Returns their losses times weights, and the weights. */
export function deriveLogistic(
  { targets: { y, weight }, scores, outputs }: Scored,
  output: number,
  { gradients, hessians }: Derivatives,
  { from, to }: Rows,
): [sum: number, weight: number] {
  let [sum, weights] = [0, 0];
  for (let start = from; start < to; start += FACTORS_MAX) {
    let product = 1;
    const end = Math.min(to, start + FACTORS_MAX);
    for (let row = start; row < end; row++) {
      const i = row * outputs + output;
      const score = scores[i];
      const e = expOfMinus(Math.abs(score));
      const share = 1 / (1 + e);
      const gradient = (score >= 0 ? share : e * share) - y[i];
      const hessian = Math.max(LEAST, e * share * share);
      const linear = Math.max(score, 0) - y[i] * score;
      if (weight === null) {
        gradients[row] = gradient;
        hessians[row] = hessian;
        product *= 1 + e;
        sum += linear;
      } else {
        gradients[row] = weight[i] * gradient;
        hessians[row] = weight[i] * hessian;
        sum += weight[i] * (linear + Math.log1p(e));
        weights += weight[i];
      }
    }
    sum += Math.log(product);
  }
  return [sum, weight === null ? to - from : weights];
}

/** Losses of all outputs of rows without weights: the logarithm of a product in place of one for each. */
export function unweightedLogistic({ targets: { y }, scores, outputs }: Scored, { from, to }: Rows): [number, number] {
  let sum = 0;
  const end = to * outputs;
  for (let start = from * outputs; start < end; start += FACTORS_MAX) {
    let product = 1;
    for (let i = start; i < Math.min(end, start + FACTORS_MAX); i++) {
      const score = scores[i];
      product *= 1 + expOfMinus(Math.abs(score));
      sum += Math.max(score, 0) - y[i] * score;
    }
    sum += Math.log(product);
  }
  return [sum, (to - from) * outputs];
}
