import type { TenantContext } from '../kernel';
import type { TenantTx } from './transaction';

/** A transaction that only reads, and how it ends. */
export interface Reading {
  tx: TenantTx;
  /** Its first statement, which went out without being waited for. */
  begun: Promise<unknown>;
  end(): Promise<void>;
}

/** Everything that one operation reads, as of one moment. Costs nothing until the first read. */
export class Snapshot {
  private reading: Promise<Reading> | null = null;

  constructor(private readonly begin: () => Promise<Reading>) {}

  open(): Promise<Reading> {
    return (this.reading ??= this.begin());
  }

  async close(): Promise<void> {
    // A reading that could not begin has told its readers.
    const reading = await this.reading?.catch(() => null);
    await reading?.end();
  }
}

/**
 * The same caller, read from what is there now and not from the snapshot of its query: for what is stored behind an
 * answer, which may come while the query runs.
 */
export const outsideSnapshot = (context: TenantContext): TenantContext => ({ ...context });
