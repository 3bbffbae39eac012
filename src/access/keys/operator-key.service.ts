import { type Database, readList, type SystemTx } from '../../db';
import { type OperatorContext, type Page, PraxisError, toGlobalId } from '../../kernel';
import { ApiKey } from './api-key.entity';
import { apiKeyList, type ApiKeyListArgs } from './api-key.list';
import type { CreateOperatorKeyInput, IssuedApiKey } from './api-key.input';
import { getKey, insertKey, refuseLastWorking } from './api-key.row';
import type { Authenticator } from '../authenticator';

const OPERATOR = 'OPERATOR' as const;

/** The keys of operators: of the platform, in no tenant. */
export class OperatorKeyService {
  constructor(
    private readonly database: Database,
    private readonly authenticator: Authenticator,
  ) {}

  async create(context: OperatorContext, { name, expiresAt }: CreateOperatorKeyInput): Promise<IssuedApiKey> {
    return this.database.inSystem('OPERATOR_KEYS', async (tx) => {
      const { id, issued } = await insertKey(tx, { tenantId: null, name, role: OPERATOR, expiresAt });
      await tx.audit(context, { action: 'operatorKey.create', subjectId: id, detail: { name } });
      return issued;
    });
  }

  /** Revoking twice is no error and keeps the first time. The last working operator key stays. */
  async revoke(context: OperatorContext, id: string): Promise<ApiKey> {
    const key = await this.database.inSystem('OPERATOR_KEYS', async (tx) => {
      const found = await getOperatorKey(tx, id);
      if (found.revokedAt) return found;
      await refuseLastWorking(tx, found);
      await tx.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [id]);
      await tx.audit(context, { action: 'operatorKey.revoke', subjectId: id, detail: { name: found.name } });
      await tx.announceChange('api_keys');
      return getOperatorKey(tx, id);
    });
    await this.authenticator.forgetEverywhere();
    return key;
  }

  async list(args: ApiKeyListArgs): Promise<Page<ApiKey>> {
    return readList((work) => this.database.inSystem('OPERATOR_KEYS', work), apiKeyList, args, { role: OPERATOR });
  }
}

/** The platform's door sees the keys of every tenant; one of them is not found here. */
async function getOperatorKey(tx: SystemTx, id: string): Promise<ApiKey> {
  const key = await getKey(tx, id);
  if (key.role === OPERATOR) return key;
  throw PraxisError.notFound('ApiKey', toGlobalId('ApiKey', id));
}
