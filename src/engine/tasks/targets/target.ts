/** One target column, read: each row's class or value. */
import { shown } from '../../../formats';
import { EngineError, type Column, type NumberColumn } from '../../types';
import type { TargetFacts } from './facts';

export interface Target {
  name: string;
  /** Null for numbers. With two, the second is the positive class. */
  labels: string[] | null;
  /** Class index or number by table row; NaN where missing. */
  values: Float64Array;
  /** Table rows whose target is known, ascending. */
  rows: Uint32Array;
}

const POSITIVE_WORDS = new Set(['1', 'true', 'yes', 'y', 't', 'positive', 'pos']);

/** The distinct values of a column: each row's code (-1 where missing), their texts, and in how many rows each is. */
export interface ColumnValues {
  codes: Int32Array;
  levels: string[];
  /** By code; values that occur only. */
  counts: Map<number, number>;
  /** Rows with a value. */
  rowCount: number;
}

export function countValues(column: Column): ColumnValues {
  const { codes, levels } = column.kind === 'number' ? numberKeys(column) : column;
  const counts = new Map<number, number>();
  for (const code of codes) if (code >= 0 && levels[code] !== '') counts.set(code, (counts.get(code) ?? 0) + 1);
  return { codes, levels, counts, rowCount: [...counts.values()].reduce((a, b) => a + b, 0) };
}

/** Codes a number column by its distinct finite values. */
function numberKeys({ values }: NumberColumn): { codes: Int32Array; levels: string[] } {
  const index = new Map<number, number>();
  const codes = Int32Array.from(values, (value) => {
    if (!Number.isFinite(value)) return -1;
    const known = index.get(value);
    if (known !== undefined) return known;
    index.set(value, index.size);
    return index.size - 1;
  });
  return { codes, levels: Array.from(index.keys(), String) };
}

/** A column with its values counted, which takes a pass over all rows. */
export interface CountedColumn {
  column: Column;
  values: ColumnValues;
}

export function factsOf({ column, values: { counts, rowCount } }: CountedColumn): TargetFacts {
  const isNumber = column.kind === 'number';
  const isInteger = isNumber && column.values.every((value) => !Number.isFinite(value) || Number.isInteger(value));
  return { name: column.name, isNumber, isInteger, known: rowCount, distinct: counts.size };
}

export function numberTarget({ name, values }: NumberColumn): Target {
  const known = values.map((value) => (Number.isFinite(value) ? value : NaN));
  return { name, labels: null, values: known, rows: knownRows(known) };
}

export function classTarget({ column, values: { codes, levels, counts } }: CountedColumn): Target {
  const present = [...counts.keys()].map((code) => ({ code, label: levels[code], count: counts.get(code)! }));
  const ordered = present.length === 2 ? orderPair(present) : present.sort((a, b) => compareLabels(a.label, b.label));
  const classOf = new Map(ordered.map(({ code }, index) => [code, index]));
  const values = Float64Array.from(codes, (code) => classOf.get(code) ?? NaN);
  const labels = ordered.map(({ label }) => label);
  checkLength(column.name, labels);
  if (new Set(labels).size < labels.length) throw new Error(`Column ${column.name} repeats a level.`);
  return { name: column.name, labels, values, rows: knownRows(values) };
}

/** Characters of all classes of a target: each answer may hold them, and so do card and model file. */
const LABEL_CHARACTERS_MAX = 100_000;

export function checkLength(name: string, labels: string[]): void {
  const count = labels.reduce((sum, { length }) => sum + length, 0);
  if (count <= LABEL_CHARACTERS_MAX) return;
  throw new EngineError(
    `The classes of target ${shown(name)} have ${count} characters; at most ${LABEL_CHARACTERS_MAX} are taken.`,
    'target',
    'Give the classes shorter names.',
  );
}

/** Negative first. Positive: the one affirmative word (yes, true, 1, …), else the rarer class, else the later label. */
function orderPair<T extends { label: string; count: number }>(pair: T[]): T[] {
  const affirmative = (item: T): number => Number(POSITIVE_WORDS.has(item.label.trim().toLowerCase()));
  return pair.sort((a, b) => affirmative(a) - affirmative(b) || b.count - a.count || compareLabels(a.label, b.label));
}

/** Numbers by value, other text by code unit: the same on every machine. */
export function compareLabels(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  if (!Number.isNaN(difference) && difference !== 0) return difference;
  return a < b ? -1 : Number(a > b);
}

export function knownRows(values: Float64Array): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < values.length; row++) if (!Number.isNaN(values[row])) rows.push(row);
  return Uint32Array.from(rows);
}
