/** The work of growing trees: on one thread, or on several where there is enough of it. */
import { histogramSize, SLOTS } from '../growing/histogram';
import type { Magnitudes, Packing } from '../growing/packing';
import { searchArguments, slotOf, type Searched } from '../growing/search';
import {
  binsOf,
  readFound,
  readPacking,
  readRules,
  writeColumns,
  writeNode,
  writePacking,
  writeRules,
} from '../growing/search-memory';
import {
  NodeSearch,
  type Candidate,
  type ColumnRule,
  type NodeSums,
  type Split,
  type SplitRules,
  type Sums,
} from '../growing/split';
import { HistogramSlots } from '../growing/slots';
import { leftBins } from '../tree';
import { givesDerivatives } from './passes';
import type { RowMemory } from './row-memory';
import { ROW_TASKS, type RowTask } from './row-tasks';
import { RowThreads } from './row-threads';
import { blockCountOf } from './shares';
import { BLOCK_NUMBERS, BUCKETS, LOSS_NUMBERS, taskMemory, type TaskMemory } from './task-memory';

/** Bins that are summed at once: some tenths of a second between two looks at what is asked of the training. */
const SLICE_BINS = 100_000_000;
/** What a task costs for a row, in bins that are summed; a row's sum costs its columns. */
const COSTS = { derive: 15, judge: 15, count: 4, takeAll: 1, draw: 8, part: 4, pack: 6, total: 4, apply: 4 };
/**
 * A node of more rows is summed by rows, whose sums are added up; one of fewer by columns, each thread some of them, over all
 * rows.
 */
const ROWS_BY_COLUMN = 8192;
/** Of a column that is searched. */
const SEARCH_COST = 600;
/** Less is not worth sharing, or waking threads for. */
const SHARED_MIN = 5_000;
const WAKING_MIN = 100_000;
/** Bins of a table, fewer of which are not worth starting threads for. */
const THREADS_MIN = 500_000;

/** A node whose best split is looked for. */
export interface Wanted {
  node: number;
  slot: number;
  sums: NodeSums;
  /** Whether it may be split. */
  isSearched: boolean;
}

export class RowWork {
  readonly slots: HistogramSlots;
  /** The node whose rows were summed last, and by how many threads. */
  private summed = { node: -1, partials: 1 };

  private constructor(
    readonly memory: RowMemory,
    private readonly tasks: TaskMemory,
    private readonly threads: RowThreads | null,
  ) {
    this.slots = new HistogramSlots(tasks.search.slots);
  }

  /** On the calling thread. @param leaves of a tree, at most */
  static alone(memory: RowMemory, leaves: number): RowWork {
    return new RowWork(memory, taskMemory(memory, { threads: 1, leaves }), null);
  }

  /** On so many threads at most, on one where there are few rows. To be closed. They start while the caller goes on. */
  static async start(memory: RowMemory, { threads, leaves }: { threads: number; leaves: number }): Promise<RowWork> {
    const { rows, columns } = memory.binned;
    if (threads === 1 || rows * columns < THREADS_MIN) return RowWork.alone(memory, leaves);
    const tasks = taskMemory(memory, { threads, leaves });
    return new RowWork(memory, tasks, await RowThreads.start(tasks, threads));
  }

  get threadCount(): number {
    return this.threads?.count ?? 1;
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.threads?.close();
  }

  /** Before trees are grown: what splits have to keep to; and copies bins to where they lie column after column. */
  prepare(columns: readonly ColumnRule[], rules: SplitRules): void {
    writeColumns(this.tasks.search, columns);
    writeRules(this.tasks.search, rules);
    this.run('turn', this.rows * columns.length);
  }

  /** Gradients and Hessians of all rows. Returns their magnitudes. */
  derive(output: number): Magnitudes {
    this.run('derive', this.rows * COSTS.derive, output);
    return this.magnitudes();
  }

