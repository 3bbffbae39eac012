import type { Transaction } from '../../db';
import { newId, PraxisError, type Role, toGlobalId } from '../../kernel';
import { ApiKey } from './api-key.entity';
import { IssuedApiKey } from './api-key.input';
import { generateKey, KEY_LIFETIME_DAYS_DEFAULT } from './secret';

const DAY_MS = 86_400_000;

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

/** Locks the keys of a role, so that two revocations at once cannot each leave the other as the last. */
export async function refuseLastWorking(tx: Transaction, { id, role }: Pick<ApiKey, 'id' | 'role'>): Promise<void> {
  const working = await tx.query<{ id: string }>(
    `SELECT id FROM api_keys
     WHERE role = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
     ORDER BY id FOR UPDATE`,
    [role],
  );
  if (working.some((key) => key.id !== id)) return;
  throw new PraxisError('CONFLICT', `This is the last working ${role} key; make another one first.`);
}
