import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { Log } from '../../kernel';
import { NotificationListener } from '../events/listener';
import { isPassing } from '../failures';
import { openLoginPool } from '../login/login-pool';
import { Heartbeat } from './heartbeat';
import { Lanes, type Lane } from './lanes';
import { Queue, type Candidate, type ClaimedJob } from './queue';
import { nextTime } from './schedule';
import { ATTEMPTS_DEFAULT, type ScheduledTask, type Task } from './task';
import { TaskRunner } from './task-runner';

/** Jobs of different payloads have no narrower type; each parses its own. */
export type AnyTask = Task<any>;

export interface JobRunnerOptions {
  /** Of the login that owns the queue's tables; no statement of a task runs on its connections. */
  url: string;
  log: Log;
  /** Milliseconds between heartbeats; default 2,000. */
  beatMs?: number;
  /** Milliseconds without one after which a process counts as dead; default 6,000. */
  deadAfterMs?: number;
}

/** The lane of tasks that name none. */
const GENERAL = 'general';
const POLL_MS = 500;
/** Between tries while the database is away. */
const RETRY_MS = { least: 100, most: 1_000 };
const SCHEDULE_MS = 60_000;
const CONNECTIONS = 4;

/**
 * The consumer of the durable queue in a `work` process: one loop that beats its heart, looks who waits, and starts what
 * the lanes have room for. Jobs start within milliseconds of their commit. Running jobs are not touched when the database
 * is away for a while; the loop goes on when it is back.
 */
export class JobRunner {
  private readonly pool: Pool;
  private readonly runner: TaskRunner;
  private readonly workerId = `work-${randomBytes(9).toString('hex')}`;
  private readonly queue: Queue;
  private readonly heartbeat: Heartbeat;
  private readonly running = new Map<string, Promise<void>>();
  private readonly tasks = new Map<string, AnyTask>();
  private lanes!: Lanes;
  private scheduled: ScheduledTask[] = [];
  private scheduledAt = -Infinity;
  private listener: NotificationListener | null = null;
  private loop: Promise<Error | null> | null = null;
  private stopping = false;
  private drained: Promise<void> | null = null;
  private ended = false;
  private wake: () => void = () => void (this.woken = true);
  private woken = false;

  constructor(private readonly o: JobRunnerOptions) {
    this.pool = openLoginPool(o.url, CONNECTIONS, o.log);
    this.runner = new TaskRunner(o.log);
    this.queue = new Queue(this.pool, this.workerId);
    this.heartbeat = new Heartbeat({
      ...{ pool: this.pool, workerId: this.workerId, log: o.log },
      ...{ beatMs: o.beatMs ?? 2_000, deadAfterMs: o.deadAfterMs ?? 6_000 },
      onLost: () => this.runner.interrupt('another process has taken over the jobs of this one'),
    });
  }

  /**
   * Claims and runs jobs of these tasks: in the general lane at most `concurrency` at a time, in others as they say.
   * `stopped` resolves when the loop ends: null after `drain`, otherwise with what nobody here can mend, as when the
   * queue's tables were lost: the process should then exit.
   */
  async start(
    tasks: AnyTask[],
    o: { concurrency: number; perTenant?: number; lanes?: Record<string, Lane>; scheduled?: ScheduledTask[] },
  ): Promise<{ stopped: Promise<Error | null> }> {
    this.scheduled = o.scheduled ?? [];
    for (const task of [...tasks, ...this.scheduled.map(asTask)]) this.tasks.set(task.name, task);
    const general = { slots: o.concurrency, perTenant: o.perTenant ?? o.concurrency };
    this.lanes = new Lanes({ ...o.lanes, [GENERAL]: general });
    const laneOf = ({ lane }: AnyTask) => (lane && o.lanes?.[lane] ? lane : GENERAL);
    await this.queue.open(new Map([...this.tasks.values()].map((task) => [task.name, laneOf(task)])));
    // Only a process that can look for jobs says that it does.
    await this.queue.candidates();
    await this.heartbeat.start();
    this.listener = this.listen();
    await this.listener.start();
    const stopped = this.work();
    this.loop = stopped;
    return { stopped };
  }

  /**
   * Takes no more jobs, aborts the signal of the running ones and waits for them. Jobs that stop for the signal, and
   * those that do not within `timeoutMs`, go back to the queue at once without losing an attempt.
   */
  drain(timeoutMs: number): Promise<void> {
    return (this.drained ??= this.drainOnce(timeoutMs));
  }

