/** Threads that do a task on rows together, each its share, over memory that they share. */
import { extname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BLOCK_ROWS, ROW_TASKS, type RowTask, type Share, type TaskMemory } from './row-tasks';

/** Cells of the control memory: the number of the task, which it is, its rows, how many threads are done, what became of it. */
export const CONTROL = { number: 0, task: 1, from: 2, to: 3, done: 4, over: 5, failed: 6, cells: 7 } as const;

/** What a thread begins with. */
export interface RowThread extends Member {
  control: Int32Array;
  memory: TaskMemory;
}

/** One thread of several; 0 is the one that asks. */
interface Member {
  thread: number;
  threads: number;
}

interface RowsTask {
  task: RowTask;
  from: number;
  to: number;
}

const NAMES = Object.keys(ROW_TASKS) as RowTask[];
/** Looks at a cell before a thread sleeps: the next task of a tree comes within microseconds. */
const LOOKS = 4000;
/** No task takes as long; a thread that died says nothing. */
const SILENCE_MS = 120_000;

/** By thread, whole blocks each; some may be empty. */
export function sharesOf({ from, to }: Pick<RowsTask, 'from' | 'to'>, threads: number): Pick<Share, 'from' | 'to'>[] {
  const blocks = Math.ceil((to - from) / BLOCK_ROWS);
  const at = (part: number): number => Math.min(to, from + Math.floor((blocks * part) / threads) * BLOCK_ROWS);
  return Array.from({ length: threads }, (_, thread) => ({ from: at(thread), to: at(thread + 1) }));
}

export function doShare(memory: TaskMemory, { task, from, to }: RowsTask, { thread, threads }: Member): void {
  const share = sharesOf({ from, to }, threads)[thread];
  ROW_TASKS[task](memory, { ...share, first: from, thread });
}

/** Does the shares of a thread, one task after the other, until all is over. */
export function serve({ control, memory, ...member }: RowThread): void {
  for (let number = 0; ;) {
    number = waitFor(control, CONTROL.number, { known: number, silenceMs: Infinity });
    if (Atomics.load(control, CONTROL.over) === 1) return;
    try {
      doShare(memory, taskOf(control), member);
    } catch {
      Atomics.store(control, CONTROL.failed, 1);
    }
    Atomics.add(control, CONTROL.done, 1);
    Atomics.notify(control, CONTROL.done);
  }
}

const taskOf = (control: Int32Array): RowsTask => ({
  ...{ task: NAMES[control[CONTROL.task]], from: control[CONTROL.from], to: control[CONTROL.to] },
});

/** The value of a cell, once it is another than the known one. */
function waitFor(
  control: Int32Array,
  cell: number,
  { known, silenceMs }: { known: number; silenceMs: number },
): number {
  for (;;) {
    for (let look = 0; look < LOOKS; look++) {
      const value = Atomics.load(control, cell);
      if (value !== known) return value;
    }
    // A thread may be woken late, for a number that it saw without sleeping: it looks again.
    const outcome = Atomics.wait(control, cell, known, silenceMs);
    if (outcome === 'timed-out') throw new Error('A thread of the training died.');
  }
}

export class RowThreads {
  private readonly control = new Int32Array(new SharedArrayBuffer(4 * CONTROL.cells));
  private readonly ended: Promise<unknown>[] = [];

  private constructor(
    private readonly memory: TaskMemory,
    readonly count: number,
  ) {}

  /** Resolves when all wait for a task. The calling thread is one of them. */
  static async start(memory: TaskMemory, count: number): Promise<RowThreads> {
    const threads = new RowThreads(memory, count);
    try {
      await Promise.all(Array.from({ length: count - 1 }, (_, i) => threads.startOne(i + 1)));
      return threads;
    } catch (error) {
      await threads.close();
      throw error;
    }
  }

  /** Returns when all have done their shares. */
  run(task: RowTask, from: number, to: number): void {
    const { control, memory, count } = this;
    control[CONTROL.task] = NAMES.indexOf(task);
    control[CONTROL.from] = from;
    control[CONTROL.to] = to;
    Atomics.store(control, CONTROL.done, 0);
    this.wake();
    doShare(memory, taskOf(control), { thread: 0, threads: count });
    for (let done = Atomics.load(control, CONTROL.done); done < count - 1;)
      done = waitFor(control, CONTROL.done, { known: done, silenceMs: SILENCE_MS });
    if (Atomics.load(control, CONTROL.failed) === 1) throw new Error('A thread of the training failed.');
  }

  /** They end by themselves, after the task in hand. Resolves when none is left. */
  async close(): Promise<void> {
    Atomics.store(this.control, CONTROL.over, 1);
    this.wake();
    await Promise.all(this.ended);
  }

  private wake(): void {
    Atomics.add(this.control, CONTROL.number, 1);
    Atomics.notify(this.control, CONTROL.number);
  }

  private startOne(thread: number): Promise<void> {
    const data: RowThread = { control: this.control, thread, threads: this.count, memory: this.memory };
    const extension = extname(__filename);
    const worker = new Worker(join(__dirname, `row.thread${extension}`), {
      workerData: data,
      execArgv: extension === '.ts' ? ['-r', resolve(__dirname, '../../../../register.cjs')] : [],
    });
    this.ended.push(new Promise((end) => worker.once('exit', end)));
    return new Promise((started, failed) => worker.once('message', () => started()).once('error', failed));
  }
}
