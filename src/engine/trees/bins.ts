/**
 * Bins: what a tree sees of a column. A number goes into one of at most 255 bins between quantiles, a text into that of its
 * level; bin 0 is a missing value. Rows lie side by side, so that a histogram reads each row once.
 */
import type { PlainColumn } from '../learning/fit';
import { sortNumbers } from './bucket-sort';

/** Of one column. */
export type ColumnBins = NumberBins | LevelBins;

export interface NumberBins {
  kind: 'number';
  name: string;
  /** Ascending; bin b ≥ 1 holds the values in (bounds[b − 2], bounds[b − 1]], the last bin those above all bounds. */
  bounds: Float64Array;
}

export interface LevelBins {
  kind: 'category';
  name: string;
  /** Bins are the places of levels, that of missing texts included. */
  count: number;
}

export const MISSING = 0;
/** Besides that of missing values. */
export const BINS_MAX = 255;
/** Values that bounds are fitted to. */
const SAMPLE_MAX = 200_000;
/** Rows binned at a time: their bins stay in a core's cache. */
const BLOCK_ROWS = 4096;

export const binCount = (bins: ColumnBins): number => (bins.kind === 'number' ? bins.bounds.length + 2 : bins.count);

/** Bins for the values of these rows. */
export function fitBins(column: PlainColumn, rows: Uint32Array, binsMax = BINS_MAX): ColumnBins {
  if (column.kind === 'category') return { kind: 'category', name: column.name, count: column.count };
  return { kind: 'number', name: column.name, bounds: boundsOf(presentSample(column.values, rows), binsMax) };
}

/** Ascending. */
function presentSample(values: Float64Array, rows: Uint32Array): Float64Array {
  const step = Math.max(1, rows.length / SAMPLE_MAX);
  const size = Math.min(rows.length, SAMPLE_MAX);
  const sample = new Float64Array(size);
  let count = 0;
  for (let i = 0; i < size; i++) {
    const value = values[rows[Math.floor(i * step)]];
    if (Number.isFinite(value)) sample[count++] = value;
  }
  return sortNumbers(sample.subarray(0, count));
}

/**
 * Between neighbouring values that differ. Where there are more of them than bins, bins of equal counts; a value that fills
 * a bin by itself has one of its own.
 */
function boundsOf(sorted: Float64Array, binsMax: number): Float64Array {
  const rows = sorted.length;
  const { values, counts } = distinct(sorted);
  if (values.length <= binsMax)
    return Float64Array.from({ length: Math.max(0, values.length - 1) }, (_, i) => between(values[i], values[i + 1]));
  const bounds: number[] = [];
  const heavy = rows / binsMax;
  let [restRows, restBins] = [rows, binsMax];
  for (const count of counts) if (count >= heavy) [restRows, restBins] = [restRows - count, restBins - 1];
  let size = restRows / Math.max(1, restBins);
  let held = 0;
  for (let i = 0; i + 1 < values.length && bounds.length < binsMax - 1; i++) {
    held += counts[i];
    if (counts[i] < heavy) restRows -= counts[i];
    if (counts[i] < heavy && held < size && !(counts[i + 1] >= heavy && held >= size / 2)) continue;
    bounds.push(between(values[i], values[i + 1]));
    if (counts[i] < heavy) size = restRows / Math.max(1, --restBins);
    held = 0;
  }
  return Float64Array.from(bounds);
}

/** In the place of the values. */
function distinct(sorted: Float64Array): { values: Float64Array; counts: Uint32Array } {
  const counts = new Uint32Array(sorted.length);
  let size = 0;
  let last = NaN;
  for (let i = 0; i < sorted.length; i++) {
    const value = sorted[i];
    if (value !== last) sorted[size++] = last = value;
    counts[size - 1]++;
  }
  return { values: sorted.subarray(0, size), counts: counts.subarray(0, size) };
}

/** At least `a` and below `b`. */
function between(a: number, b: number): number {
  const middle = a / 2 + b / 2;
  return middle >= a && middle < b ? middle : a;
}

