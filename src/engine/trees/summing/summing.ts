/** Sums a node's rows on one thread. */
import type { BinnedRows } from '../bins';
import { addRows } from '../growing/histogram';

export interface NodeRows {
  order: Uint32Array;
  /** By row. */
  values: Float64Array;
  from: number;
  to: number;
}

/** Adds rows to a histogram; all at once or by several threads. */
export type Summing = (sums: Float64Array, binned: BinnedRows, rows: NodeRows) => void;

/** Rows are taken in parts whose values stay in a core's cache. */
const PART_ROWS = 16_384;

export function summing(): Summing {
  const packed = new Float64Array(PART_ROWS);
  return (sums, binned, { order, values, from, to }) => {
    for (let part = from; part < to; part += PART_ROWS) {
      const end = Math.min(to, part + PART_ROWS);
      for (let i = part; i < end; i++) packed[i - part] = values[order[i]];
      addRows(sums, binned, { order, packed, from: part, to: end });
    }
  };
}
