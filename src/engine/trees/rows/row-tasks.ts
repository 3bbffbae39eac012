/**
 * What is done to many rows at once, by one thread or by several that have a share each. Sums of doubles are made by blocks of
 * rows, which are the same however many threads there are.
 */
import { lossOf } from '../boosting/losses';
import { addRows, histogramSize, SLOTS } from '../growing/histogram';
import { packRows } from '../growing/packing';
import type { RowMemory } from './row-memory';

/** Rows of a share begin at a multiple of it, counted from the first of the task. */
export const BLOCK_ROWS = 4096;
/** Numbers that a task says of a block. */
export const BLOCK_NUMBERS = 8;
/** Of these, where those of the loss begin: after the magnitudes of gradients and Hessians. */
export const LOSS_NUMBERS = 6;
const ARGUMENTS_MAX = 6;

/** What threads of one training share. */
export interface TaskMemory {
  rows: RowMemory;
  arguments: Float64Array;
  /** Of bins: whether their rows go left. */
  goesLeft: Uint8Array;
  /** By block of the task. */
  blocks: Float64Array;
  /** By thread: the histogram of its share (the first one's: that of the whole), and how many of its rows went left. */
  histograms: Float64Array[];
  lefts: Float64Array;
}

export function taskMemory(rows: RowMemory, threads: number): TaskMemory {
  const doubles = (count: number) => new Float64Array(new SharedArrayBuffer(8 * count));
  return {
    ...{ rows, arguments: doubles(ARGUMENTS_MAX), goesLeft: new Uint8Array(new SharedArrayBuffer(SLOTS)) },
    blocks: doubles(Math.ceil(rows.order.length / BLOCK_ROWS) * BLOCK_NUMBERS),
    histograms: Array.from({ length: threads }, () => doubles(histogramSize(rows.binned))),
    lefts: doubles(threads),
  };
}

/** Rows from … to − 1, or those at these places of the order: the part of one thread of those from `first`. */
export interface Share {
  first: number;
  from: number;
  to: number;
  thread: number;
}

type Task = (memory: TaskMemory, share: Share) => void;

export const ROW_TASKS = { turn, derive, judge, sum, partition, pack, total, add } satisfies Record<string, Task>;

export type RowTask = keyof typeof ROW_TASKS;

/** Bins, row after row, to bins column after column. A block of rows stays in a core's cache. */
function turn({ rows: { binned, byColumn } }: TaskMemory, share: Share): void {
  const { rows, columns, stride, bins } = binned;
  eachBlock(share, (from, to) => {
    for (let column = 0; column < columns; column++)
      for (let row = from; row < to; row++) byColumn[column * rows + row] = bins[row * stride + column];
  });
}

/** Gradients and Hessians of an output, of rows as they are numbered; and what their magnitudes are. */
function derive({ rows, arguments: values, blocks }: TaskMemory, share: Share): void {
  const { targets, before: scores, outputs } = rows;
  const { derive: deriveRows } = lossOf(rows.loss);
  const output = values[0] | 0;
  eachBlock(share, (from, to, at) => {
    deriveRows({ targets, scores, outputs }, output, rows, { from, to });
    blocks.set(magnitudes(rows, from, to), at);
  });
}

/** Sum, largest and least of gradients, then of Hessians. */
function magnitudes({ gradients, hessians }: RowMemory, from: number, to: number): number[] {
  let [gradientSum, gradientMost, gradientLeast] = [0, 0, Infinity];
  let [hessianSum, hessianMost, hessianLeast] = [0, 0, Infinity];
  for (let row = from; row < to; row++) {
    const gradient = Math.abs(gradients[row]);
    const hessian = Math.abs(hessians[row]);
    gradientSum += gradient;
    hessianSum += hessian;
    gradientMost = Math.max(gradientMost, gradient);
    hessianMost = Math.max(hessianMost, hessian);
    gradientLeast = Math.min(gradientLeast, gradient);
    hessianLeast = Math.min(hessianLeast, hessian);
  }
  return [gradientSum, gradientMost, gradientLeast, hessianSum, hessianMost, hessianLeast];
}

