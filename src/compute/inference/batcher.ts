import type { Registry } from 'prom-client';
import { joinOutputs, sliceOutput, type OutputBatch } from '../../engine';
import { PraxisError, type Waiter } from '../../kernel';
import { BatcherMetrics } from './batcher.metrics';
import { FairQueue, type Waiting } from './batcher.queue';
import { concatBlocks, sliceBlock, type RowBlock } from './buffers';
import type { InferenceLane } from './inference.lane';
import type { InferencePool } from './inference.pool';
import type { ModelSource } from './model-source';

export interface BatcherOptions {
  /** Rows in one run at most; a larger request is run in parts. */
  batchRowsMax: number;
  /** Rows of all tenants that may wait or run at a time: the stated capacity. Above it requests are UNAVAILABLE. */
  rowsMax: number;
  /** The same for one tenant. Above it that tenant is RATE_LIMITED, others are not touched. */
  tenantRowsMax: number;
}

export const BATCHER_DEFAULTS: BatcherOptions = { batchRowsMax: 2048, rowsMax: 200_000, tenantRowsMax: 100_000 };

/**
 * Dynamic batching. A request goes out in the turn of the event loop it came in when a lane is free, together with whatever
 * came in the same turn; while all lanes are busy requests gather and go out together. Nothing ever waits on a timer.
 */
export class Batcher {
  private readonly queue = new FairQueue();
  private readonly free: InferenceLane[];
  private readonly options: BatcherOptions;
  private readonly metrics: BatcherMetrics;
  private dispatching = false;
  /** Rows let in and not yet answered, by tenant and in all. */
  private readonly rowsIn = new Map<string, number>();
  private rowsInAll = 0;
  /** Moving average, for the hint when the queue is full. */
  private rowsPerMs = 10;

  constructor(
    private readonly pool: InferencePool,
    registry: Registry,
    options: Partial<BatcherOptions> = {},
  ) {
    this.options = { ...BATCHER_DEFAULTS, ...options };
    this.free = [...pool.lanes];
    this.metrics = new BatcherMetrics(registry, {
      waitingRows: () => this.queue.rowCount,
      openModels: () => pool.sessionCount,
      lanes: () => ({ all: pool.lanes.length, busy: pool.lanes.length - this.free.length }),
    });
  }

  /**
   * The model's answer for these rows, in order. Throws UNAVAILABLE or RATE_LIMITED above the capacity, UNAVAILABLE when
   * the waiter has left before their turn, or what the model throws; other callers' rows are never affected.
   */
  async predict(source: ModelSource, block: RowBlock, waiter?: Waiter): Promise<OutputBatch> {
    const { tenantId, key } = source;
    this.admit(tenantId, block.rowCount);
    this.count(tenantId, block.rowCount);
    try {
      // Outside the queue, so that a model that is slow to read holds no lane and no other model's rows.
      if (!this.pool.holds(key)) await this.pool.open(source);
      const rowsMax = Math.min(this.options.batchRowsMax, source.rowsMax ?? Infinity);
      if (block.rowCount <= rowsMax) return await this.enqueue(source, block, waiter);
      return joinOutputs(await Promise.all(partsOf(block, rowsMax).map((part) => this.enqueue(source, part, waiter))));
    } finally {
      this.count(tenantId, -block.rowCount);
    }
  }

  private admit(tenantId: string, rows: number): void {
    const { rowsMax, tenantRowsMax } = this.options;
    const ofTenant = this.rowsIn.get(tenantId) ?? 0;
    if (this.rowsInAll + rows <= rowsMax && ofTenant + rows <= tenantRowsMax) return;
    const full = this.rowsInAll + rows > rowsMax;
    this.metrics.refused.inc({ reason: full ? 'server' : 'tenant' });
    const retry = `Retry in about ${Math.ceil((full ? this.rowsInAll : ofTenant) / this.rowsPerMs)} ms.`;
    if (full) throw new PraxisError('UNAVAILABLE', `${this.rowsInAll} rows are ahead on this server. ${retry}`);
    throw new PraxisError('RATE_LIMITED', `${ofTenant} rows of this tenant are still being predicted. ${retry}`);
  }

  private count(tenantId: string, rows: number): void {
    this.rowsInAll += rows;
    const ofTenant = (this.rowsIn.get(tenantId) ?? 0) + rows;
    if (ofTenant > 0) this.rowsIn.set(tenantId, ofTenant);
    else this.rowsIn.delete(tenantId);
  }

  private enqueue(source: ModelSource, block: RowBlock, waiter: Waiter | undefined): Promise<OutputBatch> {
    return new Promise((resolve, reject) => {
      this.queue.push({ source, block, enqueuedMs: performance.now(), waiter, resolve, reject });
      this.scheduleDispatch();
    });
  }

  /** After the sockets of this turn were read: callers that arrive together leave together. */
  private scheduleDispatch(): void {
    if (this.dispatching || this.free.length === 0) return;
    this.dispatching = true;
    setImmediate(() => {
      this.dispatching = false;
      while (this.free.length > 0 && this.queue.rowCount > 0) this.dispatch();
    });
  }

  private dispatch(): void {
    const batch = this.queue.take(this.options.batchRowsMax).filter((item) => this.isAwaited(item));
    if (batch.length === 0) return;
    const lane = this.free.pop() as InferenceLane;
    void this.runBatch(lane, batch).finally(() => {
      this.free.push(lane);
      this.scheduleDispatch();
    });
  }

  /** Rows that nobody waits for any more are not predicted. */
  private isAwaited({ waiter, reject }: Waiting): boolean {
    if (!waiter?.hasLeft) return true;
    this.metrics.refused.inc({ reason: 'left' });
    reject(new PraxisError('UNAVAILABLE', 'The caller closed the connection before the rows were predicted.'));
    return false;
  }

  private async runBatch(lane: InferenceLane, batch: Waiting[]): Promise<void> {
    const startMs = performance.now();
    try {
      const block = concatBlocks(batch.map((item) => item.block));
      const output = await this.pool.run(lane, batch[0].source, block);
      this.measure(batch, block.rowCount, startMs);
      let offset = 0;
      for (const { block: part, resolve } of batch) resolve(sliceOutput(output, offset, (offset += part.rowCount)));
    } catch (error) {
      if (batch.length === 1) batch[0].reject(error);
      else await this.runAlone(lane, batch);
    }
  }

  /** A batch failed: each request again by itself, so that only the guilty one fails. */
  private async runAlone(lane: InferenceLane, batch: Waiting[]): Promise<void> {
    for (const item of batch) await this.runBatch(lane, [item]);
  }

  private measure(batch: Waiting[], rows: number, startMs: number): void {
    const runMs = performance.now() - startMs;
    // Those of models that take few at once would make the others seem slow.
    if (batch[0].source.rowsMax === undefined) this.rowsPerMs += 0.1 * (rows / runMs - this.rowsPerMs);
    this.metrics.batchRows.observe(rows);
    this.metrics.batchRequests.observe(batch.length);
    this.metrics.queueWait.observeMs(startMs - batch[0].enqueuedMs);
    this.metrics.run.observeMs(runMs);
  }
}

const partsOf = (block: RowBlock, size: number): RowBlock[] =>
  Array.from({ length: Math.ceil(block.rowCount / size) }, (_, part) =>
    sliceBlock(block, part * size, Math.min((part + 1) * size, block.rowCount)),
  );
