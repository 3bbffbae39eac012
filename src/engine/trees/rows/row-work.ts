/** The work of growing trees that is done row by row: on one thread, or on several where there is enough of it. */
import { histogramSize, type NodeRows } from '../growing/histogram';
import type { Magnitude, Magnitudes, Packing } from '../growing/packing';
import type { Sums } from '../growing/split';
import type { RowMemory } from './row-memory';
import {
  BLOCK_NUMBERS,
  BLOCK_ROWS,
  givesDerivatives,
  LOSS_NUMBERS,
  taskMemory,
  type RowTask,
  type TaskMemory,
} from './row-tasks';
import { doShare, RowThreads, sharesOf } from './row-threads';

/** Rows at order[from] … order[to − 1]. */
export type RowRange = Pick<NodeRows, 'from' | 'to'>;

/** Bins that are summed at once: some tenths of a second between two looks at what is asked of the training. */
const SLICE_BINS = 100_000_000;
/** What a task costs for a row, in bins that are summed; a row's sum costs its columns. */
const COSTS: Record<Exclude<RowTask, 'sum' | 'turn'>, number> = {
  ...{ derive: 15, judge: 15, partition: 4, pack: 6, total: 4, add: 2 },
};
/** Less is not worth waking threads for. */
const SHARED_MIN = 50_000;
/** Bins of a table, fewer of which are not worth starting threads for. */
const THREADS_MIN = 500_000;

export class RowWork {
  private readonly free: Float64Array[] = [];

  private constructor(
    readonly memory: RowMemory,
    private readonly tasks: TaskMemory,
    private readonly threads: RowThreads | null,
  ) {}

  /** On the calling thread. */
  static alone(memory: RowMemory): RowWork {
    return new RowWork(memory, taskMemory(memory, 1), null);
  }

  /** On so many threads at most, on one where there are few rows. To be closed. They start while the caller goes on. */
  static async start(memory: RowMemory, threads: number): Promise<RowWork> {
    const { rows, columns } = memory.binned;
    if (threads === 1 || rows * columns < THREADS_MIN) return RowWork.alone(memory);
    const tasks = taskMemory(memory, threads);
    return new RowWork(memory, tasks, await RowThreads.start(tasks, threads));
  }

  get threadCount(): number {
    return this.threads?.count ?? 1;
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.threads?.close();
  }

  /** Of unknown numbers; to be given back. */
  takeHistogram(): Float64Array {
    return this.free.pop() ?? new Float64Array(histogramSize(this.memory.binned));
  }

  giveBack(histogram: Float64Array | null): void {
    if (histogram) this.free.push(histogram);
  }

  /** Before rows are parted: copies bins to where they lie column after column. */
  turn(): void {
    this.run('turn', this.all, this.memory.binned.columns);
  }

  /** Gradients and Hessians of all rows. Returns their magnitudes. */
  derive(output: number): Magnitudes {
    this.run('derive', this.all, COSTS.derive, output);
    return this.magnitudes();
  }

  /** The mean loss of all rows; and the magnitudes of their gradients and Hessians, where these came with it. */
  judge(): { loss: number; magnitudes: Magnitudes | null } {
    this.run('judge', this.all, COSTS.judge);
    const [sum, weight] = this.blockSums(this.all, LOSS_NUMBERS, 2);
    return { loss: sum / weight, magnitudes: givesDerivatives(this.memory) ? this.magnitudes() : null };
  }

  /** Writes the histogram of rows to `into`. @param proceed asked between two parts; throws to stop */
  sum(into: Float64Array, { from, to }: RowRange, proceed: () => void): void {
    const { columns } = this.memory.binned;
    const slice = Math.ceil(SLICE_BINS / columns / BLOCK_ROWS) * BLOCK_ROWS;
    into.fill(0);
    this.tasks.histograms[0] = into;
    for (let start = from; start < to; start += slice) {
      proceed();
      const shares = this.run('sum', { from: start, to: Math.min(to, start + slice) }, columns);
      for (let thread = 1; thread < shares.length; thread++) addTo(into, this.tasks.histograms[thread]);
    }
  }

  /** Puts the rows that go left before the others, each in their order; returns where the others begin. */
  partition({ from, to }: RowRange, column: number, goesLeft: Uint8Array): number {
    const { order, spare } = this.memory;
    const { lefts, goesLeft: shared } = this.tasks;
    shared.set(goesLeft);
    const shares = this.run('partition', { from, to }, COSTS.partition, column);
    let middle = from;
    shares.forEach((share, thread) => {
      order.copyWithin(middle, share.from, share.from + lefts[thread]);
      middle += lefts[thread];
    });
    let place = middle;
    shares.forEach((share, thread) => {
      const moved = spare.subarray(share.from, share.to - lefts[thread]);
      order.set(moved, place);
      place += moved.length;
    });
    return middle;
  }

  pack(range: RowRange, { shift, gradientUnit, hessianUnit, counts }: Packing, seed: number): void {
    this.run('pack', range, COSTS.pack, shift, gradientUnit, hessianUnit, Number(counts), seed);
  }

  /** Exact sums of gradients and Hessians. */
  total(range: RowRange): Sums {
    this.run('total', range, COSTS.total);
    const [gradient, hessian] = this.blockSums(range, 0, 2);
    return { gradient, hessian };
  }

  /** A number to what the trees say of rows. */
  add(range: RowRange, value: number, output: number): void {
    this.run('add', range, COSTS.add, value, output);
  }

  private get all(): RowRange {
    return { from: 0, to: this.memory.binned.rows };
  }

  private magnitudes(): Magnitudes {
    const [gradients, hessians] = [0, 3].map((first) => {
      const whole: Magnitude = { sum: 0, most: 0, least: Infinity };
      for (let at = first; at < blockEnd(this.all); at += BLOCK_NUMBERS) {
        const [sum, most, least] = this.tasks.blocks.subarray(at, at + 3);
        whole.sum += sum;
        whole.most = Math.max(whole.most, most);
        whole.least = Math.min(whole.least, least);
      }
      return whole;
    });
    return { gradients, hessians };
  }

  private blockSums(range: RowRange, first: number, count: number): number[] {
    const sums = new Array<number>(count).fill(0);
    for (let at = first; at < blockEnd(range); at += BLOCK_NUMBERS)
      for (let i = 0; i < count; i++) sums[i] += this.tasks.blocks[at + i];
    return sums;
  }

  /** Returns the shares that it was done in. */
  private run(task: RowTask, { from, to }: RowRange, cost: number, ...values: number[]): RowRange[] {
    this.tasks.arguments.set(values);
    const threads = this.threads !== null && (to - from) * cost >= SHARED_MIN ? this.threads : null;
    if (threads) threads.run(task, from, to);
    else doShare(this.tasks, { task, from, to }, { thread: 0, threads: 1 });
    return sharesOf({ from, to }, threads?.count ?? 1);
  }
}

const blockEnd = ({ from, to }: RowRange): number => Math.ceil((to - from) / BLOCK_ROWS) * BLOCK_NUMBERS;

function addTo(sums: Float64Array, others: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] += others[i];
}
