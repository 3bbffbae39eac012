/** What is known of each row while trees are grown, in memory that threads share. */
import type { BinnedRows } from '../bins';
import { sharedDoubles } from '../shared-numbers';
import type { LossChoice, Targets } from '../boosting/losses';

export interface RowMemory {
  binned: BinnedRows;
  /** The same bins column after column, once they are turned: who parts rows by one column reads no others. */
  byColumn: Uint8Array;
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
  /** What those of earlier rounds say: the trees of a round are fitted to it. The same numbers where a round has one. */
  before: Float64Array;
  outputs: number;
  targets: Targets;
  loss: LossChoice;
}

export interface Learnt {
  targets: Targets;
  outputs: number;
  loss: LossChoice;
}

export function rowMemory(binned: BinnedRows, { targets, outputs, loss }: Learnt): RowMemory {
  const { rows, columns } = binned;
  const numbers = () => new Uint32Array(new SharedArrayBuffer(rows * 4));
  const scores = sharedDoubles(rows * outputs);
  return {
    ...{ binned, byColumn: new Uint8Array(new SharedArrayBuffer(rows * columns)), order: numbers(), spare: numbers() },
    ...{ gradients: sharedDoubles(rows), hessians: sharedDoubles(rows), packed: sharedDoubles(rows) },
    ...{ scores, before: outputs === 1 ? scores : sharedDoubles(rows * outputs), outputs, loss },
    targets: { ...targets, y: shared(targets.y), weight: targets.weight && shared(targets.weight) },
  };
}

function shared(values: Float32Array): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
