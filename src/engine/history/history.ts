/** Rows by entity, and within each by their order. */
import type { Column } from '../types';

export interface History {
  /** The rows by entity, then order; rows of one order as they come in the table. A place is an index of this. */
  rows: Uint32Array;
  /** Of each place, that of the first row of its entity. */
  firsts: Uint32Array;
  /** By row. */
  orders: Float64Array;
}

/** Of each row 1 where it is in a history: it names its entity, and says when it was. */
export function inHistory(key: Column, order: Column): Uint8Array {
  const mask = new Uint8Array(key.kind === 'number' ? key.values.length : key.codes.length);
  const isKnown = key.kind === 'number' ? (row: number) => !Number.isNaN(key.values[row]) : knownCode(key.codes);
  const isPlaced = order.kind === 'number' ? (row: number) => !Number.isNaN(order.values[row]) : () => false;
  for (let row = 0; row < mask.length; row++) mask[row] = Number(isKnown(row) && isPlaced(row));
  return mask;
}

const knownCode = (codes: Int32Array) => (row: number) => codes[row] >= 0;

/** Of rows that each have a key and an order. */
export function historyOf(key: Column, orders: Float64Array): History {
  const codes = key.kind === 'number' ? codesOf(key.values) : key.codes;
  const starts = startsOf(codes);
  const rows = new Uint32Array(codes.length);
  const firsts = new Uint32Array(codes.length);
  const next = starts.slice();
  for (let row = 0; row < codes.length; row++) {
    const place = next[codes[row]]++;
    rows[place] = row;
    firsts[place] = starts[codes[row]];
  }
  for (let code = 0; code + 1 < starts.length; code++) sortRows(rows.subarray(starts[code], starts[code + 1]), orders);
  return { rows, firsts, orders };
}

/** Where the rows of each code begin, and where the last ones end. */
function startsOf(codes: Int32Array): Uint32Array {
  const starts = new Uint32Array(codes.reduce((max, code) => Math.max(max, code), -1) + 2);
  for (const code of codes) starts[code + 1]++;
  for (let code = 1; code < starts.length; code++) starts[code] += starts[code - 1];
  return starts;
}

function codesOf(values: Float64Array): Int32Array {
  const codes = new Map<number, number>();
  return Int32Array.from(values, (value) => {
    let code = codes.get(value);
    if (code === undefined) codes.set(value, (code = codes.size));
    return code;
  });
}

/** Most tables are in order, which takes one look. */
function sortRows(rows: Uint32Array, orders: Float64Array): void {
  const isInOrder = rows.every((row, i) => i === 0 || orders[rows[i - 1]] <= orders[row]);
  if (!isInOrder) rows.sort((a, b) => (orders[a] < orders[b] ? -1 : orders[a] > orders[b] ? 1 : a - b));
}
