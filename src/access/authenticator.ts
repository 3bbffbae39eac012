import DataLoader from 'dataloader';
import type { Database, SystemTx } from '../db';
import { type Clock, PraxisError, systemClock } from '../kernel';
import { HeldKey } from './held-key';
import { type Caller, KnownKey, type KeyRow } from './known-key';
import { hashOf, KEY_PATTERN } from './keys/secret';

/** How long a looked-up key is trusted at most, should the word of its revocation not reach this process. */
const TRUST_MS = 2_000;
/** How often the keys of open connections are read again: all of them in one query. */
const RECHECK_MS = 1_000;
const CACHED_KEYS_MAX = 10_000;
const READ_KEYS_MAX = 1_000;
/** Stands for the tenant where a change of an operator's key is announced. */
const PLATFORM = 'platform';

/** Of keys that have changed. */
export interface Word {
  /** False while it cannot be heard; no key is trusted then without asking. */
  isHeard(): boolean;
  /** Resolves when each process has heard what was said before, or after `limitMs`. */
  heardByAll(limitMs: number): Promise<void>;
}

/** Turns an authorization header into a caller. Wrong keys are cached too, so guessing costs the database little. */
export class Authenticator {
  private readonly keys = new Map<string, KnownKey>();
  private readonly holds = new Set<HeldKey>();
  private readonly rows: DataLoader<Buffer, KeyRow | null>;
  private recheck: NodeJS.Timeout | null = null;
  /** What each connection showed last: nearly always it shows the same again, and hashing costs more than comparing. */
  private readonly shown = new WeakMap<object, { header: string; hash: Buffer; name: string }>();

  constructor(
    database: Database,
    private readonly clock: Clock = systemClock,
    private readonly word: Word = { isHeard: () => true, heardByAll: async () => undefined },
  ) {
    const read = (hashes: readonly Buffer[]) => database.inSystem('AUTHENTICATE_KEY', (tx) => findKeys(tx, hashes));
    this.rows = new DataLoader(read, { cache: false, maxBatchSize: READ_KEYS_MAX });
  }

  /**
   * The caller of `Bearer <key>`; null without a header, so that introspection stays open. `connection` is the socket that
   * shows it.
   * @throws PraxisError UNAUTHENTICATED saying whether the key is malformed, unknown, revoked or expired
   */
  async authenticate(header: string | undefined, requestId: string, connection?: object): Promise<Caller | null> {
    if (header === undefined || header === '') return null;
    return this.keyOf(header, connection).caller(requestId);
  }

  /** As `authenticate`, for a connection that stays open; `onEnd` is told once the key no longer stands for this caller. */
  async hold(
    header: string | undefined,
    requestId: string,
    onEnd: (reason: PraxisError) => void,
  ): Promise<HeldKey | null> {
    if (header === undefined || header === '') return null;
    const key = this.keyOf(header);
    const held = new HeldKey(key, await key.caller(requestId), onEnd, (released) => this.release(released));
    this.holds.add(held);
    this.recheck ??= setInterval(() => void this.checkHolds([...this.holds]), RECHECK_MS).unref();
    return held;
  }

  /**
   * Keys of the tenant have changed (left out: any): none is trusted before it has been read again. Resolves when those of open
   * connections have been, so that what is under way commits nothing more.
   */
  async forget(tenantId?: string | null): Promise<void> {
    const touches = (key: KnownKey) =>
      !tenantId || key.tenantId === undefined || (key.tenantId ?? PLATFORM) === tenantId;
    const known = [...this.keys.values(), ...[...this.holds].map(({ key }) => key)];
    for (const key of new Set(known)) if (touches(key)) key.doubt();
    await this.checkHolds([...this.holds].filter(({ key }) => touches(key)));
  }

  /** After it no process lets a key act that has ended: each has heard of it, or has trusted it for as long as it may. */
  async forgetEverywhere(): Promise<void> {
    await this.forget();
    await this.word.heardByAll(TRUST_MS);
  }

  private keyOf(header: string, connection?: object): KnownKey {
    const { hash, name } = this.hashed(header, connection);
    const known = this.keys.get(name);
    if (known) return known;
    const trustMs = () => (this.word.isHeard() ? TRUST_MS : 0);
    const key = new KnownKey({ clock: this.clock, read: () => this.rows.load(hash), trustMs });
    if (this.keys.size >= CACHED_KEYS_MAX) this.keys.delete(this.keys.keys().next().value as string);
    this.keys.set(name, key);
    return key;
  }

  private hashed(header: string, connection?: object): { hash: Buffer; name: string } {
    const last = connection && this.shown.get(connection);
    if (last?.header === header) return last;
    const hash = hashOf(secretOf(header));
    const shown = { header, hash, name: hash.toString('base64') };
    if (connection) this.shown.set(connection, shown);
    return shown;
  }

  private release(held: HeldKey): void {
    this.holds.delete(held);
    if (this.holds.size > 0 || !this.recheck) return;
    clearInterval(this.recheck);
    this.recheck = null;
  }

  /** Reads these keys, and ends the connections of those that no longer stand for the same caller. */
  private async checkHolds(holds: HeldKey[]): Promise<void> {
    const keys = new Set(holds.map(({ key }) => key));
    // The database is away: nothing is trusted for longer than TRUST_MS, and the next check asks again.
    await Promise.all([...keys].map((key) => key.ask().catch(() => null)));
    await Promise.all(holds.map((held) => this.check(held)));
  }

  private async check(held: HeldKey): Promise<void> {
    if (held.stands) return;
    try {
      await held.confirm();
    } catch (error) {
      if (!(error instanceof PraxisError) || error.code === 'UNAVAILABLE' || !this.holds.has(held)) return;
      this.release(held);
      held.onEnd(error);
    }
  }
}

/** Keys by their hashes; notes their use, at most once a minute so that a busy key does not write on every look-up. */
async function findKeys(tx: SystemTx, hashes: readonly Buffer[]): Promise<(KeyRow | null)[]> {
  const found = await tx.query<KeyRow & { stale: boolean; secret_hash: Buffer }>(
    `SELECT id, tenant_id, role, expires_at, revoked_at, secret_hash,
            coalesce(last_used_at < now() - interval '1 minute', true) AS stale
     FROM api_keys WHERE secret_hash = ANY($1)`,
    [hashes],
  );
  const stale = found.filter((row) => row.stale).map(({ id }) => id);
  // In one order, so that two processes that note the same keys do not wait for each other.
  if (stale.length > 0) {
    await tx.query(
      `UPDATE api_keys SET last_used_at = now()
       WHERE id IN (SELECT id FROM api_keys WHERE id = ANY($1) ORDER BY id FOR UPDATE)`,
      [stale],
    );
  }
  return hashes.map((hash) => found.find((row) => row.secret_hash.equals(hash)) ?? null);
}

function secretOf(header: string): string {
  const [scheme, secret, ...rest] = header.trim().split(/\s+/);
  if (scheme?.toLowerCase() !== 'bearer' || !secret || rest.length > 0) {
    throw refusal('The authorization must read "Bearer <api key>".');
  }
  if (!KEY_PATTERN.test(secret)) throw refusal('This is not an api key; keys look like prx_<prefix>_<secret>.');
  return secret;
}

const refusal = (message: string): PraxisError => new PraxisError('UNAUTHENTICATED', message);
