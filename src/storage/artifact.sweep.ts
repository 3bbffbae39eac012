import { jobContext, type Log, type TenantContext } from '../kernel';
import { findRecordedKeys, type Transaction } from './artifact.row';
import type { ArtifactStore, StoredArtifact } from './artifact.store';

/**
 * How long after its bytes a row may be committed. Generous: S3 dates a large artifact by the beginning of its upload.
 */
const SAFE_AGE_MS = 2 * 86_400_000;
const BATCH = 500;

export interface SweepDependencies {
  artifacts: ArtifactStore;
  database: { inTenant<T>(context: TenantContext, work: (tx: Transaction) => Promise<T>): Promise<T> };
  /** Forgets what a tenant keeps for a time that is over, a bounded number; gives the keys of the bytes to delete. */
  forget: (tx: Transaction) => Promise<string[]>;
  /** Every tenant. The store is not asked for them: a bucket may hold those of another installation too. */
  tenantIds: () => AsyncIterable<string>;
}

/**
 * Removes what is kept no longer, then stray artifacts: those whose process died between writing the bytes and committing the row, or between deleting
 * the row and the bytes. A key is written once, so one that has no row at the safe age never gets one.
 */
export class ArtifactSweep {
  readonly name = 'artifact.sweep';
  readonly schedule = '23 3 * * *';

  constructor(private readonly dependencies: SweepDependencies) {}

  async run({ signal, log }: { signal: AbortSignal; log: Log }): Promise<void> {
    const { artifacts, tenantIds } = this.dependencies;
    await artifacts.sweep(SAFE_AGE_MS);
    for await (const tenantId of tenantIds()) {
      const context = jobContext(tenantId, this.name);
      await this.removeOverdue(context, { signal, log });
      for await (const batch of inBatches(oldOnes(artifacts.list(tenantId)))) {
        signal.throwIfAborted();
        const removed = await this.removeStray(context, batch);
        if (removed > 0) log.info({ tenantId, removed }, 'removed stray artifacts');
      }
    }
  }

  private async removeOverdue(context: TenantContext, o: { signal: AbortSignal; log: Log }): Promise<void> {
    const { artifacts, database, forget } = this.dependencies;
    for (;;) {
      o.signal.throwIfAborted();
      const keys = await database.inTenant(context, forget);
      if (keys.length === 0) return;
      for (const key of keys) await artifacts.delete(key);
      o.log.info({ tenantId: context.tenantId, removed: keys.length }, 'removed artifacts that are kept no longer');
    }
  }

  private async removeStray(context: TenantContext, keys: string[]): Promise<number> {
    const recorded = await this.dependencies.database.inTenant(context, (tx) => findRecordedKeys(tx, keys));
    const stray = keys.filter((key) => !recorded.has(key));
    for (const key of stray) await this.dependencies.artifacts.delete(key);
    return stray.length;
  }
}

async function* oldOnes(artifacts: AsyncIterable<StoredArtifact>): AsyncGenerator<string> {
  for await (const { key, writtenAt } of artifacts) if (Date.now() - writtenAt > SAFE_AGE_MS) yield key;
}

async function* inBatches(keys: AsyncIterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const key of keys) {
    batch.push(key);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
