import { countWorkingKeys } from '../access';
import { byText, byTime, containing, listOf, oneOf, type ListArgs, type Transaction } from '../db';
import { toGlobalId } from '../kernel';
import { Plan, TenantSummary } from './tenant.entity';

type TenantRow = Omit<TenantSummary, 'apiKeyCount'>;

const SELECT = 'SELECT id, slug, name, plan, created_at AS "createdAt" FROM tenants WHERE id = ANY($1)';

/** Every tenant of the platform; read in a system transaction. */
export const tenantList = listOf({
  name: 'TenantSummary',
  table: 'tenants',
  read: async (tx: Transaction, ids: string[]) => {
    const rows = await tx.query<TenantRow>(SELECT, [ids]);
    const keyCounts = await countWorkingKeys(tx, ids);
    return new Map(rows.map((row) => [row.id, summaryOf(row, keyCounts.get(row.id) ?? 0)]));
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

function summaryOf({ id, ...rest }: TenantRow, apiKeyCount: number): TenantSummary {
  return Object.assign(new TenantSummary(), rest, { id: toGlobalId('Tenant', id), apiKeyCount });
}
