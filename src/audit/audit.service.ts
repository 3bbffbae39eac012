import type { Database, Transaction } from '../db';
import {
  decodeCursor,
  encodeCursor,
  NODE_KINDS,
  type NodeKind,
  type Page,
  type PageArgs,
  pageSize,
  type TenantContext,
  toGlobalId,
  toPage,
} from '../kernel';
import { AuditEvent } from './audit-event.entity';

interface AuditRow {
  id: string;
  at: Date;
  position: string;
  action: string;
  subject_id: string | null;
  api_key_id: string | null;
  request_id: string;
  detail: Record<string, unknown>;
}

type AuditArgs = PageArgs & { action?: string | null };

export class AuditService {
  constructor(private readonly database: Database) {}

  async list(context: TenantContext, args: AuditArgs): Promise<Page<AuditEvent>> {
    return this.database.inTenant(context, (tx) => pageOf(tx, context.tenantId, args));
  }

  /** Acts on the platform, and of operators on tenants; no tenant's own. */
  async listPlatform(args: AuditArgs): Promise<Page<AuditEvent>> {
    return this.database.inSystem('AUDIT_PLATFORM', (tx) => pageOf(tx, null, args));
  }
}

/** The cursor keeps microseconds, which a JavaScript date would lose and skip events with. */
async function pageOf(tx: Transaction, tenantId: string | null, args: AuditArgs): Promise<Page<AuditEvent>> {
  const size = pageSize(args);
  const after = args.after ? decodeCursor(args.after, isSequence) : null;
  const ofTenant = tenantId ? 'tenant_id = $5' : 'tenant_id IS NULL';
  const rows = await tx.query<AuditRow>(
    `SELECT *, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS position
     FROM audit_events
     WHERE ${ofTenant} AND ($1::timestamptz IS NULL OR (at, id) < ($1, $2::bigint)) AND ($3::text IS NULL OR action = $3)
     ORDER BY at DESC, id DESC LIMIT $4`,
    [after?.createdAt ?? null, after?.id ?? null, args.action ?? null, size + 1, ...(tenantId ? [tenantId] : [])],
  );
  const page = toPage(rows, size, (row) => encodeCursor({ createdAt: row.position, id: row.id }), args.after);
  return { ...page, edges: page.edges.map(({ cursor, node }) => ({ cursor, node: eventOf(node) })) };
}

const isSequence = (id: string): boolean => /^\d{1,18}$/.test(id);

function eventOf(row: AuditRow): AuditEvent {
  return Object.assign(new AuditEvent(), {
    id: row.id,
    at: row.at,
    action: row.action,
    subjectId: row.subject_id && subjectIdOf(row.action, row.subject_id),
    apiKeyId: row.api_key_id && toGlobalId('ApiKey', row.api_key_id),
    requestId: row.request_id,
    detail: row.detail,
  });
}

/** What the first word of an action is about. */
const KINDS = new Map<string, NodeKind>([
  ...NODE_KINDS.map((kind) => [kind.toLowerCase(), kind] as const),
  ['operatorkey', 'ApiKey'],
]);

/** Actions read `<kind>.<verb>`: `apiKey.create` is about an ApiKey. An unknown kind keeps its bare uuid. */
function subjectIdOf(action: string, uuid: string): string {
  const [noun] = action.split('.');
  const kind = KINDS.get(noun.toLowerCase());
  return kind ? toGlobalId(kind, uuid) : uuid;
}