/** Rows side by side: row r has its bins at r · stride. Columns beyond those that are used fill the stride up and stay 0. */
export interface BinnedRows {
  rows: number;
  columns: number;
  stride: number;
  bins: Uint8Array;
}

/** The stride is a multiple of it: four bins are read as one word (growing/histogram.ts). */
const COLUMN_BLOCK = 4;

/** All of bin 0. */
export function emptyRows(rows: number, columns: number): BinnedRows {
  const stride = Math.ceil(columns / COLUMN_BLOCK) * COLUMN_BLOCK;
  return { rows, columns, stride, bins: new Uint8Array(new SharedArrayBuffer(rows * stride)) };
}

/** The rows of `columns`, in their order. @param proceed asked between two parts; throws to stop */
export function binRows(
  columns: readonly PlainColumn[],
  fitted: ColumnBins[],
  rows: Uint32Array,
  proceed: () => void = () => {},
): BinnedRows {
  return fillRows(emptyRows(rows.length, fitted.length), { columns, fitted, rows }, proceed);
}

/** The same into rows that there are. */
export function fillRows(
  empty: BinnedRows,
  { columns, fitted, rows }: { columns: readonly PlainColumn[]; fitted: ColumnBins[]; rows: Uint32Array },
  proceed: () => void,
): BinnedRows {
  const { bins, stride } = empty;
  const writers = fitted.map((columnBins, c) => writerOf(columnBins, columns[c]));
  for (let from = 0; from < rows.length; from += BLOCK_ROWS) {
    const to = Math.min(rows.length, from + BLOCK_ROWS);
    proceed();
    writers.forEach((write, c) => write(bins, { rows, from, to, stride, at: c }));
  }
  return empty;
}

interface Place {
  rows: Uint32Array;
  from: number;
  to: number;
  stride: number;
  at: number;
}

function writerOf(columnBins: ColumnBins, column: PlainColumn): (bins: Uint8Array, place: Place) => void {
  if (column.kind === 'category') {
    const { places } = column;
    return (bins, { rows, from, to, stride, at }) => {
      for (let i = from; i < to; i++) bins[i * stride + at] = places[rows[i]];
    };
  }
  const { values } = column;
  const binOf = binFinder((columnBins as NumberBins).bounds);
  return (bins, { rows, from, to, stride, at }) => {
    for (let i = from; i < to; i++) bins[i * stride + at] = binOf(values[rows[i]]);
  };
}

/** Cells of equal width over the bounds; a cell says where the search begins. */
const CELLS = 2048;

/** The bin of a number. A cell holds about one bound where values are spread evenly; where they are not, a search by halves. */
export function binFinder(bounds: Float64Array): (value: number) => number {
  const count = bounds.length;
  if (count === 0) return (value) => (Number.isFinite(value) ? 1 : MISSING);
  const [low, high] = [bounds[0], bounds[count - 1]];
  const scale = CELLS / (high - low);
  if (!Number.isFinite(scale) || !Number.isFinite(scale * low))
    return (value) => (Number.isFinite(value) ? 1 + lowerBound(bounds, value, 0, count) : MISSING);
  const cellOf = (value: number): number => Math.min(CELLS, Math.max(0, Math.floor((value - low) * scale)));
  const first = new Uint16Array(CELLS + 2);
  for (let cell = 0, b = 0; cell <= CELLS + 1; cell++) {
    while (b < count && cellOf(bounds[b]) < cell) b++;
    first[cell] = b;
  }
  return (value) => {
    if (!Number.isFinite(value)) return MISSING;
    const cell = cellOf(value);
    return 1 + lowerBound(bounds, value, first[cell], first[cell + 1]);
  };
}

/** Of the bounds from `from` up to `to`, the first that is at least `value`; `to` where none is. */
function lowerBound(bounds: Float64Array, value: number, from: number, to: number): number {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (bounds[middle] < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
