import { ApiKey } from '../access';
import type { Database } from '../db';
import {
  decodeCursor,
  encodeCursor,
  type OperatorContext,
  type Page,
  type PageArgs,
  pageSize,
  PraxisError,
  type TenantContext,
  toGlobalId,
  toPage,
} from '../kernel';
import { Tenant, TenantSummary, Viewer } from './tenant.entity';

type TenantRow = Omit<TenantSummary, 'apiKeyCount'> & { apiKeyCount: string };

export class TenantService {
  constructor(private readonly database: Database) {}

  async get(context: TenantContext, id: string = context.tenantId): Promise<Tenant> {
    const tenant = await this.database.inTenant(context, (tx) => tx.repo(Tenant).findOneBy({ id }));
    if (!tenant) throw PraxisError.notFound('Tenant', toGlobalId('Tenant', id));
    return tenant;
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
  async summaries(args: PageArgs): Promise<Page<TenantSummary>> {
    const size = pageSize(args);
    const after = args.after ? decodeCursor(args.after) : null;
    const rows = await this.database.inSystem('LIST_TENANTS', (tx) =>
      tx.query<TenantRow>(
        `SELECT id, slug, name, plan, created_at AS "createdAt",
                (SELECT count(*) FROM api_keys k WHERE k.tenant_id = t.id AND k.revoked_at IS NULL
                   AND (k.expires_at IS NULL OR k.expires_at > now())) AS "apiKeyCount"
         FROM tenants t
         WHERE $1::timestamptz IS NULL OR (created_at, id) < ($1, $2::uuid)
         ORDER BY created_at DESC, id DESC LIMIT $3`,
        [after?.createdAt ?? null, after?.id ?? null, size + 1],
      ),
    );
    const cursorOf = (row: TenantRow) => encodeCursor({ createdAt: row.createdAt.toISOString(), id: row.id });
    const page = toPage(rows, size, cursorOf, args.after);
    return { ...page, edges: page.edges.map(({ cursor, node }) => ({ cursor, node: summaryOf(node) })) };
  }
}

function summaryOf(row: TenantRow): TenantSummary {
  const { id, apiKeyCount, ...rest } = row;
  return Object.assign(new TenantSummary(), rest, { id: toGlobalId('Tenant', id), apiKeyCount: Number(apiKeyCount) });
}