/** Losses, and their weights, of rows as they are numbered; and all that derive() gives, where it comes with them. */
function judge({ rows, blocks }: TaskMemory, share: Share): void {
  const { total: totalOf, deriveAndTotal } = lossOf(rows.loss);
  const isDerived = givesDerivatives(rows);
  eachBlock(share, (from, to, at) => {
    const range = { from, to };
    blocks.set(isDerived ? deriveAndTotal!(rows, rows, range) : totalOf(rows, range), at + LOSS_NUMBERS);
    if (isDerived) blocks.set(magnitudes(rows, from, to), at);
  });
}

/** Whether judge() leaves the gradients and Hessians of the only output. */
export const givesDerivatives = ({ loss, outputs }: RowMemory): boolean =>
  outputs === 1 && lossOf(loss).deriveAndTotal !== undefined;

/** The first thread adds to what is there, the others begin anew. */
function sum({ rows: { binned, order, packed }, histograms }: TaskMemory, { from, to, thread }: Share): void {
  if (thread > 0) histograms[thread].fill(0);
  addRows(histograms[thread], binned, { order, values: packed, from, to });
}

/**
 * Those that go left lie before the others afterwards, within the share: the others are in `spare`, from the same place. Four
 * rows are read before any is written, which takes half the time.
 */
function partition({ rows, goesLeft, lefts, arguments: values }: TaskMemory, { from, to, thread }: Share): void {
  const { order, spare, binned, byColumn } = rows;
  const bins = byColumn.subarray(values[0] * binned.rows, (values[0] + 1) * binned.rows);
  let kept = from;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const a = order[i];
    const b = order[i + 1];
    const c = order[i + 2];
    const d = order[i + 3];
    const leftA = goesLeft[bins[a]];
    const leftB = goesLeft[bins[b]];
    const leftC = goesLeft[bins[c]];
    const leftD = goesLeft[bins[d]];
    order[kept] = spare[from + i - kept] = a;
    kept += leftA;
    order[kept] = spare[from + i + 1 - kept] = b;
    kept += leftB;
    order[kept] = spare[from + i + 2 - kept] = c;
    kept += leftC;
    order[kept] = spare[from + i + 3 - kept] = d;
    kept += leftD;
  }
  for (; i < to; i++) {
    const row = order[i];
    order[kept] = spare[from + i - kept] = row;
    kept += goesLeft[bins[row]];
  }
  lefts[thread] = kept - from;
}

function pack({ rows, arguments: values }: TaskMemory, { from, to }: Share): void {
  const [shift, gradientUnit, hessianUnit, counts, seed] = values;
  packRows(rows, { from, to }, { shift, gradientUnit, hessianUnit, counts: counts === 1, seed: seed | 0 });
}

/** Exact sums of gradients and Hessians. */
function total({ rows, blocks }: TaskMemory, share: Share): void {
  eachBlock(share, (from, to, at) => blocks.set(sumsOf(rows, from, to), at));
}

function sumsOf({ order, gradients, hessians }: RowMemory, from: number, to: number): [number, number] {
  let gradient = 0;
  let hessian = 0;
  for (let i = from; i < to; i++) {
    const row = order[i];
    gradient += gradients[row];
    hessian += hessians[row];
  }
  return [gradient, hessian];
}

/** A number to the scores of an output. */
function add({ rows: { order, scores, outputs }, arguments: values }: TaskMemory, { from, to }: Share): void {
  const value = values[0];
  const output = values[1] | 0;
  for (let i = from; i < to; i++) scores[order[i] * outputs + output] += value;
}

/** @param visit called with the place of the block's numbers */
function eachBlock({ first, from, to }: Share, visit: (from: number, to: number, at: number) => void): void {
  for (let start = from; start < to; start += BLOCK_ROWS)
    visit(start, Math.min(to, start + BLOCK_ROWS), ((start - first) / BLOCK_ROWS) * BLOCK_NUMBERS);
}
