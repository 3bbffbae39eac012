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

/** Adds rows to `sums`. */
export function addRows(sums: Float64Array, { bins, stride, columns }: BinnedRows, rows: NodeRows): void {
  if (rows.to === rows.from) return;
  const adders = areFarApart(rows) ? distant : near;
  const words = new Uint32Array(bins.buffer, bins.byteOffset, bins.length / BYTES);
  const part = columns > COLUMNS_AT_ONCE ? PART_ROWS : Infinity;
  for (let from = rows.from; from < rows.to; from += part) {
    const to = Math.min(rows.to, from + part);
    for (let first = 0; first < columns; first += COLUMNS_AT_ONCE) {
      const add = adders.of(Math.min(COLUMNS_AT_ONCE, columns - first));
      add(sums.subarray(first * SLOTS), words.subarray(first / BYTES), { ...rows, from, to, stride: stride / BYTES });
    }
  }
}

type Adder = (sums: Float64Array, words: Uint32Array, rows: NodeRows & { stride: number }) => void;

const BYTES = 4;
/** Rows of a node, in one of so many of the table or fewer, come from memory one by one. */
const FAR_APART = 8;
/** Rows whose bins are asked for before they are added: a core fetches about as many lines at once. */
const ASKED_FIRST = 32;

/** The order of a node ascends. */
const areFarApart = ({ order, from, to }: NodeRows): boolean => order[to - 1] - order[from] > FAR_APART * (to - from);

/**
 * Loops over rows, unrolled over so many columns: sums of one row go to places that do not depend on one another, so that a
 * core makes several at a time. They are written here for each count: a loop over columns is four times slower, and one of
 * eight columns at a time reads the rows again and again. Four bins are read as one word, the first in its lowest byte:
 * machines that Node and ONNX Runtime both run on have it so.
 */
class Adders {
  private readonly made = new Map<number, Adder>();

  constructor(private readonly loop: (addRow: string) => string) {}

  of(columns: number): Adder {
    let adder = this.made.get(columns);
    if (!adder) this.made.set(columns, (adder = this.make(columns)));
    return adder;
  }

  private make(columns: number): Adder {
    const lines = Array.from({ length: columns }, (_, c) => {
      const bin = `${c % BYTES === 0 ? `(word = words[at + ${c / BYTES}])` : `(word >>> ${8 * (c % BYTES)})`} & 255`;
      return `sums[${c * SLOTS} + (${bin})] += value;`;
    });
    const head = 'const { order, values, from, to, stride } = rows; let word = 0;';
    return new Function('sums', 'words', 'rows', `${head}\n${this.loop(lines.join('\n'))}`) as Adder;
  }
}

const near = new Adders(
  (addRow) => `
    for (let i = from; i < to; i++) {
      const row = order[i];
      const value = values[row];
      const at = row * stride;
      ${addRow}
    }`,
);

/** First reads a word of each of some rows, so that a core waits for all of them at once and not for one after the other. */
const distant = new Adders(
  (addRow) => `
    const near = new Float64Array(${ASKED_FIRST});
    let seen = 0;
    for (let start = from; start < to; start += ${ASKED_FIRST}) {
      const count = Math.min(to - start, ${ASKED_FIRST});
      for (let k = 0; k < count; k++) {
        const row = order[start + k];
        seen ^= words[row * stride];
        near[k] = values[row];
      }
      for (let k = 0; k < count; k++) {
        const value = near[k];
        const at = order[start + k] * stride;
        ${addRow}
      }
    }
    return seen;`,
);

/** What is left in `all` without `part`: the histogram of a node less that of one child is that of the other. */
export function subtract(all: Float64Array, part: Float64Array): void {
  for (let i = 0; i < all.length; i++) all[i] -= part[i];
}
