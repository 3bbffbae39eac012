/** Rows of a thread by the nodes of the tree that is grown. */
import { addRows, SLOTS } from '../growing/histogram';
import { blockCountOf, blockRowsOf } from './shares';
import type { RowMemory } from './row-memory';
import type { TaskMemory, TreeMemory } from './task-memory';

/** Adds a slice of the rows of a node to the histogram of the thread; the first slice begins it. */
export function sum({ rows, parts, arguments: values }: TaskMemory, thread: number): void {
  const [node, slice, slices, isAlone] = values;
  const { binned, order, packed } = rows;
  const [from, to] = rangeOf(parts[thread].ranges, node);
  const at = (part: number): number => from + Math.floor(((to - from) * part) / slices);
  // One that does the work of all adds them up at once.
  const { histogram } = parts[isAlone === 1 ? 0 : thread];
  if (slice === 0 && (isAlone === 0 || thread === 0)) histogram.fill(0);
  const all = { from: 0, to: binned.columns };
  addRows(histogram, binned, { order, values: packed, from: at(slice), to: at(slice + 1) }, all);
}

/** Parts the rows of a node by its split. */
export function part({ rows, tree, parts, arguments: values }: TaskMemory, thread: number): void {
  const node = values[0];
  const { ranges } = parts[thread];
  const [from, to] = rangeOf(ranges, node);
  const middle = partRange(rows, tree, { node, from, to });
  ranges.set([from, middle], 2 * tree.left[node]);
  ranges.set([middle, to], 2 * tree.right[node]);
}

/** Exact sums of gradients and Hessians in each leaf, by block of rows. */
export function total({ rows, shares, tree, parts, arguments: values }: TaskMemory, thread: number): void {
  const { order, gradients, hessians, binned } = rows;
  const { leaves, totals } = tree;
  const size = blockRowsOf(binned.rows);
  const blocks = blockCountOf(binned.rows);
  for (let k = 0; k < values[0]; k++) {
    const base = leaves[k] * blocks;
    for (const { number } of shares[thread].blocks) totals.fill(0, 2 * (base + number), 2 * (base + number + 1));
    const [from, to] = rangeOf(parts[thread].ranges, leaves[k]);
    for (let i = from; i < to;) {
      const block = Math.floor(order[i] / size);
      const end = (block + 1) * size;
      let [gradient, hessian] = [0, 0];
      for (; i < to && order[i] < end; i++) {
        gradient += gradients[order[i]];
        hessian += hessians[order[i]];
      }
      totals[2 * (base + block)] = gradient;
      totals[2 * (base + block) + 1] = hessian;
    }
  }
}

/** Adds what leaves say to the scores of an output. Rows that the tree was not fitted to are parted by its splits before. */
export function apply({ rows, shares, tree, parts, arguments: values }: TaskMemory, thread: number): void {
  const [leafCount, output] = values;
  const { ranges } = parts[thread];
  for (let k = 0; k < leafCount; k++) {
    const [from, to] = rangeOf(ranges, tree.leaves[k]);
    add(rows, { from, to, output, value: tree.value[tree.leaves[k]] });
  }
  const open = [{ node: 0, from: ranges[1], to: shares[thread].last }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, from, to } = next;
    if (from === to) continue;
    if (tree.column[node] < 0) {
      add(rows, { from, to, output, value: tree.value[node] });
      continue;
    }
    const middle = partRange(rows, tree, next);
    open.push({ node: tree.left[node], from, to: middle }, { node: tree.right[node], from: middle, to });
  }
}

export const rangeOf = (ranges: Uint32Array, node: number): [from: number, to: number] => [
  ranges[2 * node],
  ranges[2 * node + 1],
];

function add(
  { order, scores, outputs }: RowMemory,
  { from, to, output, value }: { from: number; to: number; output: number; value: number },
): void {
  for (let i = from; i < to; i++) scores[order[i] * outputs + output] += value;
}

/** Puts the rows that go left before the others, each in their order; returns where the others begin. */
function partRange(
  { order, spare, binned, byColumn }: RowMemory,
  { column, goesLeft: tables }: TreeMemory,
  { node, from, to }: { node: number; from: number; to: number },
): number {
  const bins = byColumn.subarray(column[node] * binned.rows, (column[node] + 1) * binned.rows);
  const goesLeft = tables.subarray(node * SLOTS, (node + 1) * SLOTS);
  const parting: Parting = { order, spare, bins, goesLeft, from };
  const fours = to - ((to - from) % 4);
  const kept = partOnes(parting, { first: fours, to, kept: partFours(parting, fours) });
  order.set(spare.subarray(from, from + to - kept), kept);
  return kept;
}

interface Parting {
  order: Uint32Array;
  /** The others, from the same place on. */
  spare: Uint32Array;
  bins: Uint8Array;
  goesLeft: Uint8Array;
  from: number;
}

/** Four rows are read before any is written, which takes half the time. Returns where those that are kept end. */
function partFours({ order, spare, bins, goesLeft, from }: Parting, to: number): number {
  let kept = from;
  for (let i = from; i < to; i += 4) {
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
  return kept;
}

function partOnes(
  { order, spare, bins, goesLeft, from }: Parting,
  { first, to, kept: already }: { first: number; to: number; kept: number },
): number {
  let kept = already;
  for (let i = first; i < to; i++) {
    const row = order[i];
    order[kept] = spare[from + i - kept] = row;
    kept += goesLeft[bins[row]];
  }
  return kept;
}
