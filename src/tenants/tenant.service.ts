import { ApiKey } from '../access';
import { readList, type Database } from '../db';
import { PraxisError, toGlobalId, type OperatorContext, type Page, type TenantContext } from '../kernel';
import { storedBytes } from '../storage';
import { Tenant, TenantSummary, Viewer } from './tenant.entity';
import { tenantList, type TenantListArgs } from './tenant.list';

export class TenantService {
  constructor(private readonly database: Database) {}

  async get(context: TenantContext, id: string = context.tenantId): Promise<Tenant> {
    const tenant = await this.database.inTenant(context, (tx) => tx.repo(Tenant).findOneBy({ id }));
    if (!tenant) throw PraxisError.notFound('Tenant', toGlobalId('Tenant', id));
    return tenant;
  }

  /** Of all its files, those included that are kept for a time. */
  storedBytes(context: TenantContext): Promise<number> {
    return this.database.inTenant(context, storedBytes);
  }

  async viewer(context: TenantContext | OperatorContext): Promise<Viewer> {
    if (context.role === 'OPERATOR') return { role: context.role, tenant: null, apiKey: null };
    return this.database.inTenant(context, async (tx) => ({
      role: context.role,
      tenant: await tx.repo(Tenant).findOneBy({ id: context.tenantId }),
      apiKey: context.apiKeyId ? await tx.repo(ApiKey).findOneBy({ id: context.apiKeyId }) : null,
    }));
  }

  /** Every tenant; for jobs of the platform, which then act inside each. */
  async *ids(): AsyncGenerator<string> {
    const sql = 'SELECT id FROM tenants WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT 500';
    const after = (last: string | null) =>
      this.database.inSystem('LIST_TENANTS', (tx) => tx.query<{ id: string }>(sql, [last]));
    for (let rows = await after(null); rows.length > 0; rows = await after(rows[rows.length - 1].id)) {
      for (const { id } of rows) yield id;
    }
  }

  /** The uuid of the tenant with this slug, if there is one. */
  async find(slug: string): Promise<string | null> {
    const rows = await this.database.inSystem('LIST_TENANTS', (tx) =>
      tx.query<{ id: string }>('SELECT id FROM tenants WHERE slug = $1', [slug]),
    );
    return rows[0]?.id ?? null;
  }

  /** Every tenant's name and how many keys it has; for operators. */
  summaries(args: TenantListArgs): Promise<Page<TenantSummary>> {
    return readList((work) => this.database.inSystem('LIST_TENANTS', work), tenantList, args);
  }
}
