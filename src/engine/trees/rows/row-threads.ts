/** Threads that do a task on rows together, each its share, over memory that they share. */
import { extname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ROW_TASKS, type RowTask } from './row-tasks';
import type { TaskMemory } from './task-memory';

/** Cells in a line of memory: what threads write often lies in lines of their own. */
const LINE = 16;
/**
 * Cells of the control memory: the number of the task, which it is, whether all is over, how many threads sleep; whether the one
 * that asks sleeps, whether a thread failed. Then of each thread: the last task that its share was taken in, and was done in.
 */
export const CONTROL = { number: 0, task: 1, over: 2, sleeping: 3, asking: LINE, failed: LINE + 1 } as const;
const takenCell = (thread: number): number => (2 + 2 * thread) * LINE;
const doneCell = (thread: number): number => (3 + 2 * thread) * LINE;
const cellCount = (threads: number): number => (2 + 2 * threads) * LINE;

/** What a thread begins with; 0 is the one that asks. */
export interface RowThread {
  control: Int32Array;
  memory: TaskMemory;
  thread: number;
}

const NAMES = Object.keys(ROW_TASKS) as RowTask[];
/** Looks at a cell before a thread sleeps: the next task of a tree comes within microseconds. */
const LOOKS = 30_000;
/** No task takes as long; a thread that died says nothing. */
const SILENCE_MS = 120_000;

/** Does its share of one task after the other, until all is over. */
export function serve({ control, memory, thread }: RowThread): void {
  const number: Waiting = { control, cell: CONTROL.number, sleeping: CONTROL.sleeping, silenceMs: Infinity };
  for (let known = 0; ;) {
    known = waitFor(number, known);
    if (Atomics.load(control, CONTROL.over) === 1) return;
    if (!takes(control, thread, known)) continue;
    try {
      ROW_TASKS[NAMES[control[CONTROL.task]]](memory, thread);
    } catch {
      Atomics.store(control, CONTROL.failed, 1);
    }
    Atomics.store(control, doneCell(thread), known);
    wake(control, doneCell(thread), CONTROL.asking);
  }
}

/** Whether the share of a thread is the caller's to do in this task: nobody took it. */
const takes = (control: Int32Array, thread: number, number: number): boolean =>
  Atomics.compareExchange(control, takenCell(thread), (number - 1) | 0, number) === ((number - 1) | 0);

interface Waiting {
  control: Int32Array;
  cell: number;
  /** The cell that counts those that sleep until `cell` changes. */
  sleeping: number;
  silenceMs: number;
}

/** The value of a cell, once it is another than the known one. */
function waitFor({ control, cell, sleeping, silenceMs }: Waiting, known: number): number {
  for (;;) {
    for (let look = 0; look < LOOKS; look++) {
      const value = Atomics.load(control, cell);
      if (value !== known) return value;
    }
    Atomics.add(control, sleeping, 1);
    // A thread may be woken late, for a number that it saw without sleeping: it looks again.
    const outcome = Atomics.wait(control, cell, known, silenceMs);
    Atomics.sub(control, sleeping, 1);
    if (outcome === 'timed-out') throw new Error('A thread of the training died.');
  }
}

/** After the cell has changed. A thread counts itself before it looks at the cell for the last time. */
function wake(control: Int32Array, cell: number, sleeping: number): void {
  if (Atomics.load(control, sleeping) > 0) Atomics.notify(control, cell);
}

export class RowThreads {
  private readonly control: Int32Array;
  private readonly ended: Promise<unknown>[] = [];

  private constructor(
    private readonly memory: TaskMemory,
    readonly count: number,
  ) {
    this.control = new Int32Array(new SharedArrayBuffer(4 * cellCount(count)));
  }

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

  /**
   * Returns when all shares are done. The calling thread does those that no other has taken, so that it waits for none that
   * sleeps or has no processor. @param wakes whether the task is worth waking threads for
   */
  run(task: RowTask, wakes: boolean): void {
    const { control, memory, count } = this;
    control[CONTROL.task] = NAMES.indexOf(task);
    const number = this.next(wakes);
    ROW_TASKS[task](memory, 0);
    const taken: number[] = [];
    for (let thread = 1; thread < count; thread++) {
      if (takes(control, thread, number)) ROW_TASKS[task](memory, thread);
      else taken.push(thread);
    }
    for (const thread of taken) {
      const done: Waiting = { control, cell: doneCell(thread), sleeping: CONTROL.asking, silenceMs: SILENCE_MS };
      for (let known = Atomics.load(control, done.cell); known !== number;) known = waitFor(done, known);
    }
    if (Atomics.load(control, CONTROL.failed) === 1) throw new Error('A thread of the training failed.');
  }

  /** They end by themselves, after the task in hand. Resolves when none is left. */
  async close(): Promise<void> {
    Atomics.store(this.control, CONTROL.over, 1);
    this.next(true);
    await Promise.all(this.ended);
  }

  private next(wakes: boolean): number {
    const number = (Atomics.add(this.control, CONTROL.number, 1) + 1) | 0;
    if (wakes) wake(this.control, CONTROL.number, CONTROL.sleeping);
    return number;
  }

  private startOne(thread: number): Promise<void> {
    const data: RowThread = { control: this.control, memory: this.memory, thread };
    const extension = extname(__filename);
    const worker = new Worker(join(__dirname, `row.thread${extension}`), {
      workerData: data,
      execArgv: extension === '.ts' ? ['-r', resolve(__dirname, '../../../../register.cjs')] : [],
    });
    this.ended.push(new Promise((end) => worker.once('exit', end)));
    return new Promise((started, failed) => worker.once('message', () => started()).once('error', failed));
  }
}
