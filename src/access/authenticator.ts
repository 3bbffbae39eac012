import type { Database, SystemTx } from '../db';
import { type Clock, type OperatorContext, PraxisError, type Role, systemClock, type TenantContext } from '../kernel';
import { hashOf, KEY_PATTERN } from './secret';

/** How long a looked-up key is trusted at most, should the word of its revocation not reach this process. */
const TRUST_MS = 5_000;
const CACHED_KEYS_MAX = 10_000;

interface KeyRow {
  id: string;
  tenant_id: string | null;
  role: Role;
  expires_at: Date | null;
  revoked_at: Date | null;
}

interface CachedKey {
  row: Promise<KeyRow | null>;
  lookedUpMs: number;
}

/** Turns an authorization header into a caller. Wrong keys are cached too, so guessing costs the database little. */
export class Authenticator {
  private readonly keys = new Map<string, CachedKey>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock = systemClock,
  ) {}

  /**
   * The caller of `Bearer <key>`; null without a header, so that introspection stays open.
   * @throws PraxisError UNAUTHENTICATED saying whether the key is malformed, unknown, revoked or expired
   */
  async authenticate(header: string | undefined, requestId: string): Promise<TenantContext | OperatorContext | null> {
    if (header === undefined || header === '') return null;
    const row = await this.lookUp(secretOf(header));
    if (!row) throw refusal('This api key is not known.');
    if (row.revoked_at) throw refusal(`This api key was revoked at ${row.revoked_at.toISOString()}.`);
    if (row.expires_at && row.expires_at <= this.clock.now()) {
      throw refusal(`This api key expired at ${row.expires_at.toISOString()}.`);
    }
    if (row.tenant_id === null) return { role: 'OPERATOR', apiKeyId: row.id, requestId };
    return { tenantId: row.tenant_id, role: row.role as TenantContext['role'], apiKeyId: row.id, requestId };
  }

  /** Which of these keys still work; for sockets that stay open longer than one request. Bypasses the cache. */
  async stillValid(keyIds: string[]): Promise<Set<string>> {
    const rows = await this.database.inSystem('AUTHENTICATE_KEY', (tx) =>
      tx.query<{ id: string }>(
        `SELECT id FROM api_keys
         WHERE id = ANY($1) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
        [keyIds],
      ),
    );
    return new Set(rows.map((row) => row.id));
  }

  /** Forgets every cached key, after a revocation. */
  forget(): void {
    this.keys.clear();
  }

  private lookUp(secret: string): Promise<KeyRow | null> {
    const hash = hashOf(secret);
    const cacheKey = hash.toString('base64');
    const cached = this.keys.get(cacheKey);
    const nowMs = this.clock.elapsedMs();
    if (cached && nowMs - cached.lookedUpMs < TRUST_MS) return cached.row;
    const row = this.database.inSystem('AUTHENTICATE_KEY', (tx) => findKey(tx, hash));
    this.remember(cacheKey, { row, lookedUpMs: nowMs });
    row.catch(() => this.keys.delete(cacheKey));
    return row;
  }

  private remember(cacheKey: string, entry: CachedKey): void {
    this.keys.delete(cacheKey);
    if (this.keys.size >= CACHED_KEYS_MAX) this.keys.delete(this.keys.keys().next().value as string);
    this.keys.set(cacheKey, entry);
  }
}

/** The row of a key; notes its use, at most once a minute so that a busy key does not write on every look-up. */
async function findKey(tx: SystemTx, hash: Buffer): Promise<KeyRow | null> {
  const [row] = await tx.query<KeyRow & { stale: boolean }>(
    `SELECT id, tenant_id, role, expires_at, revoked_at,
            coalesce(last_used_at < now() - interval '1 minute', true) AS stale
     FROM api_keys WHERE secret_hash = $1`,
    [hash],
  );
  if (row?.stale) await tx.query('UPDATE api_keys SET last_used_at = now() WHERE id = $1', [row.id]);
  return row ?? null;
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
