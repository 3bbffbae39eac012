import type { TenantContext } from '../kernel';
import type { Deployment } from './deployment.entity';

/** A change made through another process is seen after this long at most, should the word of it not arrive. */
const FRESH_MS = 1000;
const ENTRIES_MAX = 10_000;

interface Entry {
  deployment: Promise<Deployment>;
  readMs: number;
}

/**
 * What each name or id of a tenant leads to, for the hot path. Every key begins with the tenant's id and every value was read
 * under that tenant's row-level security, so an entry cannot answer another tenant. Concurrent readers share one query.
 */
export class LiveDeployments {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly read: (context: TenantContext, nameOrId: string) => Promise<Deployment>) {}

  get(context: TenantContext, nameOrId: string): Promise<Deployment> {
    const key = `${context.tenantId}:${nameOrId}`;
    const known = this.entries.get(key);
    if (known && performance.now() - known.readMs < FRESH_MS) return known.deployment;
    return this.refresh(context, nameOrId, key);
  }

  /** Everything of the tenant is read again on next use. */
  expire(tenantId: string): void {
    for (const key of this.entries.keys()) if (key.startsWith(`${tenantId}:`)) this.entries.delete(key);
  }

  private refresh(context: TenantContext, nameOrId: string, key: string): Promise<Deployment> {
    const entry: Entry = { deployment: this.read(context, nameOrId), readMs: performance.now() };
    this.entries.delete(key);
    this.entries.set(key, entry);
    if (this.entries.size > ENTRIES_MAX) this.entries.delete(this.entries.keys().next().value as string);
    entry.deployment.catch(() => {
      if (this.entries.get(key) === entry) this.entries.delete(key);
    });
    return entry.deployment;
  }
}
