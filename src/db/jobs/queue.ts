import type { Pool } from 'pg';
import type { Place } from './lanes';
import { EXTRA_ATTEMPTS } from './task';

/** The job that is first in its place. */
export interface Candidate extends Place {
  id: string;
}

/** A job that this process holds. */
export interface ClaimedJob {
  id: string;
  task: string;
  payload: unknown;
  /** This one included. A job with the same key that is added meanwhile changes it in the table: it replaces this one. */
  attempts: number;
  /** With the holder's name the fence of what is written about the job: when it was claimed, as text. */
  lockedAt: string;
  maxAttempts: number;
  lastError: string | null;
  createdAt: Date;
}

/** What follows a job that was not done. */
export interface Again {
  /** Null: it keeps its place among those that wait. */
  delayMs: number | null;
  /** Attempts that count. */
  attempts: number;
  error: string;
}

/** The first job of each tenant and lane that is due, and whose queue is free; those that came first lead. */
const CANDIDATES = `
  SELECT id, lane, tenant FROM (
  SELECT DISTINCT ON (task.lane, tenant) job.id::text AS id, task.lane, job.run_at,
    coalesce(job.payload ->> 'tenantId', '') AS tenant
  FROM graphile_worker._private_jobs AS job
  JOIN unnest($1::int[], $2::text[]) AS task (id, lane) ON task.id = job.task_id
  WHERE job.is_available AND job.run_at <= now()
    AND (job.job_queue_id IS NULL
      OR job.job_queue_id IN (SELECT id FROM graphile_worker._private_job_queues WHERE is_available))
  ORDER BY task.lane, tenant, job.priority, job.run_at, job.id) AS first ORDER BY run_at, id`;

const CLAIM = `
  WITH job AS (
    SELECT id, job_queue_id FROM graphile_worker._private_jobs WHERE id = $1 AND is_available FOR UPDATE SKIP LOCKED),
  queue AS (
    UPDATE graphile_worker._private_job_queues SET locked_by = $2, locked_at = now()
    WHERE id = (SELECT job_queue_id FROM job) AND is_available RETURNING id)
  UPDATE graphile_worker._private_jobs AS held SET attempts = held.attempts + 1, locked_by = $2, locked_at = now()
  FROM job WHERE held.id = job.id AND (job.job_queue_id IS NULL OR EXISTS (SELECT FROM queue))
  RETURNING held.id::text AS id, held.task_id AS "taskId", held.payload, held.attempts::int AS attempts,
    held.max_attempts::int AS "maxAttempts", held.last_error AS "lastError", held.created_at AS "createdAt",
    held.locked_at::text AS "lockedAt"`;

const FREE_QUEUE = `
  UPDATE graphile_worker._private_job_queues SET locked_by = NULL, locked_at = NULL
  FROM ended WHERE id = ended.job_queue_id AND locked_by = $2`;

const COMPLETE = `
  WITH ended AS (
    DELETE FROM graphile_worker._private_jobs WHERE id = $1 AND locked_by = $2 AND locked_at = $3::timestamptz
    RETURNING job_queue_id)
  ${FREE_QUEUE}`;

const RELEASE = `
  WITH ended AS (
    UPDATE graphile_worker._private_jobs SET locked_by = NULL, locked_at = NULL, last_error = $7, attempts = $6,
      run_at = coalesce(now() + $5 * interval '1 millisecond', run_at)
    WHERE id = $1 AND locked_by = $2 AND locked_at = $3::timestamptz
      AND (attempts < max_attempts OR attempts = $4) RETURNING job_queue_id)
  , freed AS (${FREE_QUEUE})
  SELECT FROM ended`;

const FORGET_ATTEMPTS = `
  UPDATE graphile_worker._private_jobs SET attempts = 1
  WHERE id = $1 AND locked_by = $2 AND locked_at = $3::timestamptz AND attempts < max_attempts RETURNING id`;

