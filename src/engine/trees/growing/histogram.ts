/** Sums of packed gradients by bin: of each column 256 doubles, one for each bin that a byte can name. */
import type { BinnedRows } from '../bins';

export const SLOTS = 256;

export const histogramSize = ({ columns }: Pick<BinnedRows, 'columns'>): number => columns * SLOTS;

/** Rows of a node: those at order[from] … order[to − 1], with their packed values by row. */
export interface NodeRows {
  order: Uint32Array;
  values: Float64Array;
  from: number;
  to: number;
}

/** Columns summed at a time: as many addresses as the loop of a function holds well. */
const COLUMNS_AT_ONCE = 32;
/** Where there are more columns, rows are taken in parts that stay in a core's cache. */
const PART_ROWS = 4096;

/** Columns from … to − 1; `from` is a multiple of four. */
export interface ColumnRange {
  from: number;
  to: number;
}

/** Of the columns of a thread. */
export function columnRange(columns: number, thread: number, threads: number): ColumnRange {
  const words = Math.ceil(columns / BYTES);
  const at = (part: number): number => Math.min(columns, BYTES * Math.floor((words * part) / threads));
  return { from: at(thread), to: at(thread + 1) };
}

/** Adds rows to `sums`, by their bins in some columns. */
export function addRows(sums: Float64Array, { bins, stride }: BinnedRows, rows: NodeRows, columns: ColumnRange): void {
  if (rows.to === rows.from) return;
  const add = bins.length > CACHE_BYTES && areFarApart(rows) ? addDistant : addNear;
  const words = new Uint32Array(bins.buffer, bins.byteOffset, bins.length / BYTES);
  const step = columns.to - columns.from > COLUMNS_AT_ONCE ? PART_ROWS : Infinity;
  for (let from = rows.from; from < rows.to; from += step) {
    const to = Math.min(rows.to, from + step);
    for (let first = columns.from; first < columns.to; first += COLUMNS_AT_ONCE) {
      const part = { order: rows.order, values: rows.values, from, to, stride: stride / BYTES };
      const count = Math.min(COLUMNS_AT_ONCE, columns.to - first);
      add(sums.subarray(first * SLOTS), words.subarray(first / BYTES), part, count);
    }
  }
}

interface AddedRows extends NodeRows {
  /** Words of a row. */
  stride: number;
}

const BYTES = 4;
/** Rows of a node, in one of so many of the table or fewer, come from memory one by one. */
const FAR_APART = 8;
/** Bins of a smaller table come from a cache. */
const CACHE_BYTES = 2 ** 23;
/** Rows whose bins are asked for before they are added: a core fetches about as many lines at once. */
const ASKED_FIRST = 32;

/** The order of a node ascends. */
const areFarApart = ({ order, from, to }: NodeRows): boolean => order[to - 1] - order[from] > FAR_APART * (to - from);

interface Adder {
  /** Of an even number of rows. */
  pairs(sums: Float64Array, words: Uint32Array, rows: AddedRows): void;
  one(sums: Float64Array, words: Uint32Array, firstAt: number, firstValue: number): void;
}

/**
 * Loops over rows, unrolled over so many columns: sums of one row go to places that do not depend on one another, so that a
 * core makes several at a time; two rows at once, so that it waits less for the bins of either. They are written here for
 * each count: a loop over columns is four times slower, and one of eight columns at a time reads the rows again and again.
 * Four bins are read as one word, the first in its lowest byte: machines that Node and ONNX Runtime both run on have it so.
 * A function ends with its loop: V8 leaves machine code that was made within a loop where the loop ends, each time.
 */
class Adders {
  private readonly made = new Map<number, Adder>();

  /** @param value of the row at place i of the order */
  constructor(private readonly value: (row: string, i: string) => string) {}

  of(columns: number): Adder {
    let adder = this.made.get(columns);
    if (!adder) this.made.set(columns, (adder = this.make(columns)));
    return adder;
  }

  private make(columns: number): Adder {
    const pairs = `
      const { order, values, from, to, stride } = rows;
      for (let i = from; i < to; i += 2) {
        const first = order[i], second = order[i + 1];
        const firstValue = ${this.value('first', 'i')}, secondValue = ${this.value('second', 'i + 1')};
        const firstAt = first * stride, secondAt = second * stride;
        ${additions(columns, ['first', 'second'])}
      }`;
    return {
      pairs: new Function('sums', 'words', 'rows', pairs) as Adder['pairs'],
      one: new Function('sums', 'words', 'firstAt', 'firstValue', additions(columns, ['first'])) as Adder['one'],
    };
  }
}

/** Of rows whose words begin at `<name>At`, and whose packed value is `<name>Value`. */
function additions(columns: number, rows: string[]): string {
  const lines = Array.from({ length: columns }, (_, c) => {
    const [word, byte] = [Math.floor(c / BYTES), c % BYTES];
    const reads = byte === 0 ? rows.map((row) => `const ${row}${word} = words[${row}At + ${word}];`) : [];
    const bin = (row: string): string => `((${row}${word} >>> ${8 * byte}) & 255)`;
    return [...reads, ...rows.map((row) => `sums[${c * SLOTS} + ${bin(row)}] += ${row}Value;`)].join(' ');
  });
  return lines.join('\n');
}

const byRow = new Adders((row) => `values[${row}]`);
const byPlace = new Adders((_, i) => `values[${i} - from]`);

function addNear(sums: Float64Array, words: Uint32Array, rows: AddedRows, columns: number): void {
  const { order, values, from, to, stride } = rows;
  const { pairs, one } = byRow.of(columns);
  const even = to - ((to - from) % 2);
  pairs(sums, words, { order, values, from, to: even, stride });
  if (even < to) one(sums, words, order[even] * stride, values[order[even]]);
}

/** First reads a word of each of some rows, so that a core waits for all of them at once and not for one after the other. */
function addDistant(sums: Float64Array, words: Uint32Array, rows: AddedRows, columns: number): void {
  const { order, stride } = rows;
  const { pairs, one } = byPlace.of(columns);
  const values = new Float64Array(ASKED_FIRST + 1);
  for (let from = rows.from; from < rows.to; from += ASKED_FIRST) {
    const to = Math.min(rows.to, from + ASKED_FIRST);
    const even = to - ((to - from) % 2);
    fetch(words, { ...rows, from, to }, values);
    pairs(sums, words, { order, values, from, to: even, stride });
    if (even < to) one(sums, words, order[even] * stride, values[even - from]);
  }
}

/** Leaves the values of rows. What the words say goes behind them, so that reading them is not left out. */
function fetch(words: Uint32Array, { order, values, from, to, stride }: AddedRows, into: Float64Array): void {
  let seen = 0;
  for (let i = from; i < to; i++) {
    const row = order[i];
    seen ^= words[row * stride];
    into[i - from] = values[row];
  }
  into[ASKED_FIRST] = seen;
}
