import type { Database } from '../../db';
import { type Page, PraxisError, type TenantContext } from '../../kernel';
import { ApiKey } from './api-key.entity';
import type { CreateApiKeyInput, IssuedApiKey } from './api-key.input';
import { apiKeyList, type ApiKeyListArgs } from './api-key.list';
import { getKey, insertKey, refuseLastWorking } from './api-key.row';
import type { Authenticator } from '../authenticator';

/** The keys of a tenant. */
export class ApiKeyService {
  constructor(
    private readonly database: Database,
    private readonly authenticator: Authenticator,
  ) {}

  async create(context: TenantContext, { name, role, expiresAt }: CreateApiKeyInput): Promise<IssuedApiKey> {
    refuseStronger(context, role, 'make');
    return this.database.inTenant(context, async (tx) => {
      const { id, issued } = await insertKey(tx, { tenantId: tx.tenantId, name, role, expiresAt });
      await tx.audit('apiKey.create', id, { role, name });
      return issued;
    });
  }

  /** Revoking twice is no error and keeps the first time. The last working OWNER key stays, or nobody could get in. */
  async revoke(context: TenantContext, id: string): Promise<ApiKey> {
    const key = await this.database.inTenant(context, async (tx) => {
      const found = await getKey(tx, id);
      refuseStronger(context, found.role, 'revoke');
      if (found.revokedAt) return found;
      if (found.role === 'OWNER') await refuseLastWorking(tx, found);
      await tx.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [id]);
      await tx.audit('apiKey.revoke', id);
      await tx.announceChange('api_keys');
      return getKey(tx, id);
    });
    await this.authenticator.forgetEverywhere();
    return key;
  }

  async get(context: TenantContext, id: string): Promise<ApiKey> {
    return this.database.inTenant(context, (tx) => getKey(tx, id));
  }

  list(context: TenantContext, args: ApiKeyListArgs): Promise<Page<ApiKey>> {
    return this.database.list(context, apiKeyList, args);
  }
}

function refuseStronger(context: TenantContext, role: string, verb: string): void {
  if (role === 'OWNER' && context.role !== 'OWNER') {
    throw new PraxisError('FORBIDDEN', `Only an OWNER key may ${verb} an OWNER key.`);
  }
}