  /** The mean loss of all rows; and the magnitudes of their gradients and Hessians, where these came with it. */
  judge(): { loss: number; magnitudes: Magnitudes | null } {
    this.run('judge', this.rows * COSTS.judge);
    let [sum, weight] = [0, 0];
    for (let block = 0; block < blockCountOf(this.rows); block++) {
      sum += this.tasks.blocks[block * BLOCK_NUMBERS + LOSS_NUMBERS];
      weight += this.tasks.blocks[block * BLOCK_NUMBERS + LOSS_NUMBERS + 1];
    }
    return { loss: sum / weight, magnitudes: givesDerivatives(this.memory) ? this.magnitudes() : null };
  }

  /** How many rows have gradients of each size, by buckets of equal width up to the largest one. */
  gradientCounts(most: number): Uint32Array {
    this.run('count', this.rows * COSTS.count, most);
    const counts = new Uint32Array(BUCKETS);
    for (const { buckets } of this.tasks.parts) buckets.forEach((count, bucket) => (counts[bucket] += count));
    return counts;
  }

  /** The tree is fitted to all rows. */
  takeAll(): void {
    this.run('takeAll', this.rows * COSTS.takeAll);
  }

  /**
   * The tree is fitted to rows that are drawn, and to those whose gradients are in the buckets from `largeFrom` on. Drawn ones
   * are multiplied. Returns how many there are, and their magnitudes.
   */
  draw(
    { share, factor, largeFrom, most }: { share: number; factor: number; largeFrom: number; most: number },
    seed: number,
  ): { rows: number; magnitudes: Magnitudes } {
    this.run('draw', this.rows * COSTS.draw, share * 2 ** 32, largeFrom, most, factor, seed);
    return { rows: this.rowsOf(0), magnitudes: this.magnitudes() };
  }

  /** What rows of the tree add to sums. */
  pack(packing: Packing, seed: number): void {
    const { shift, gradientUnit, hessianUnit, counts } = packing;
    writePacking(this.tasks.search, packing);
    this.run('pack', this.rowsOf(0) * COSTS.pack, shift, gradientUnit, hessianUnit, Number(counts), seed);
  }

  /**
   * Sums the rows of a node, each thread its own. Returns what they add up to, packed. @param proceed asked between two parts;
   * throws to stop
   */
  sum(node: number, proceed: () => void): number {
    const cost = this.rowsOf(node) * this.memory.binned.columns;
    const partials = this.isShared(cost) ? this.threadCount : 1;
    const slices = Math.ceil(Math.max(1, cost) / SLICE_BINS);
    for (let slice = 0; slice < slices; slice++) {
      proceed();
      this.run('sum', cost, node, slice, slices, Number(partials === 1));
    }
    this.summed = { node, partials };
    let sum = 0;
    for (const { histogram } of this.tasks.parts.slice(0, partials))
      for (let bin = 0; bin < SLOTS; bin++) sum += histogram[bin];
    return sum;
  }

  /** Parts the rows of a node; returns how many go left. */
  part(node: number, split: Split, children: { left: number; right: number }): number {
    const { tree } = this.tasks;
    tree.column[node] = split.column;
    tree.left[node] = children.left;
    tree.right[node] = children.right;
    tree.goesLeft.set(leftBins(split), node * SLOTS);
    this.run('part', this.rowsOf(node) * COSTS.part, node);
    return this.rowsOf(children.left);
  }

  /**
   * Best splits of a node, whose histogram goes to its slot; and of its larger sibling, whose slot holds the histogram of their
   * parent. Each thread searches some of the columns.
   */
  search(small: Wanted, large: Wanted | null, columns: readonly number[], proceed: () => void): (Split | null)[] {
    const { search } = this.tasks;
    const rows = this.rowsOf(small.node);
    const summing = rows * this.memory.binned.columns;
    if (this.summed.node !== small.node && (summing > SLICE_BINS || (this.threads && rows > ROWS_BY_COLUMN)))
      this.sum(small.node, proceed);
    const isSummed = this.summed.node === small.node;
    search.chosen.set(columns);
    const wanted = large ? [small, large] : [small];
    wanted.forEach(({ sums }, which) => writeNode(search, which as 0 | 1, sums));
    const searched: Searched = {
      ...{ small: small.slot, large: large?.slot ?? -1 },
      ...{ isSmallSearched: small.isSearched, isLargeSearched: large?.isSearched ?? false },
      ...{ unsummed: isSummed ? -1 : small.node, partials: this.summed.partials },
    };
    const cost = columns.length * wanted.length * SEARCH_COST + (isSummed ? 0 : summing);
    this.run('search', cost, ...searchArguments(searched, columns.length));
    this.summed.node = -1;
    return wanted.map(({ slot, sums }, which) => this.best(which as 0 | 1, slot, sums));
  }

