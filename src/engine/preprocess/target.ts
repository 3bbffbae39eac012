/** Reads a target column: which task it asks for, and each row's class or value. */
import { EngineError, type Column, type NumberColumn, type Task } from '../types';
import { shown } from '../../formats';

export interface Target {
  name: string;
  task: Task;
  /** Null for regression. With two, the second is the positive class. */
  labels: string[] | null;
  /** Class index or number by table row; NaN where missing. */
  values: Float64Array;
  /** Table rows whose target is known, ascending. */
  rows: Uint32Array;
}

/** Fewer rows than this leave nothing to hold out. */
export const ROWS_MIN = 20;
export const CLASSES_MAX = 200;
/** An integer target with at most this many distinct values, each in many rows, is read as classes. */
const INTEGER_CLASSES_MAX = 10;
const ROWS_PER_INTEGER_CLASS_MIN = 10;
const POSITIVE_WORDS = new Set(['1', 'true', 'yes', 'y', 't', 'positive', 'pos']);

/** @param requested null to infer the task: see docs/decisions/0003-tabular-preprocessing.md */
export function readTarget(column: Column, requested: Task | null): Target {
  const values = countValues(column);
  const { counts, rowCount } = values;
  checkEnough(column, rowCount, counts.size);
  const task = chooseTask(column, requested, counts.size, rowCount);
  if (task === 'regression') return numberTarget(column as NumberColumn);
  return classTarget(column.name, task, values);
}

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

function checkEnough({ name }: Column, rowCount: number, distinct: number): void {
  if (rowCount === 0) {
    throw new EngineError(
      `Target ${shown(name)} has no value in any row.`,
      'target',
      'Choose a column that is filled in.',
    );
  }
  if (distinct === 1) {
    throw new EngineError(
      `Target ${shown(name)} has the same value in every row, so there is nothing to learn.`,
      'target',
      'Choose a column whose values differ.',
    );
  }
  if (rowCount < ROWS_MIN) {
    throw new EngineError(
      `Only ${rowCount} rows have a value for target ${shown(name)}; training takes at least ${ROWS_MIN}.`,
      'target',
      'Add rows, or choose a target that is filled in for more of them.',
    );
  }
}

function chooseTask(column: Column, requested: Task | null, distinct: number, rowCount: number): Task {
  const task = requested ?? inferTask(column, distinct, rowCount);
  if (task === 'regression' && column.kind !== 'number') {
    throw new EngineError(
      `Target ${shown(column.name)} holds text, so it cannot be a regression target.`,
      'task',
      'Choose a numeric target, or leave the task out.',
    );
  }
  if (task === 'binary' && distinct !== 2) {
    throw new EngineError(
      `Target ${shown(column.name)} has ${distinct} different values; a binary task takes exactly two.`,
      'task',
      'Use the task multiclass or regression, or leave the task out.',
    );
  }
  if (task !== 'regression' && (distinct > CLASSES_MAX || distinct * 2 > rowCount)) {
    throw new EngineError(
      `Target ${shown(column.name)} has ${distinct} different values in ${rowCount} rows: too many to be classes (at most ` +
        `${CLASSES_MAX}, with two rows each on average).`,
      'target',
      column.kind === 'number' ? 'Use the task regression.' : 'Group its values into fewer classes.',
    );
  }
  return task === 'multiclass' && distinct === 2 ? 'binary' : task;
}

export function inferTask(column: Column, distinct: number, rowCount: number): Task {
  if (distinct === 2) return 'binary';
  if (column.kind === 'category') return 'multiclass';
  const integers = column.values.every((value) => !Number.isFinite(value) || Number.isInteger(value));
  const few = distinct <= INTEGER_CLASSES_MAX && rowCount >= distinct * ROWS_PER_INTEGER_CLASS_MIN;
  return integers && few ? 'multiclass' : 'regression';
}

export function numberTarget({ name, values }: NumberColumn): Target {
  const known = values.map((value) => (Number.isFinite(value) ? value : NaN));
  return { name, task: 'regression', labels: null, values: known, rows: knownRows(known) };
}

export function classTarget(name: string, task: Task, { codes, levels, counts }: ColumnValues): Target {
  const present = [...counts.keys()].map((code) => ({ code, label: levels[code], count: counts.get(code)! }));
  const ordered = task === 'binary' ? orderPair(present) : present.sort((a, b) => compareLabels(a.label, b.label));
  const classOf = new Map(ordered.map(({ code }, index) => [code, index]));
  const values = Float64Array.from(codes, (code) => classOf.get(code) ?? NaN);
  const labels = ordered.map(({ label }) => label);
  if (new Set(labels).size < labels.length) throw new Error(`Column ${name} repeats a level.`);
  return { name, task, labels, values, rows: knownRows(values) };
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
