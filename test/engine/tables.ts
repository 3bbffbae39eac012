/** Small tables for tests of the tabular engine. */
import { Random } from '../../src/engine/random';
import type { Column, PreprocessOptions, Table } from '../../src/engine/types';

export const DEFAULTS: PreprocessOptions = {
  impute: 'median',
  missingIndicator: true,
  scale: 'standard',
  rareFraction: 0.01,
  levelsMax: 64,
};

export function table(columns: Record<string, (number | null)[] | (string | null)[]>): Table {
  const list = Object.entries(columns).map(([name, values]) => column(name, values));
  return { rowCount: Object.values(columns)[0].length, columns: list };
}

function column(name: string, values: (number | string | null)[]): Column {
  if (!values.some((value) => typeof value === 'string')) {
    return { name, kind: 'number', values: Float64Array.from(values, (v) => (v === null ? NaN : (v as number))) };
  }
  const levels = [...new Set(values.filter((v) => v !== null))] as string[];
  return { name, kind: 'category', codes: Int32Array.from(values, (v) => levels.indexOf(v as string)), levels };
}

/** `n` values of `make(random, row)`. */
export function draw<T>(n: number, seed: number, make: (random: Random, row: number) => T): T[] {
  const random = new Random(seed);
  return Array.from({ length: n }, (_, row) => make(random, row));
}

export const uniform = (random: Random): number => random.uint32() / 2 ** 32;

/** Sum of twelve uniforms: mean 0, variance 1. */
export function normal(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += uniform(random);
  return sum;
}

export const pick = <T>(random: Random, values: T[]): T => values[random.below(values.length)];
