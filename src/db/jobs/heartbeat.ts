import { hostname } from 'node:os';
import type { Pool } from 'pg';
import { isAlive, type Log } from '../../kernel';
import { machineId } from './machine';

export interface HeartbeatOptions {
  pool: Pool;
  /** Name under which this process locks jobs. */
  workerId: string;
  beatMs: number;
  /** A process that has not beaten for so long is taken for dead. */
  deadAfterMs: number;
  log: Log;
  /** The others took this process for dead (it stood still too long), so its jobs may run elsewhere by now. */
  onLost(): void;
}

/**
 * Unlocks the jobs of processes that are named, of those that stopped beating, and of those that died before their first
 * beat. One statement, so a process that dies here leaves nothing half done. Idle workers are told, as for new jobs.
 */
const UNLOCK_DEAD = `
  WITH fresh AS (
    SELECT id FROM work_processes
    WHERE beat_at >= now() - $1 * interval '1 millisecond' AND NOT id = ANY ($2::text[])),
  dead AS (DELETE FROM work_processes WHERE id NOT IN (SELECT id FROM fresh) RETURNING id),
  stray AS (
    SELECT locked_by AS id FROM graphile_worker._private_jobs
    WHERE locked_at < now() - $1 * interval '1 millisecond' AND locked_by NOT IN (SELECT id FROM fresh)),
  gone AS (SELECT array_agg(id) AS ids FROM (SELECT id FROM dead UNION SELECT id FROM stray) AS either)
  SELECT ids, graphile_worker.force_unlock_workers(ids), pg_notify('jobs:insert', '{"count": 100}')
  FROM gone WHERE ids IS NOT NULL`;

/**
 * Tells the other work processes that this one works, and frees the jobs of those that do not. It has no timer of its
 * own: who looks for jobs calls `beatWhenDue` each time, so a process that stopped looking is silent.
 */
export class Heartbeat {
  private lastMs = -Infinity;
  private readonly machine = machineId();

  constructor(private readonly o: HeartbeatOptions) {}

  async start(): Promise<void> {
    // Counted as one that works only when the queue has answered.
    await this.unlockDead();
    await this.register();
    this.lastMs = performance.now();
  }

  async beatWhenDue(): Promise<void> {
    const now = performance.now();
    if (now - this.lastMs < this.o.beatMs) return;
    await this.beat();
    // After the database was away, all are silent: who comes back first must not take the others for dead.
    if (now - this.lastMs < this.o.deadAfterMs) await this.unlockDead();
    this.lastMs = performance.now();
  }

  /** This process cannot look for jobs any more and is about to end: it is counted no longer, and its jobs are free. */
  async giveUp(): Promise<void> {
    await this.o.pool.query(`UPDATE work_processes SET beat_at = '-infinity' WHERE id = $1`, [this.o.workerId]);
  }

  /** This process has no jobs any more. */
  async end(): Promise<void> {
    await this.o.pool.query('DELETE FROM work_processes WHERE id = $1', [this.o.workerId]);
  }

  private async register(): Promise<void> {
    await this.o.pool.query(
      `INSERT INTO work_processes (id, host, pid, machine) VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO UPDATE SET beat_at = now()`,
      [this.o.workerId, hostname(), process.pid, this.machine],
    );
  }

  private async beat(): Promise<void> {
    const { pool, workerId, log } = this.o;
    const { rowCount } = await pool.query('UPDATE work_processes SET beat_at = now() WHERE id = $1', [workerId]);
    if (rowCount !== 0) return;
    log.warn({ workerId }, 'this work process was taken for dead; it gives up its jobs');
    this.o.onLost();
    await this.register();
  }

  private async unlockDead(): Promise<void> {
    const { pool, deadAfterMs, log } = this.o;
    const { rows } = await pool.query(UNLOCK_DEAD, [deadAfterMs, await this.deadNeighbours()]);
    if (rows.length > 0) log.warn({ workerIds: rows[0].ids }, 'freed the jobs of work processes that died');
  }

  /** Of this machine, where a process that is gone is known at once. */
  private async deadNeighbours(): Promise<string[]> {
    const { rows } = await this.o.pool.query<{ id: string; pid: number }>(
      'SELECT id, pid FROM work_processes WHERE machine = $1 AND id <> $2',
      [this.machine, this.o.workerId],
    );
    return rows.filter(({ pid }) => !isAlive(pid)).map(({ id }) => id);
  }
}
