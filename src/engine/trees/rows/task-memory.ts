/** What threads of one training share. */
import { histogramSize, SLOTS } from '../growing/histogram';
import { searchMemory, type SearchMemory } from '../growing/search-memory';
import { sharedDoubles, sharedIntegers } from '../shared-numbers';
import type { RowMemory } from './row-memory';
import { blockCountOf, sharesOf, type Share } from './shares';

/** Numbers that a task says of a block: as many as fill a line of memory, so that threads do not write to the same one. */
export const BLOCK_NUMBERS = 8;
/** Of these, where those of the loss begin: after the magnitudes of gradients and Hessians. */
export const LOSS_NUMBERS = 5;
/** By which rows with large gradients are found. */
export const BUCKETS = 4096;
const ARGUMENTS_MAX = 8;

export interface TaskMemory {
  rows: RowMemory;
  shares: Share[];
  arguments: Float64Array;
  /** Of each block BLOCK_NUMBERS. */
  blocks: Float64Array;
  /** By thread. */
  parts: ShareMemory[];
  tree: TreeMemory;
  search: SearchMemory;
}

/** What a thread finds out of its rows. */
export interface ShareMemory {
  /** Of its rows in one node. */
  histogram: Float64Array;
  /** By node of the tree: its rows in it have the places from … to − 1 of the order. */
  ranges: Uint32Array;
  /** How many of its gradients are in each bucket. */
  buckets: Uint32Array;
}

/** The tree that is grown, by node. */
export interface TreeMemory {
  /** −1 of a leaf. */
  column: Int32Array;
  left: Int32Array;
  right: Int32Array;
  /** Whether each of 256 bins goes left. */
  goesLeft: Uint8Array;
  value: Float64Array;
  /** Exact sums of gradients and of Hessians, by block of rows: [nodes, blocks, 2]. */
  totals: Float64Array;
  /** Nodes that are leaves. */
  leaves: Int32Array;
}

export function taskMemory(rows: RowMemory, { threads, leaves }: { threads: number; leaves: number }): TaskMemory {
  const { binned } = rows;
  const shares = sharesOf(binned.rows, threads);
  const leavesMax = Math.max(1, Math.min(leaves, binned.rows));
  const nodes = 2 * leavesMax - 1;
  const blocks = blockCountOf(binned.rows);
  return {
    ...{ rows, shares, arguments: sharedDoubles(ARGUMENTS_MAX), blocks: sharedDoubles(blocks * BLOCK_NUMBERS) },
    parts: shares.map(() => ({
      histogram: sharedDoubles(histogramSize(binned)),
      ranges: new Uint32Array(new SharedArrayBuffer(8 * nodes)),
      buckets: new Uint32Array(new SharedArrayBuffer(4 * BUCKETS)),
    })),
    tree: {
      ...{
        column: sharedIntegers(nodes),
        left: sharedIntegers(nodes),
        right: sharedIntegers(nodes),
        leaves: sharedIntegers(leavesMax),
      },
      goesLeft: new Uint8Array(new SharedArrayBuffer(SLOTS * nodes)),
      ...{ value: sharedDoubles(nodes), totals: sharedDoubles(2 * nodes * blocks) },
    },
    search: searchMemory(binned.columns, threads, leavesMax),
  };
}
