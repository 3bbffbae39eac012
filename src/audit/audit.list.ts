import { between, byTime, equalTo, listOf, ofId, oneOf, type ListArgs, type Transaction } from '../db';
import { NODE_KINDS, toGlobalId, type NodeKind } from '../kernel';
import { AuditEvent } from './audit-event.entity';

interface AuditRow {
  id: string;
  at: Date;
  action: string;
  subject_id: string | null;
  api_key_id: string | null;
  request_id: string;
  detail: Record<string, unknown>;
}

export const auditEventList = listOf({
  name: 'AuditEvent',
  table: 'audit_events',
  idType: 'bigint',
  read: readEvents,
  filter: {
    actions: oneOf<string>('item.action', String, 'Only these actions, such as `apiKey.create`.'),
    apiKeyId: ofId('ApiKey', 'item.api_key_id', 'Only what this key did.'),
    requestId: equalTo('item.request_id', 'Only what came with this request.'),
    ...between('at', 'at'),
  },
  sort: { AT: byTime('at', 'When it happened.') },
});

export type AuditEventListArgs = ListArgs<(typeof auditEventList)['filter']>;

async function readEvents(tx: Transaction, ids: string[]): Promise<Map<string, AuditEvent>> {
  const rows = await tx.query<AuditRow>('SELECT * FROM audit_events WHERE id = ANY($1::bigint[])', [ids]);
  return new Map(rows.map((row) => [row.id, eventOf(row)]));
}

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
