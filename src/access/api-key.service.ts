import { type Database, newestFirst, type TenantTx } from '../db';
import { newId, type Page, type PageArgs, PraxisError, type TenantContext, toGlobalId } from '../kernel';
import { ApiKey } from './api-key.entity';
import { type CreateApiKeyInput, IssuedApiKey, KEY_LIFETIME_DAYS_DEFAULT } from './api-key.input';
import type { Authenticator } from './authenticator';
import { generateKey } from './secret';

const DAY_MS = 86_400_000;

export class ApiKeyService {
  constructor(
    private readonly database: Database,
    private readonly authenticator: Authenticator,
  ) {}

  async create(context: TenantContext, input: CreateApiKeyInput): Promise<IssuedApiKey> {
    refuseStronger(context, input.role, 'make');
    const generated = generateKey();
    const createdAt = new Date();
    const expiresAt = input.expiresAt ?? new Date(createdAt.getTime() + KEY_LIFETIME_DAYS_DEFAULT * DAY_MS);
    const key = { id: newId(), role: input.role, expiresAt };
    await this.database.inTenant(context, async (tx) => {
      await tx.query(
        `INSERT INTO api_keys (id, tenant_id, name, role, prefix, secret_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [key.id, tx.tenantId, input.name, key.role, generated.prefix, generated.hash, createdAt, expiresAt],
      );
      await tx.audit('apiKey.create', key.id, { role: key.role, name: input.name });
    });
    return IssuedApiKey.of(key, generated);
  }

  /** Revoking twice is no error and keeps the first time. The last working OWNER key stays, or nobody could get in. */
  async revoke(context: TenantContext, id: string): Promise<ApiKey> {
    const key = await this.database.inTenant(context, async (tx) => {
      const found = await getKey(tx, id);
      refuseStronger(context, found.role, 'revoke');
      if (found.revokedAt) return found;
      if (found.role === 'OWNER') await refuseLastOwner(tx, id);
      await tx.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [id]);
      await tx.audit('apiKey.revoke', id);
      await tx.announceChange('api_keys');
      return getKey(tx, id);
    });
    this.authenticator.forget();
    return key;
  }

  async get(context: TenantContext, id: string): Promise<ApiKey> {
    return this.database.inTenant(context, (tx) => getKey(tx, id));
  }

  async list(context: TenantContext, args: PageArgs): Promise<Page<ApiKey>> {
    return this.database.inTenant(context, (tx) => newestFirst(tx.repo(ApiKey), {}, args));
  }
}

async function getKey(tx: TenantTx, id: string): Promise<ApiKey> {
  const key = await tx.repo(ApiKey).findOneBy({ id });
  if (!key) throw PraxisError.notFound('ApiKey', toGlobalId('ApiKey', id));
  return key;
}

function refuseStronger(context: TenantContext, role: string, verb: string): void {
  if (role === 'OWNER' && context.role !== 'OWNER') {
    throw new PraxisError('FORBIDDEN', `Only an OWNER key may ${verb} an OWNER key.`);
  }
}

/** Locks the tenant's owner keys, so that two revocations at once cannot each leave the other as the last. */
async function refuseLastOwner(tx: TenantTx, id: string): Promise<void> {
  const others = await tx.query<{ id: string }>(
    `SELECT id FROM api_keys
     WHERE role = 'OWNER' AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
     ORDER BY id FOR UPDATE`,
  );
  if (others.some((key) => key.id !== id)) return;
  throw new PraxisError('CONFLICT', 'This is the last working OWNER key; make another one first.');
}
