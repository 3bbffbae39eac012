import { byText, byTime, containing, listOf, oneOf, type ListArgs, type Transaction } from '../db';
import { toGlobalId } from '../kernel';
import { Plan, TenantSummary } from './tenant.entity';

type TenantRow = Omit<TenantSummary, 'apiKeyCount'> & { apiKeyCount: string };

const SELECT = `
  SELECT id, slug, name, plan, created_at AS "createdAt",
    (SELECT count(*) FROM api_keys k WHERE k.tenant_id = t.id AND k.revoked_at IS NULL
       AND (k.expires_at IS NULL OR k.expires_at > now())) AS "apiKeyCount"
  FROM tenants t WHERE id = ANY($1)`;

/** Every tenant of the platform; read in a system transaction. */
export const tenantList = listOf({
  name: 'TenantSummary',
  table: 'tenants',
  read: async (tx: Transaction, ids: string[]) => {
    const rows = await tx.query<TenantRow>(SELECT, [ids]);
    return new Map(rows.map((row) => [row.id, summaryOf(row)]));
  },
  filter: {
    nameContains: containing('item.name', 'Only tenants whose name contains this text.'),
    plans: oneOf<Plan>('item.plan', Plan, 'Only tenants on one of these plans.'),
  },
  sort: {
    CREATED_AT: byTime('created_at', 'When it was onboarded.'),
    NAME: byText('name', 'Its name.'),
  },
});

export type TenantListArgs = ListArgs<(typeof tenantList)['filter']>;

function summaryOf({ id, apiKeyCount, ...rest }: TenantRow): TenantSummary {
  return Object.assign(new TenantSummary(), rest, { id: toGlobalId('Tenant', id), apiKeyCount: Number(apiKeyCount) });
}
