import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { fileKey } from '../../compute';
import { PraxisError, type Log } from '../../kernel';
import { PredictionBlock, type Answered } from './prediction.block';
import { RecorderMetrics } from '../prediction.metrics';
import type { PredictionStore } from './prediction.store';

export interface RecorderOptions {
  /** How long a prediction waits to be written with others, in milliseconds. */
  delayMs: number;
  /**
   * Bytes of predictions that wait, over all tenants; above it none are recorded. It is what the database takes in about a
   * second: a longer queue loses as many in the end, and costs the garbage collector.
   */
  bytesMax: number;
}

export const RECORDER_DEFAULTS: RecorderOptions = { delayMs: 50, bytesMax: 32 * 1024 * 1024 };

/** Blocks written at a time; meanwhile the others gather more predictions each. */
const WRITERS_MAX = 2;
const ATTEMPTS_MAX = 5;
/** A timer may fire so much before its time. */
const TIMER_SLACK_MS = 1;

interface Waiting {
  block: PredictionBlock;
  /** The block is stored, or given up. */
  done: Promise<void>;
  resolve: () => void;
}

/** Writes predictions behind the answer: gathered by deployment and file in bounded memory, stored in blocks. */
export class PredictionRecorder {
  /** Those that still take predictions, by what they are of, oldest first. */
  private readonly open = new Map<string, Waiting>();
  /** Those that are to be written at once. */
  private readonly due: Waiting[] = [];
  private readonly writing = new Set<Waiting>();
  private readonly metrics: RecorderMetrics;
  private readonly options: RecorderOptions;
  private timer: NodeJS.Timeout | null = null;
  private waitingRows = 0;
  private waitingBytes = 0;
  private full = false;

  constructor(
    private readonly store: PredictionStore,
    private readonly log: Log,
    registry: Registry,
    options: Partial<RecorderOptions> = {},
  ) {
    this.options = { ...RECORDER_DEFAULTS, ...options };
    this.metrics = new RecorderMetrics(registry, () => this.waitingRows);
  }

  /** Gives an id to each prediction that will be stored, null to the others: the deployment's share, and all when too many wait. */
  record(answered: Answered): (string | null)[] {
    const { rowCount } = answered.input;
    const { recordFraction } = answered.answer.deployment;
    const ids = new Array<string | null>(rowCount).fill(null);
    if (recordFraction <= 0 || !this.room(rowCount)) return ids;
    const sampled = recordFraction < 1 ? sample(rowCount, recordFraction) : undefined;
    if (sampled?.length === 0) return ids;
    const { block, place } = this.add(answered, sampled);
    if (place === null) {
      this.metrics.dropped.inc({ reason: 'long' }, sampled?.length ?? rowCount);
      return ids;
    }
    if (!sampled) return ids.map((_, row) => block.idAt(place + row));
    for (const [i, row] of sampled.entries()) ids[row] = block.idAt(place + i);
    return ids;
  }

  /** Returns when everything recorded for the tenant so far is stored or given up. */
  async flush(tenantId: string): Promise<void> {
    await this.settled(({ block }) => block.tenantId === tenantId);
  }

  /** Stores what waits, at the end of the process. */
  async drain(): Promise<void> {
    await this.settled(() => true);
  }

  private async settled(chosen: (waiting: Waiting) => boolean): Promise<void> {
    for (const [key, waiting] of this.open) if (chosen(waiting)) this.close(key, waiting);
    await Promise.all([...this.due, ...this.writing].filter(chosen).map(({ done }) => done));
  }

  /** Counts what does not fit, and logs when that begins. */
  private room(rows: number): boolean {
    const fits = this.waitingBytes < this.options.bytesMax;
    if (!fits) this.metrics.dropped.inc({ reason: 'full' }, rows);
    if (!fits && !this.full) this.log.warn({ waitingRows: this.waitingRows }, 'predictions come faster than recorded');
    this.full = !fits;
    return fits;
  }

  private add(answered: Answered, rows?: number[]): { block: PredictionBlock; place: number | null } {
    const { id, modelVersionId, precision } = answered.answer.deployment;
    const key = `${answered.tenantId}/${id}/${fileKey(modelVersionId, precision)}`;
    const waiting = this.open.get(key) ?? this.begin(key, answered);
    const { block } = waiting;
    const { byteCount, count } = block;
    const place = block.add(answered, rows);
    if (block.count === 0) this.open.delete(key);
    this.waitingRows += block.count - count;
    this.waitingBytes += block.byteCount - byteCount;
    if (block.full) this.close(key, waiting);
    return { block, place };
  }

  private begin(key: string, first: Answered): Waiting {
    let resolve = () => {};
    const done = new Promise<void>((settle) => (resolve = settle));
    const waiting = { block: new PredictionBlock(first), done, resolve };
    this.open.set(key, waiting);
    this.wait();
    return waiting;
  }

  private close(key: string, waiting: Waiting): void {
    this.open.delete(key);
    this.due.push(waiting);
    this.write();
  }

  /** Has the writers at work as long as something is due; sees again when the next open block will be. */
  private write(): void {
    while (this.writing.size < WRITERS_MAX) {
      const next = this.due.shift() ?? this.oldest();
      if (!next) return this.wait();
      this.writing.add(next);
      void this.insert(next);
    }
  }

  /** The timer keeps no process alive: one that ends drains. */
  private wait(): void {
    if (this.timer || this.open.size === 0) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.write();
    }, this.options.delayMs);
    this.timer.unref();
  }

  /** An open block whose time has come. */
  private oldest(): Waiting | null {
    for (const [key, waiting] of this.open) {
      if (Date.now() - waiting.block.atMs < this.options.delayMs - TIMER_SLACK_MS) return null;
      this.open.delete(key);
      return waiting;
    }
    return null;
  }

  private async insert(waiting: Waiting): Promise<void> {
    const { tenantId, count, byteCount } = waiting.block;
    try {
      await this.insertPatiently(waiting.block);
      this.metrics.recorded.inc(count);
    } catch (error) {
      this.log.error({ err: error, tenantId, rows: count }, 'predictions could not be recorded');
      this.metrics.dropped.inc({ reason: 'database' }, count);
    }
    this.waitingRows -= count;
    this.waitingBytes -= byteCount;
    this.writing.delete(waiting);
    waiting.resolve();
    this.write();
  }

  /** Tries again while the database is away, but not forever. */
  private async insertPatiently(block: PredictionBlock): Promise<void> {
    const row = block.toRow();
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.store.insert(block.tenantId, row);
      } catch (error) {
        const passing = error instanceof PraxisError && error.code === 'UNAVAILABLE';
        if (!passing || attempt === ATTEMPTS_MAX) throw error;
        await sleep(this.options.delayMs * 2 ** attempt);
      }
    }
  }
}

/** The rows that are recorded, each with the same chance. */
const sample = (rowCount: number, fraction: number): number[] =>
  Array.from({ length: rowCount }, (_, row) => row).filter(() => Math.random() < fraction);