  private async drainOnce(timeoutMs: number): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.loop;
    this.runner.interrupt('the work process is stopping');
    const finished = await within(timeoutMs, Promise.all(this.running.values()));
    this.ended = true;
    await this.leave(finished).catch((err: unknown) => this.o.log.warn({ err }, 'the queue was left as it stands'));
    await this.listener?.close();
    const closed = this.pool.end();
    if (finished) await closed;
  }

  private listen(): NotificationListener {
    const look = () => this.wake();
    return new NotificationListener({
      ...{ url: this.o.url, channel: '"jobs:insert"', log: this.o.log },
      ...{ onMessage: look, onListening: look },
    });
  }

  /** Faults of the database that pass are waited out; any other ends the loop, and the heart with it. */
  private async work(): Promise<Error | null> {
    let pauseMs = 0;
    while (!this.stopping) {
      try {
        if (!(await this.look())) await this.rest(POLL_MS);
        if (pauseMs > 0) this.o.log.info('the queue is back');
        pauseMs = 0;
      } catch (err) {
        if (!isPassing(err)) {
          this.o.log.error({ err }, 'the queue cannot be read');
          await this.heartbeat.giveUp().catch(() => undefined);
          return err as Error;
        }
        if (pauseMs === 0) this.o.log.warn({ err }, 'the queue cannot be reached; waiting for it');
        pauseMs = Math.min(RETRY_MS.most, pauseMs * 2 || RETRY_MS.least);
        await this.rest(pauseMs);
      }
    }
    return null;
  }

  /** One look at the queue; true when a job was started, so that there may be more. */
  private async look(): Promise<boolean> {
    this.woken = false;
    await this.heartbeat.beatWhenDue();
    await this.keepSchedule();
    const waiting = await this.queue.candidates();
    let started = false;
    for (let next = this.lanes.next(waiting); next && !this.stopping; next = this.lanes.next(waiting)) {
      waiting.splice(waiting.indexOf(next), 1);
      const job = await this.queue.claim(next.id);
      if (!job) continue;
      started = true;
      this.launch(next, job);
    }
    if (!started) this.lanes.makeWay(waiting);
    return started;
  }

  private launch(place: Candidate, job: ClaimedJob): void {
    // A job that was lost to another process and claimed anew may still be running here: the attempt tells them apart.
    const key = `${job.id} ${job.attempts} ${randomBytes(4).toString('hex')}`;
    const makeWay = this.lanes.start(key, place);
    const done = this.runJob(job, makeWay).then((stopped) => {
      this.lanes.end(key, stopped);
      this.running.delete(key);
      this.wake();
    });
    this.running.set(key, done);
  }

  /** Never throws. True for a job that stopped so that others have their turn. */
  private async runJob(job: ClaimedJob, makeWay: AbortSignal): Promise<boolean> {
    const task = this.tasks.get(job.task) as Task<unknown>;
    const progressed = () => this.queue.forgetAttempts(job);
    const { failed, again } = await this.runner.run(task, job, { makeWay, progressed });
    await this.settle(() => (again ? this.queue.release(job, again) : this.queue.complete(job)));
    if (again?.delayMs === 0) await this.settle(() => this.queue.wakeOthers());
    if (failed) await this.settle(() => this.queue.countFailure(task.name));
    return again?.delayMs === null;
  }

  /** Tells the queue how a job ended, however long the database is away: nobody else may say so while we are alive. */
  private async settle(tell: () => Promise<void>): Promise<void> {
    for (let pauseMs = RETRY_MS.least; !this.ended; pauseMs = Math.min(RETRY_MS.most, pauseMs * 2)) {
      try {
        return await tell();
      } catch (err) {
        if (!isPassing(err)) return this.o.log.error({ err }, 'the queue could not be told how a job ended');
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  /** Before the process exits, or another one goes on in its place. */
  private async leave(finished: boolean): Promise<void> {
    if (!finished) {
      const jobs = await this.queue.abandon();
      this.o.log.warn({ jobs }, 'jobs did not stop in time and went back to the queue');
      await this.queue.wakeOthers();
    }
    await this.heartbeat.end();
  }

  private async keepSchedule(): Promise<void> {
    if (performance.now() - this.scheduledAt < SCHEDULE_MS) return;
    for (const { name, schedule } of this.scheduled) {
      await this.queue.schedule(name, nextTime(schedule, new Date()), ATTEMPTS_DEFAULT);
    }
    this.scheduledAt = performance.now();
  }

  /** Until there may be something to do, at most for so long. */
  private async rest(timeoutMs: number): Promise<void> {
    if (this.woken || this.stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.wake = () => {
        this.woken = true;
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => void (this.woken = true);
  }
}

/** Without a payload. */
const asTask = (task: ScheduledTask): AnyTask => ({
  name: task.name,
  payload: z.any(),
  run: (_, job) => task.run(job),
});

/** True when the promise settles within the time. */
async function within(timeoutMs: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), timeoutMs)));
  const result = await Promise.race([promise.then(() => true), over]);
  clearTimeout(timer);
  return result;
}
