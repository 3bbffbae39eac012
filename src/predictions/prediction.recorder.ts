import type { Registry } from 'prom-client';
import type { Database } from '../db';
import { jobContext, PraxisError, type Log } from '../kernel';
import { RecorderMetrics } from './prediction.metrics';
import { COLUMNS, type Recording } from './recording';

interface TenantQueue {
  rows: Recording[];
  attempt: number;
  /** The INSERT under way; gives how many rows it took from the queue. */
  writing: Promise<number> | null;
}

export interface RecorderOptions {
  /** How long a prediction waits to be written with others, in milliseconds. */
  delayMs: number;
  /**
   * Predictions that wait, over all tenants; more are not recorded. It is what the database takes in a few seconds: a
   * longer queue loses as many in the end, and costs the garbage collector.
   */
  rowsMax: number;
}

export const RECORDER_DEFAULTS: RecorderOptions = { delayMs: 50, rowsMax: 20_000 };

/** Rows of one INSERT; making its arrays holds the event loop for a millisecond or two. */
const INSERT_ROWS_MAX = 500;
const ATTEMPTS_MAX = 5;

/** Arrays, and JSON kept as the text it is: half the work of jsonb out of one large document, most of it for numbers. */
const INSERT = `
  INSERT INTO predictions (tenant_id, ${Object.keys(COLUMNS).join(', ')})
  SELECT $1, r.* FROM unnest(${Object.values(COLUMNS).map((type, i) => `$${i + 2}::${type}[]`)}) AS r
  ON CONFLICT DO NOTHING`;

/** Writes predictions behind the answer: gathered per tenant in bounded memory, inserted together. */
export class PredictionRecorder {
  private readonly tenants = new Map<string, TenantQueue>();
  private readonly metrics: RecorderMetrics;
  private readonly options: RecorderOptions;
  private timer: NodeJS.Timeout | null = null;
  private waitingRows = 0;
  private full = false;

  constructor(
    private readonly database: Database,
    private readonly log: Log,
    registry: Registry,
    options: Partial<RecorderOptions> = {},
  ) {
    this.options = { ...RECORDER_DEFAULTS, ...options };
    this.metrics = new RecorderMetrics(registry, () => this.waitingRows);
  }

  /** Whether so many rows fit; ask before giving out ids. Counts what does not fit, and logs when that begins. */
  room(rows: number): boolean {
    const fits = this.waitingRows + rows <= this.options.rowsMax;
    if (!fits) this.metrics.dropped.inc({ reason: 'full' }, rows);
    if (!fits && !this.full) this.log.warn({ waitingRows: this.waitingRows }, 'predictions come faster than recorded');
    this.full = !fits;
    return fits;
  }

  add(tenantId: string, rows: Recording[]): void {
    if (rows.length === 0) return;
    const queue = this.tenants.get(tenantId);
    if (!queue) this.tenants.set(tenantId, { rows, attempt: 0, writing: null });
    else for (const row of rows) queue.rows.push(row);
    this.waitingRows += rows.length;
    this.timer ??= setTimeout(() => this.flushAll(), this.options.delayMs);
  }

  /** Returns when everything added for the tenant so far is stored or given up. */
  async flush(tenantId: string): Promise<void> {
    const queue = this.tenants.get(tenantId);
    for (let left = queue?.rows.length ?? 0; queue && left > 0;) {
      left -= await (queue.writing ??= this.write(tenantId, queue).finally(() => (queue.writing = null)));
    }
  }

  /** Stores what waits, at the end of the process. */
  async drain(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await Promise.all([...this.tenants.keys()].map((tenantId) => this.flush(tenantId)));
  }

  private flushAll(): void {
    this.timer = null;
    for (const tenantId of this.tenants.keys()) void this.flush(tenantId);
  }

  /** Writes one INSERT's worth; forgets the tenant when nothing is left. Gives how many rows are done. */
  private async write(tenantId: string, queue: TenantQueue): Promise<number> {
    const rows = queue.rows.slice(0, INSERT_ROWS_MAX);
    try {
      await this.insert(tenantId, rows);
      this.metrics.recorded.inc(rows.length);
    } catch (error) {
      const passing = error instanceof PraxisError && error.code === 'UNAVAILABLE';
      if (passing && ++queue.attempt < ATTEMPTS_MAX) return pause(this.options.delayMs * 2 ** queue.attempt);
      this.log.error({ err: error, tenantId, rows: rows.length }, 'predictions could not be recorded');
      this.metrics.dropped.inc({ reason: 'database' }, rows.length);
    }
    this.done(tenantId, queue, rows.length);
    return rows.length;
  }

  private async insert(tenantId: string, rows: Recording[]): Promise<void> {
    const columns = Object.keys(COLUMNS).map((_, i) => rows.map((row) => row[i]));
    await this.database.writeBehind(jobContext(tenantId, 'predictions'), INSERT, [tenantId, ...columns]);
  }

  private done(tenantId: string, queue: TenantQueue, count: number): void {
    queue.attempt = 0;
    queue.rows.splice(0, count);
    this.waitingRows -= count;
    if (queue.rows.length === 0) this.tenants.delete(tenantId);
  }
}

/** Nothing was done; try again later. */
const pause = (ms: number): Promise<number> => new Promise((resolve) => setTimeout(resolve, ms, 0));
