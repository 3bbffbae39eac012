import type { Database } from '../../db';
import type { Log, TenantContext } from '../../kernel';
import type { IngestPhase } from '../ingest/ingest';

const INTERVAL_MS = 200;

/** Stores progress as events, a few a second at most, one write at a time; what comes in between is dropped. */
export class ProgressReport {
  private phase: IngestPhase | null = null;
  private last = 0;
  private writing: Promise<void> | null = null;

  constructor(
    private readonly database: Database,
    private readonly context: TenantContext,
    private readonly datasetId: string,
    private readonly log: Log,
  ) {}

  readonly report = (phase: IngestPhase, fraction: number): void => {
    const due = phase !== this.phase || Date.now() - this.last >= INTERVAL_MS;
    if (!due || this.writing) return;
    this.phase = phase;
    this.last = Date.now();
    const events = [{ kind: 'progress', payload: { phase, fraction: Math.round(fraction * 1_000) / 1_000 } }];
    this.writing = this.database
      .inTenant(this.context, (tx) => tx.appendEvents(this.datasetId, events))
      .catch((err: unknown) => this.log.warn({ err }, 'progress was not stored'))
      .then(() => void (this.writing = null));
  };

  /** Waits for the last write, so that no progress follows the end. */
  async flush(): Promise<void> {
    await this.writing;
  }
}
