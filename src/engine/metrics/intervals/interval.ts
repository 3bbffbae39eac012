/** 95 % intervals of scores. A score has a method of its own, or is drawn anew (bca.ts). */
import type { Sample } from './sample';

export interface Interval {
  value: number;
  lower: number;
  upper: number;
}

/** Null where these rows give it nothing to go by. */
export type IntervalMethod = (sample: Sample) => Interval | null;

/** How bounds of a score come about; without a method of its own, by draws. */
export interface IntervalRule {
  method?: IntervalMethod;
  /** Where all draws score the same, as those of a perfect model do. */
  ifConstant?: IntervalMethod;
}

/** A sum of scores of different rows: the distances to their bounds add up as those of independent scores (Zou & Donner 2008). */
export const weightedSum =
  (parts: { method: IntervalMethod; weight: number }[]): IntervalMethod =>
  (sample) => {
    const found = parts.map(({ method, weight }) => ({ part: method(sample), weight }));
    if (found.length === 0 || found.some(({ part }) => part === null)) return null;
    const total = (of: (part: Interval, weight: number) => number): number =>
      found.reduce((sum, { part, weight }) => sum + of(part!, weight), 0);
    const value = total((part, weight) => weight * part.value);
    return {
      value,
      lower: value - Math.sqrt(total((part, weight) => (weight * (part.value - part.lower)) ** 2)),
      upper: value + Math.sqrt(total((part, weight) => (weight * (part.upper - part.value)) ** 2)),
    };
  };

/** Of a sample of these rows alone. */
export const amongRows =
  (rows: Uint32Array, method: IntervalMethod): IntervalMethod =>
  (sample) =>
    method(sample.of(rows));

export const meanOf = (methods: IntervalMethod[]): IntervalMethod =>
  weightedSum(methods.map((method) => ({ method, weight: 1 / methods.length })));
