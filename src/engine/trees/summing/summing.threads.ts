/** Sums the histograms of trees on several threads, over memory that they share. Whole numbers: the sums are those of one thread. */
import { extname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BinnedRows } from '../bins';
import { histogramSize } from '../growing/histogram';
import { summing, type NodeRows, type Summing } from './summing';

/** Cells of the control memory: the number of the task, its rows, how many threads are done, and whether all is over. */
export const CONTROL = { task: 0, from: 1, to: 2, done: 3, over: 4, cells: 5 } as const;

/** What a thread begins with. */
export interface SummingThread {
  control: Int32Array;
  /** This thread of `threads`; 0 is the one that asks. */
  thread: number;
  threads: number;
  binned: BinnedRows;
  order: Uint32Array;
  values: Float64Array;
  sums: Float64Array;
}

/** Bins of a node, fewer of which are not worth waking a thread for. */
const SHARED_BINS_MIN = 500_000;

/** The rows of a thread. */
export function shareOf(from: number, to: number, thread: number, threads: number): [from: number, to: number] {
  const at = (part: number): number => from + Math.floor(((to - from) * part) / threads);
  return [at(thread), at(thread + 1)];
}

export interface SummingThreads {
  sum: Summing;
  close(): void;
}

/** For one set of rows: `order` and `values` are those of every call. They and the bins lie in shared memory. */
export async function startSummingThreads(
  binned: BinnedRows,
  { order, values }: Pick<NodeRows, 'order' | 'values'>,
  threads: number,
): Promise<SummingThreads> {
  const control = new Int32Array(new SharedArrayBuffer(4 * CONTROL.cells));
  const others = Array.from(
    { length: threads - 1 },
    () => new Float64Array(new SharedArrayBuffer(8 * histogramSize(binned))),
  );
  await Promise.all(
    others.map((sums, i) => startThread({ control, thread: i + 1, threads, binned, order, values, sums })),
  );
  const alone = summing();
  return {
    sum: (sums, data, rows) => {
      const { from, to } = rows;
      if (others.length === 0 || (to - from) * data.stride < SHARED_BINS_MIN) return alone(sums, data, rows);
      control[CONTROL.from] = from;
      control[CONTROL.to] = to;
      Atomics.store(control, CONTROL.done, 0);
      Atomics.add(control, CONTROL.task, 1);
      Atomics.notify(control, CONTROL.task);
      const [first, end] = shareOf(from, to, 0, threads);
      alone(sums, data, { ...rows, from: first, to: end });
      for (let done = 0; (done = Atomics.load(control, CONTROL.done)) < others.length;)
        Atomics.wait(control, CONTROL.done, done);
      for (const other of others) for (let i = 0; i < sums.length; i++) sums[i] += other[i];
    },
    close: () => {
      Atomics.store(control, CONTROL.over, 1);
      Atomics.add(control, CONTROL.task, 1);
      Atomics.notify(control, CONTROL.task);
    },
  };
}

/** Resolves when it waits for rows. */
function startThread(data: SummingThread): Promise<void> {
  const extension = extname(__filename);
  const worker = new Worker(join(__dirname, `summing.thread${extension}`), {
    workerData: data,
    execArgv: extension === '.ts' ? ['-r', resolve(__dirname, '../../../../register.cjs')] : [],
  });
  worker.unref();
  return new Promise((started, failed) => worker.once('message', () => started()).once('error', failed));
}
