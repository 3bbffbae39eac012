/** What leaves add, and what they lower the loss by. */
import type { SplitRules, Sums } from './split';

type Penalties = Pick<SplitRules, 'l1' | 'l2'>;

/** What a leaf of these rows adds: the minimum of the loss's second-order expansion with its penalties. */
export function leafValue({ gradient, hessian }: Sums, { l1, l2 }: Penalties): number {
  const g = shrunk(gradient, l1);
  return g === 0 ? 0 : -g / (hessian + l2);
}

export const shrunk = (gradient: number, l1: number): number =>
  l1 === 0 ? gradient : Math.sign(gradient) * Math.max(0, Math.abs(gradient) - l1);

/** Twice what a leaf lowers the loss by. */
export function gainOf(gradient: number, hessian: number, l1: number, l2: number): number {
  const g = l1 === 0 ? gradient : shrunk(gradient, l1);
  return (g * g) / (hessian + l2);
}

/** The same of a leaf that may not have the best value. */
export function boundedGain(sums: Sums, { l1, l2 }: Penalties, value: number): number {
  return -(2 * shrunk(sums.gradient, l1) * value + (sums.hessian + l2) * value * value);
}
