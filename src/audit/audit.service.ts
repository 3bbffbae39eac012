import type { Database } from '../db';
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

export class AuditService {
  constructor(private readonly database: Database) {}

  async list(context: TenantContext, args: PageArgs & { action?: string | null }): Promise<Page<AuditEvent>> {
    const size = pageSize(args);
    const after = args.after ? decodeCursor(args.after, isSequence) : null;
    // The cursor keeps microseconds, which a JavaScript date would lose and skip events with.
    const rows = await this.database.inTenant(context, (tx) =>
      tx.query<AuditRow>(
        `SELECT *, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS position
         FROM audit_events
         WHERE ($1::timestamptz IS NULL OR (at, id) < ($1, $2::bigint)) AND ($3::text IS NULL OR action = $3)
         ORDER BY at DESC, id DESC LIMIT $4`,
        [after?.createdAt ?? null, after?.id ?? null, args.action ?? null, size + 1],
      ),
    );
    const page = toPage(rows, size, (row) => encodeCursor({ createdAt: row.position, id: row.id }), args.after);
    return { ...page, edges: page.edges.map(({ cursor, node }) => ({ cursor, node: eventOf(node) })) };
  }
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

/** Actions read `<kind>.<verb>`: `apiKey.create` is about an ApiKey. An unknown kind keeps its bare uuid. */
function subjectIdOf(action: string, uuid: string): string {
  const [noun] = action.split('.');
  const kind = NODE_KINDS.find((name): name is NodeKind => name.toLowerCase() === noun.toLowerCase());
  return kind ? toGlobalId(kind, uuid) : uuid;
}
