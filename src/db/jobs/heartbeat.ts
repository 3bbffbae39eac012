import { hostname } from 'node:os';
import type { Pool } from 'pg';
import type { Log } from '../../kernel';

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
 * Unlocks the jobs of processes that stopped beating, and of those that died before their first beat. One statement,
 * so a process that dies here leaves nothing half done. Idle workers are told, as for new jobs.
 */
const UNLOCK_DEAD = `
  WITH fresh AS (SELECT id FROM work_processes WHERE beat_at >= now() - $1 * interval '1 millisecond'),
  dead AS (DELETE FROM work_processes WHERE id NOT IN (SELECT id FROM fresh) RETURNING id),
  stray AS (
    SELECT locked_by AS id FROM graphile_worker._private_jobs
    WHERE locked_at < now() - $1 * interval '1 millisecond' AND locked_by NOT IN (SELECT id FROM fresh)),
  gone AS (SELECT array_agg(id) AS ids FROM (SELECT id FROM dead UNION SELECT id FROM stray) AS either)
  SELECT ids, graphile_worker.force_unlock_workers(ids), pg_notify('jobs:insert', '{"count": 100}')
  FROM gone WHERE ids IS NOT NULL`;

/** Tells the other work processes that this one lives, and frees the jobs of those that do not. */
export class Heartbeat {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly o: HeartbeatOptions) {}

  async start(): Promise<void> {
    await this.register();
    await this.beat();
  }

  /** Stops beating; this process has no jobs any more. */
  async end(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    await this.running;
    if (this.timer) clearTimeout(this.timer);
    await this.o.pool.query('DELETE FROM work_processes WHERE id = $1', [this.o.workerId]);
  }

  private async register(): Promise<void> {
    await this.o.pool.query(
      `INSERT INTO work_processes (id, host, pid) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET beat_at = now()`,
      [this.o.workerId, hostname(), process.pid],
    );
  }

  private async beat(): Promise<void> {
    this.running = this.beatOnce().catch((err: unknown) => this.o.log.warn({ err }, 'heartbeat failed'));
    await this.running;
    this.timer = setTimeout(() => void this.beat(), this.o.beatMs);
  }

  private async beatOnce(): Promise<void> {
    const { pool, workerId, deadAfterMs, log } = this.o;
    const { rowCount } = await pool.query('UPDATE work_processes SET beat_at = now() WHERE id = $1', [workerId]);
    if (rowCount === 0) {
      log.warn({ workerId }, 'this work process was taken for dead; it gives up its jobs');
      this.o.onLost();
      await this.register();
    }
    const { rows } = await pool.query(UNLOCK_DEAD, [deadAfterMs]);
    if (rows.length > 0) log.warn({ workerIds: rows[0].ids }, 'freed the jobs of work processes that died');
  }
}
