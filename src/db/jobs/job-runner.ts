import { EventEmitter } from 'node:events';
import { parseCronItems, run, type CronItem, type Runner, type TaskList, type WorkerEvents } from 'graphile-worker';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { Log } from '../../kernel';
import { openLoginPool } from '../login-pool';
import { Heartbeat } from './heartbeat';
import { queueLogger } from './queue-log';
import { ATTEMPTS_DEFAULT, EXTRA_ATTEMPTS, type ScheduledTask, type Task } from './task';
import { TaskRunner } from './task-runner';

export interface JobRunnerOptions {
  /** Of the login that owns the queue's tables; no statement of a task runs on its connections. */
  url: string;
  log: Log;
  /** Milliseconds between heartbeats; default 2,000. */
  beatMs?: number;
  /** Milliseconds without one after which a process counts as dead; default 6,000. */
  deadAfterMs?: number;
}

const POLL_MS = 500;
const DAY_MS = 86_400_000;

/** The consumer of the durable queue in a `work` process. Jobs start within milliseconds of their commit. */
export class JobRunner {
  private readonly pool: Pool;
  private readonly tasks: TaskRunner;
  private runner: Runner | null = null;
  private heartbeat: Heartbeat | null = null;
  private workerId = '';

  constructor(private readonly o: JobRunnerOptions) {
    this.pool = openLoginPool(o.url, 10, o.log);
    this.tasks = new TaskRunner(o.log);
  }

  /**
   * Claims and runs jobs of these tasks, at most `concurrency` at a time. `stopped` resolves when the runner ends,
   * with the error where it ended by itself, as when the queue's tables were lost: the process should then exit.
   */
  async start(
    tasks: Task<any>[],
    o: { concurrency: number; scheduled?: ScheduledTask[] },
  ): Promise<{ stopped: Promise<Error | null> }> {
    const { scheduled = [] } = o;
    const events = new EventEmitter() as unknown as WorkerEvents;
    events.on('pool:create', ({ workerPool }) => (this.workerId = workerPool.id));
    this.runner = await run({
      pgPool: this.pool,
      taskList: this.taskList([...tasks, ...scheduled.map(asTask)]),
      concurrency: o.concurrency,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      parsedCronItems: parseCronItems(scheduled.map(asCronItem)),
      logger: queueLogger(this.o.log),
      events,
      // Batches hand their completed jobs over before `stop` resolves, and try again when the database is away.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    });
    const stopped = this.runner.promise.then(
      () => null,
      (error: Error) => error,
    );
    await this.startHeartbeat();
    return { stopped };
  }

  /**
   * Takes no more jobs, aborts the signal of the running ones and waits for them. Jobs that stop for the signal, and
   * those that do not within `timeoutMs`, go back to the queue at once without losing an attempt.
   */
  async drain(timeoutMs: number): Promise<void> {
    const stopping = this.runner?.stop().catch((err: unknown) => this.o.log.debug({ err }, 'queue had stopped'));
    this.tasks.interrupt('the work process is stopping');
    const finished = stopping && (await within(timeoutMs, stopping));
    if (stopping && !finished) await this.abandonJobs();
    await this.returnInterrupted();
    await this.heartbeat?.end();
    const ended = this.pool.end();
    if (finished !== false) await ended;
  }

  private taskList(tasks: Task<any>[]): TaskList {
    return Object.fromEntries(
      tasks.map((task) => [task.name, (payload, helpers) => this.tasks.run(task, payload, helpers.job)]),
    );
  }

  private async startHeartbeat(): Promise<void> {
    this.heartbeat = new Heartbeat({
      pool: this.pool,
      workerId: this.workerId,
      beatMs: this.o.beatMs ?? 2_000,
      deadAfterMs: this.o.deadAfterMs ?? 6_000,
      log: this.o.log,
      onLost: () => this.tasks.interrupt('another process has taken over the jobs of this one'),
    });
    await this.heartbeat.start();
  }

  /** The time is over: unlock what still runs. The process exits next, and another one runs it again. */
  private async abandonJobs(): Promise<void> {
    const sql = `UPDATE graphile_worker._private_jobs SET attempts = greatest(attempts - 1, 0) WHERE locked_by = $1`;
    const { rowCount } = await this.pool.query(sql, [this.workerId]);
    await this.pool.query('SELECT graphile_worker.force_unlock_workers($1)', [[this.workerId]]);
    this.o.log.warn({ jobs: rowCount }, 'jobs did not stop in time and went back to the queue');
  }

  private async returnInterrupted(): Promise<void> {
    for (const [id, attempts] of this.tasks.interrupted) {
      const sql = `SELECT graphile_worker.reschedule_jobs($1::bigint[], run_at := now(), attempts := $2)`;
      await this.pool.query(sql, [[id], attempts]);
    }
    if (this.tasks.interrupted.size > 0) await this.pool.query(`SELECT pg_notify('jobs:insert', '{"count": 100}')`);
  }
}

/** Without a payload; what the clock adds to it is of no use. */
const asTask = (task: ScheduledTask): Task<any> => ({
  name: task.name,
  payload: z.any(),
  run: (_, job) => task.run(job),
});

/** The key keeps a late job and the next one from running both. */
const asCronItem = ({ name, schedule }: ScheduledTask): CronItem => ({
  task: name,
  match: schedule,
  options: { backfillPeriod: DAY_MS, maxAttempts: ATTEMPTS_DEFAULT + EXTRA_ATTEMPTS, jobKey: name, queueName: name },
});

/** True when the promise settles within the time. */
async function within(timeoutMs: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), timeoutMs)));
  const result = await Promise.race([promise.then(() => true), over]);
  clearTimeout(timer);
  return result;
}