  private best(which: 0 | 1, slot: number, sums: NodeSums): Split | null {
    const { search } = this.tasks;
    let best: Candidate | null = null;
    for (const found of search.found) {
      const candidate = readFound(found, which);
      if (candidate && (best === null || candidate.gain > best.gain)) best = candidate;
    }
    if (best === null) return null;
    const histogram = slotOf(search, slot, histogramSize(this.memory.binned));
    const node = new NodeSearch(histogram, sums, readPacking(search), readRules(search));
    return node.split(best, binsOf(search, best.column));
  }

  /** Exact sums of gradients and Hessians of each leaf. */
  totals(leaves: readonly number[]): Sums[] {
    const { tree } = this.tasks;
    tree.leaves.set(leaves);
    this.run('total', this.rowsOf(0) * COSTS.total, leaves.length);
    const blocks = blockCountOf(this.rows);
    return leaves.map((node) => {
      const sums = { gradient: 0, hessian: 0 };
      for (let at = 2 * node * blocks; at < 2 * (node + 1) * blocks; at += 2) {
        sums.gradient += tree.totals[at];
        sums.hessian += tree.totals[at + 1];
      }
      return sums;
    });
  }

  /** Adds what a tree says to the scores of all rows. It is the one that was grown last. */
  apply(values: Float64Array, leaves: readonly number[], output: number): void {
    const { tree } = this.tasks;
    tree.value.set(values);
    tree.leaves.set(leaves);
    for (const node of leaves) tree.column[node] = -1;
    this.run('apply', this.rows * COSTS.apply, leaves.length, output);
  }

  /** Rows of a node, ascending. */
  rowNumbers(node: number): Uint32Array {
    const { parts } = this.tasks;
    const { order } = this.memory;
    const rows = new Uint32Array(this.rowsOf(node));
    let place = 0;
    for (const { ranges } of parts) {
      const those = order.subarray(ranges[2 * node], ranges[2 * node + 1]);
      rows.set(those, place);
      place += those.length;
    }
    return parts.length === 1 ? rows : rows.sort();
  }

  /** How many a node has. */
  rowsOf(node: number): number {
    let rows = 0;
    for (const { ranges } of this.tasks.parts) rows += ranges[2 * node + 1] - ranges[2 * node];
    return rows;
  }

  private get rows(): number {
    return this.memory.binned.rows;
  }

  private magnitudes(): Magnitudes {
    const all = { gradientSum: 0, gradientMost: 0, hessianSum: 0, hessianMost: 0, hessianLeast: Infinity };
    for (let block = 0; block < blockCountOf(this.rows); block++) {
      const [gradientSum, gradientMost, hessianSum, hessianMost, hessianLeast] = this.tasks.blocks.subarray(
        block * BLOCK_NUMBERS,
        block * BLOCK_NUMBERS + LOSS_NUMBERS,
      );
      all.gradientSum += gradientSum;
      all.gradientMost = Math.max(all.gradientMost, gradientMost);
      all.hessianSum += hessianSum;
      all.hessianMost = Math.max(all.hessianMost, hessianMost);
      all.hessianLeast = Math.min(all.hessianLeast, hessianLeast);
    }
    return all;
  }

  private isShared(cost: number): boolean {
    return this.threads !== null && cost >= SHARED_MIN;
  }

  private run(task: RowTask, cost: number, ...values: number[]): void {
    const { tasks, threads } = this;
    tasks.arguments.set(values);
    if (this.isShared(cost)) threads!.run(task, cost >= WAKING_MIN);
    else for (let thread = 0; thread < this.threadCount; thread++) ROW_TASKS[task](tasks, thread);
  }
}
