/** What is known of each row while trees are grown, in memory that threads share. */
import type { BinnedRows } from '../bins';

export interface RowMemory {
  binned: BinnedRows;
  /** Rows that a tree is fitted to, in the order of its leaves. */
  order: Uint32Array;
  /** Room for half of an order. */
  spare: Uint32Array;
  gradients: Float64Array;
  hessians: Float64Array;
  /** Both, as whole numbers in one (growing/packing.ts). */
  packed: Float64Array;
  /** What the trees so far say, row-major [rows, outputs]. */
  scores: Float64Array;
  outputs: number;
}

export function rowMemory(binned: BinnedRows, outputs: number): RowMemory {
  const { rows } = binned;
  const doubles = (count: number) => new Float64Array(new SharedArrayBuffer(count * 8));
  const numbers = () => new Uint32Array(new SharedArrayBuffer(rows * 4));
  return {
    ...{ binned, order: numbers(), spare: numbers(), outputs },
    ...{ gradients: doubles(rows), hessians: doubles(rows), packed: doubles(rows), scores: doubles(rows * outputs) },
  };
}
