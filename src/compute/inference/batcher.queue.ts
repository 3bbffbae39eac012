import type { OutputBatch } from '../../engine';
import type { Waiter } from '../../kernel';
import type { RowBlock } from './buffers';
import type { ModelSource } from './model-source';

/** Rows of one caller that wait for a lane. */
export interface Waiting {
  source: ModelSource;
  block: RowBlock;
  enqueuedMs: number;
  waiter: Waiter | undefined;
  resolve(output: OutputBatch): void;
  reject(error: unknown): void;
}

interface TenantQueue {
  /** Rows this tenant was served, on the queue's virtual clock. */
  served: number;
  /** By model, the one served longest ago first. */
  models: Map<string, Waiting[]>;
}

/** What a batch costs beside its rows: one call of ONNX Runtime and its messages are worth about this many rows. */
const BATCH_COST_ROWS = 32;

/**
 * Who is served next: the tenant that was served the fewest rows, then its models in turn. This is start-time fair
 * queueing (Goyal, Vin, Cheng 1996) with rows as the cost, so a tenant with large requests cannot starve one with small ones.
 */
export class FairQueue {
  private readonly tenants = new Map<string, TenantQueue>();
  private clock = 0;
  /** Rows that wait, of all tenants. */
  rowCount = 0;

  push(item: Waiting): void {
    const tenant = this.tenantQueue(item.source.tenantId);
    const waiting = tenant.models.get(item.source.key);
    if (waiting) waiting.push(item);
    else tenant.models.set(item.source.key, [item]);
    this.rowCount += item.block.rowCount;
  }

  /**
   * The next batch: requests of one model, oldest first, together at most `batchRowsMax` rows (one request may be larger), or
   * as many as the model takes at once: those then count as a whole batch does.
   */
  take(batchRowsMax: number): Waiting[] {
    const tenantId = this.nextTenant();
    if (tenantId === null) return [];
    const tenant = this.tenants.get(tenantId) as TenantQueue;
    const [key, waiting] = tenant.models.entries().next().value as [string, Waiting[]];
    const rowsMax = Math.min(batchRowsMax, waiting[0].source.rowsMax ?? batchRowsMax);
    let rows = waiting[0].block.rowCount;
    let length = 1;
    while (length < waiting.length && rows + waiting[length].block.rowCount <= rowsMax) {
      rows += waiting[length++].block.rowCount;
    }
    const batch = waiting.splice(0, length);
    tenant.models.delete(key);
    if (waiting.length > 0) tenant.models.set(key, waiting);
    this.clock = tenant.served;
    tenant.served += rows * (batchRowsMax / rowsMax) + BATCH_COST_ROWS;
    this.rowCount -= rows;
    if (tenant.models.size === 0) this.forgetIdle();
    return batch;
  }

  private tenantQueue(tenantId: string): TenantQueue {
    let tenant = this.tenants.get(tenantId);
    if (!tenant) this.tenants.set(tenantId, (tenant = { served: this.clock, models: new Map() }));
    // Time spent idle earns no credit.
    else if (tenant.models.size === 0) tenant.served = Math.max(tenant.served, this.clock);
    return tenant;
  }

  private nextTenant(): string | null {
    let next: string | null = null;
    let least = Infinity;
    for (const [tenantId, tenant] of this.tenants) {
      if (tenant.models.size === 0 || tenant.served >= least) continue;
      least = tenant.served;
      next = tenantId;
    }
    return next;
  }

  /** An idle tenant whose account the clock has passed starts afresh anyway. */
  private forgetIdle(): void {
    for (const [tenantId, tenant] of this.tenants) {
      if (tenant.models.size === 0 && tenant.served <= this.clock) this.tenants.delete(tenantId);
    }
  }
}
