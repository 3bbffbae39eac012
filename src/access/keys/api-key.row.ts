import type { Transaction } from '../../db';
import { newId, PraxisError, type Role, toGlobalId } from '../../kernel';
import { ApiKey } from './api-key.entity';
import { IssuedApiKey } from './api-key.input';
import { generateKey, KEY_LIFETIME_DAYS_DEFAULT } from './secret';

const DAY_MS = 86_400_000;

/** Of a key that is neither revoked nor expired. */
const WORKS = 'revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())';

export interface NewKey {
  /** Null for an operator's. */
  tenantId: string | null;
  name: string;
  role: Role;
  /** Default: after `KEY_LIFETIME_DAYS_DEFAULT`. */
  expiresAt?: Date | null;
}

/** Writes a key and returns it with its secret, which is not stored. */
export async function insertKey(tx: Transaction, { tenantId, name, role, ...o }: NewKey): Promise<IssuedKey> {
  const generated = generateKey();
  const createdAt = new Date();
  const expiresAt = o.expiresAt ?? new Date(createdAt.getTime() + KEY_LIFETIME_DAYS_DEFAULT * DAY_MS);
  const id = newId();
  await tx.query(
    `INSERT INTO api_keys (id, tenant_id, name, role, prefix, secret_hash, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, tenantId, name, role, generated.prefix, generated.hash, createdAt, expiresAt],
  );
  return { id, issued: IssuedApiKey.of({ id, role, expiresAt }, generated) };
}

export interface IssuedKey {
  /** Uuid. */
  id: string;
  issued: IssuedApiKey;
}

/** Throws NOT_FOUND for a key that this transaction does not see. */
export async function getKey(tx: Transaction, id: string): Promise<ApiKey> {
  const key = await tx.repo(ApiKey).findOneBy({ id });
  if (!key) throw PraxisError.notFound('ApiKey', toGlobalId('ApiKey', id));
  return key;
}

/** The role of a key that works; null for one that is revoked, has expired or does not exist. */
export async function workingRole(tx: Transaction, id: string): Promise<Role | null> {
  const [key] = await tx.query<{ role: Role }>(`SELECT role FROM api_keys WHERE id = $1 AND ${WORKS}`, [id]);
  return key?.role ?? null;
}

/** How many keys work, by tenant; tenants without one are left out. For a system transaction. */
export async function countWorkingKeys(tx: Transaction, tenantIds: string[]): Promise<Map<string, number>> {
  const counts = await tx.query<{ id: string; count: number }>(
    `SELECT tenant_id AS id, count(*)::int AS count FROM api_keys
     WHERE tenant_id = ANY($1) AND ${WORKS} GROUP BY tenant_id`,
    [tenantIds],
  );
  return new Map(counts.map(({ id, count }) => [id, count]));
}

/** Revokes every key of a tenant that has used none of them; false, and nothing is revoked, when one was used. */
export async function revokeUnusedKeys(tx: Transaction, tenantId: string): Promise<boolean> {
  const used = await tx.query('SELECT id FROM api_keys WHERE tenant_id = $1 AND last_used_at IS NOT NULL LIMIT 1', [
    tenantId,
  ]);
  if (used.length > 0) return false;
  await tx.query('UPDATE api_keys SET revoked_at = now() WHERE tenant_id = $1 AND revoked_at IS NULL', [tenantId]);
  return true;
}

/** Locks the keys of a role, so that two revocations at once cannot each leave the other as the last. */
export async function refuseLastWorking(tx: Transaction, { id, role }: Pick<ApiKey, 'id' | 'role'>): Promise<void> {
  const working = await tx.query<{ id: string }>(
    `SELECT id FROM api_keys WHERE role = $1 AND ${WORKS} ORDER BY id FOR UPDATE`,
    [role],
  );
  if (working.some((key) => key.id !== id)) return;
  throw new PraxisError('CONFLICT', `This is the last working ${role} key; make another one first.`);
}
