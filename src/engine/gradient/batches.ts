/** Which rows each step sees, as a function of seed, epoch and step alone, so that a resumed run sees the same. */
import { Random } from '../random';

export interface BatchPlan {
  batch: number;
  stepsPerEpoch: number;
}

const SHUFFLE = 1;
const ROW_KEYS = 2;
const VISITS = 3;
const MIX = 4;
const BLOCK = 5;

/**
 * Equally large batches close to the wanted size. Every row is used in each epoch; up to stepsPerEpoch - 1 rows, other
 * ones each time, are used twice to fill the last batch.
 */
export function planBatches(rows: number, wanted: number): BatchPlan {
  const stepsPerEpoch = Math.max(1, Math.ceil(rows / wanted));
  return { batch: Math.ceil(rows / stepsPerEpoch), stepsPerEpoch };
}

/** Rows of all steps of an epoch, [stepsPerEpoch, batch]. */
export function epochOrder(rows: number, { batch, stepsPerEpoch }: BatchPlan, seed: number, epoch: number): Int32Array {
  const order = Int32Array.from({ length: batch * stepsPerEpoch }, (_, i) => i % rows);
  new Random(seed, streamOf(SHUFFLE, epoch)).shuffle(order.subarray(0, rows));
  for (let i = rows; i < order.length; i++) order[i] = order[i - rows];
  return order;
}

/** The order in which an epoch visits the groups. */
export function groupOrder(groups: number, seed: number, epoch: number): Int32Array {
  const order = Int32Array.from({ length: groups }, (_, i) => i);
  return new Random(seed, streamOf(VISITS, epoch)).shuffle(order);
}

/** The block of each step over a group whose blocks take so many steps. */
export function mixedBlocks(steps: number[], seed: number, epoch: number): Int32Array {
  const order = Int32Array.from(steps.flatMap((count, block) => new Array<number>(count).fill(block)));
  return new Random(seed, streamOf(MIX, epoch)).shuffle(order);
}

/** A seed of its own for each block, the first of which has the run's. */
export function blockSeed(seed: number, block: number): number {
  return block === 0 ? seed : new Random(seed, streamOf(BLOCK, block)).uint32();
}

/** One 32-bit key per row of each step from `step` on, [count, batch]. */
export function rowKeys(batch: number, seed: number, step: number, count: number): Int32Array {
  const keys = new Int32Array(count * batch);
  for (let i = 0; i < count; i++) {
    const random = new Random(seed, streamOf(ROW_KEYS, step + i));
    for (let j = 0; j < batch; j++) keys[i * batch + j] = random.uint32();
  }
  return keys;
}

/** Streams of different uses and indices do not meet below 2^28 epochs or steps. */
const streamOf = (use: number, index: number) => (use << 28) | index;
