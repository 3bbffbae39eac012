/**
 * Which rows a thread has. It alone reads and writes what is known of them while trees are grown: lines of memory that two
 * cores write by turns cost more than the work on them.
 */

/** Rows from … to − 1. Sums of doubles are made by blocks, which are the same however many threads there are. */
export interface Block {
  number: number;
  from: number;
  to: number;
}

export interface Share {
  /** Ascending. Blocks go round the threads, as rows that lie side by side are often alike. */
  blocks: Block[];
  /** Its rows have the places first … last − 1 of the order. */
  first: number;
  last: number;
}

const BLOCKS_MAX = 64;
const BLOCK_ROWS_MIN = 1024;
/** Bytes that a core fetches at once; a block is a multiple of as many rows. */
const LINE = 64;

export const blockRowsOf = (rows: number): number =>
  Math.max(BLOCK_ROWS_MIN, Math.ceil(rows / BLOCKS_MAX / LINE) * LINE);

export const blockCountOf = (rows: number): number => Math.ceil(rows / blockRowsOf(rows));

/** By thread; some may be empty. */
export function sharesOf(rows: number, threads: number): Share[] {
  const size = blockRowsOf(rows);
  let first = 0;
  return Array.from({ length: threads }, (_, thread) => {
    const blocks: Block[] = [];
    let last = first;
    for (let number = thread; number * size < rows; number += threads) {
      const block = { number, from: number * size, to: Math.min(rows, (number + 1) * size) };
      blocks.push(block);
      last += block.to - block.from;
    }
    const share = { blocks, first, last };
    first = last;
    return share;
  });
}
