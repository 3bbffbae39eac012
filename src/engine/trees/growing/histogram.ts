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
  const adders = areFarApart(rows) ? distant : near;
  const words = new Uint32Array(bins.buffer, bins.byteOffset, bins.length / BYTES);
  const part = columns.to - columns.from > COLUMNS_AT_ONCE ? PART_ROWS : Infinity;
  for (let from = rows.from; from < rows.to; from += part) {
    const to = Math.min(rows.to, from + part);
    for (let first = columns.from; first < columns.to; first += COLUMNS_AT_ONCE) {
      const add = adders.of(Math.min(COLUMNS_AT_ONCE, columns.to - first));
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
 * core makes several at a time; two rows at once, so that it waits less for the bins of either. They are written here for
 * each count: a loop over columns is four times slower, and one of eight columns at a time reads the rows again and again.
 * Four bins are read as one word, the first in its lowest byte: machines that Node and ONNX Runtime both run on have it so.
 */
class Adders {
  private readonly made = new Map<number, Adder>();

  /** @param loop of what is done to two rows, and to one */
  constructor(private readonly loop: (addTwo: string, addOne: string) => string) {}

  of(columns: number): Adder {
    let adder = this.made.get(columns);
    if (!adder) this.made.set(columns, (adder = this.make(columns)));
    return adder;
  }

  private make(columns: number): Adder {
    const head = 'const { order, values, from, to, stride } = rows;';
    const loop = this.loop(additions(columns, ['first', 'second']), additions(columns, ['first']));
    return new Function('sums', 'words', 'rows', `${head}\n${loop}`) as Adder;
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

const near = new Adders(
  (addTwo, addOne) => `
    let i = from;
    for (; i + 1 < to; i += 2) {
      const first = order[i], second = order[i + 1];
      const firstValue = values[first], secondValue = values[second];
      const firstAt = first * stride, secondAt = second * stride;
      ${addTwo}
    }
    for (; i < to; i++) {
      const firstValue = values[order[i]];
      const firstAt = order[i] * stride;
      ${addOne}
    }`,
);

/** First reads a word of each of some rows, so that a core waits for all of them at once and not for one after the other. */
const distant = new Adders(
  (addTwo, addOne) => `
    const fetched = new Float64Array(${ASKED_FIRST});
    let seen = 0;
    for (let start = from; start < to; start += ${ASKED_FIRST}) {
      const count = Math.min(to - start, ${ASKED_FIRST});
      for (let k = 0; k < count; k++) {
        const row = order[start + k];
        seen ^= words[row * stride];
        fetched[k] = values[row];
      }
      let k = 0;
      for (; k + 1 < count; k += 2) {
        const firstValue = fetched[k], secondValue = fetched[k + 1];
        const firstAt = order[start + k] * stride, secondAt = order[start + k + 1] * stride;
        ${addTwo}
      }
      for (; k < count; k++) {
        const firstValue = fetched[k];
        const firstAt = order[start + k] * stride;
        ${addOne}
      }
    }
    return seen;`,
);
