import { type Clock, type OperatorContext, PraxisError, type Role, type TenantContext } from '../kernel';

export type Caller = TenantContext | OperatorContext;

/** A key as it is stored. */
export interface KeyRow {
  id: string;
  tenant_id: string | null;
  role: Role;
  expires_at: Date | null;
  revoked_at: Date | null;
}

export interface KeySource {
  clock: Clock;
  /** Reads the key now; null when there is none. */
  read(): Promise<KeyRow | null>;
  /** How old an answer may be. */
  trustMs(): number;
}

/**
 * One key as this process knows it, shared by all who show it. `caller` asks the database where the last answer is too old
 * or was said to have changed; expiry is compared with the clock at every use.
 */
export class KnownKey {
  private row: KeyRow | null = null;
  private readMs = -Infinity;
  private reading: Promise<KeyRow | null> | null = null;
  /** Counts what was said to have changed; an answer from before the last one is not believed. */
  private changes = 0;

  constructor(private readonly source: KeySource) {}

  /** The tenant it was of when it was read last; null for an operator's, undefined where it is not known. */
  get tenantId(): string | null | undefined {
    return this.row?.tenant_id;
  }

  /** Whether it works and has this role, as far as may be believed without asking. */
  worksAs(role: Role): boolean {
    return this.row?.role === role && this.isFresh() && refusalOf(this.row, this.source.clock) === null;
  }

  /** @throws PraxisError UNAUTHENTICATED where it is known to have ended; asks nobody */
  refuseEnded(): void {
    const refusal = this.row && refusalOf(this.row, this.source.clock);
    if (refusal) throw new PraxisError('UNAUTHENTICATED', refusal);
  }

  /** @throws PraxisError UNAUTHENTICATED saying whether the key is unknown, revoked or expired */
  async caller(requestId: string): Promise<Caller> {
    const row = this.isFresh() ? this.row : await this.ask();
    const refusal = row ? refusalOf(row, this.source.clock) : 'This api key is not known.';
    if (refusal || !row) throw new PraxisError('UNAUTHENTICATED', refusal ?? '');
    if (row.tenant_id === null) return { role: 'OPERATOR', apiKeyId: row.id, requestId };
    return { tenantId: row.tenant_id, role: row.role as TenantContext['role'], apiKeyId: row.id, requestId };
  }

  /** It may have changed: nothing is believed until the database has been asked again. */
  doubt(): void {
    this.changes++;
    this.readMs = -Infinity;
    this.reading = null;
  }

  /** Reads it again; those who ask at the same time share one reading. */
  ask(): Promise<KeyRow | null> {
    return (this.reading ??= this.read());
  }

  private async read(): Promise<KeyRow | null> {
    const { changes, source } = this;
    const askedMs = source.clock.elapsedMs();
    try {
      const row = await source.read();
      if (changes !== this.changes) return this.ask();
      this.row = row;
      this.readMs = askedMs;
      return row;
    } finally {
      if (changes === this.changes) this.reading = null;
    }
  }

  private isFresh(): boolean {
    return this.source.clock.elapsedMs() - this.readMs < this.source.trustMs();
  }
}

function refusalOf({ revoked_at: revoked, expires_at: expires }: KeyRow, clock: Clock): string | null {
  if (revoked) return `This api key was revoked at ${revoked.toISOString()}.`;
  if (expires && expires <= clock.now()) return `This api key expired at ${expires.toISOString()}.`;
  return null;
}