/** The tables of the durable queue, as one process that works on it sees them. Adding jobs is `enqueue_job`'s. */
export class Queue {
  private readonly tasksById = new Map<number, string>();
  /** Of the tasks, in the same order. */
  private lanes: string[] = [];

  constructor(
    private readonly pool: Pool,
    /** Name under which this process holds jobs. */
    private readonly workerId: string,
  ) {}

  /** Learns the numbers of the tasks, before anything else is asked. */
  async open(lanesByTask: ReadonlyMap<string, string>): Promise<void> {
    const names = [...lanesByTask.keys()];
    await this.pool.query(
      `INSERT INTO graphile_worker._private_tasks (identifier) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`,
      [names],
    );
    const { rows } = await this.pool.query<{ id: number; identifier: string }>(
      'SELECT id, identifier FROM graphile_worker._private_tasks WHERE identifier = ANY($1)',
      [names],
    );
    for (const { id, identifier } of rows) this.tasksById.set(id, identifier);
    this.lanes = [...this.tasksById.values()].map((name) => lanesByTask.get(name) as string);
  }

  async candidates(): Promise<Candidate[]> {
    const { rows } = await this.pool.query<Candidate>(CANDIDATES, [[...this.tasksById.keys()], this.lanes]);
    return rows;
  }

  /** Null when another process was faster. */
  async claim(id: string): Promise<ClaimedJob | null> {
    const { rows } = await this.pool.query<Omit<ClaimedJob, 'task'> & { taskId: number }>(CLAIM, [id, this.workerId]);
    if (!rows[0]) return null;
    const { taskId, ...job } = rows[0];
    return { ...job, task: this.tasksById.get(taskId) as string };
  }

  /** Takes a job that is done out of the queue; nothing where it is no longer held. */
  async complete({ id, lockedAt }: ClaimedJob): Promise<void> {
    await this.pool.query(COMPLETE, [id, this.workerId, lockedAt]);
  }

  /** Gives a job back, for later; nothing where it is no longer held. One that was replaced meanwhile goes. */
  async release(job: ClaimedJob, { delayMs, attempts, error }: Again): Promise<void> {
    const fence = [job.id, this.workerId, job.lockedAt];
    const { rowCount } = await this.pool.query(RELEASE, [...fence, job.attempts, delayMs, attempts, error]);
    if (rowCount === 0) await this.complete(job);
  }

  /** Counts an attempt that failed by a fault of its own. */
  async countFailure(task: string): Promise<void> {
    await this.pool.query(
      `INSERT INTO job_failures AS f (task, count) VALUES ($1, 1) ON CONFLICT (task) DO UPDATE SET count = f.count + 1`,
      [task],
    );
  }

  /** From now on this attempt counts as the first. */
  async forgetAttempts(job: ClaimedJob): Promise<void> {
    if (job.attempts === 1) return;
    const values = [job.id, this.workerId, job.lockedAt];
    const { rowCount } = await this.pool.query(FORGET_ATTEMPTS, values);
    if (rowCount) job.attempts = 1;
  }

  /** Gives back all that this process still holds, without a failed attempt. */
  async abandon(): Promise<number> {
    const sql = `UPDATE graphile_worker._private_jobs SET attempts = greatest(attempts - 1, 0) WHERE locked_by = $1`;
    const { rowCount } = await this.pool.query(sql, [this.workerId]);
    await this.pool.query('SELECT graphile_worker.force_unlock_workers($1)', [[this.workerId]]);
    return rowCount ?? 0;
  }

  /** Idle processes look at once. */
  async wakeOthers(): Promise<void> {
    await this.pool.query(`SELECT pg_notify('jobs:insert', '{"count": 100}')`);
  }

  /** Makes a job of a scheduled task wait for its time, unless one does. */
  async schedule(task: string, at: Date, attemptsMax: number): Promise<void> {
    const sql = `SELECT graphile_worker.add_job($1, '{}', run_at := $2, max_attempts := $3, job_key := $1,
      job_key_mode := 'preserve_run_at')`;
    await this.pool.query(sql, [task, at, attemptsMax + EXTRA_ATTEMPTS]);
  }
}
