import type { TenantTx } from '../db';
import type { NodeKind } from '../kernel';
import type { LineageKind, LineageKinds } from './lineage-kind';

export interface LineageLink {
  fromKind: NodeKind;
  fromId: string;
  toKind: NodeKind;
  toId: string;
}

export interface NodeRef {
  kind: NodeKind;
  id: string;
}

export interface LabelledNode extends NodeRef {
  label: string;
  createdAt: Date;
}

/** Notes that `from` went into making `to`. Called by features in the transaction that makes `to`; twice is once. */
export async function linkLineage(tx: TenantTx, edges: LineageLink[]): Promise<void> {
  if (edges.length === 0) return;
  await tx.query(
    `INSERT INTO lineage_edges (tenant_id, from_kind, from_id, to_kind, to_id)
     SELECT $1, * FROM unnest($2::text[], $3::uuid[], $4::text[], $5::uuid[]) ON CONFLICT DO NOTHING`,
    [
      tx.tenantId,
      edges.map((edge) => edge.fromKind),
      edges.map((edge) => edge.fromId),
      edges.map((edge) => edge.toKind),
      edges.map((edge) => edge.toId),
    ],
  );
}

/** Forgets the edges to and from objects that are deleted in the same transaction. */
export async function unlinkLineage(tx: TenantTx, ids: string[]): Promise<void> {
  await tx.query('DELETE FROM lineage_edges WHERE from_id = ANY($1) OR to_id = ANY($1)', [ids]);
}

/** Reads the graph: its stored edges, and what the features tell of their kinds. */
export class LineageStore {
  private readonly kinds = new Map<NodeKind, LineageKind>();

  /** In the order of the features: what is made from a kind comes behind it. */
  describe(kinds: LineageKinds): void {
    for (const [kind, told] of Object.entries(kinds)) this.kinds.set(kind as NodeKind, told);
  }

  isWrittenLater(kind: NodeKind): boolean {
    return this.kinds.get(kind)?.writtenLater ?? false;
  }

  /**
   * What can be reached from `root` within `depth` edges, nearest first. UNION drops what a step found already and the
   * depth is bounded, so a cycle ends; the inner LIMIT stops the recursion early, as PostgreSQL evaluates it lazily.
   */
  async reachable(
    tx: TenantTx,
    root: NodeRef,
    o: { direction: 'UPSTREAM' | 'DOWNSTREAM'; depth: number; limit: number },
  ): Promise<{ nodes: NodeRef[]; complete: boolean }> {
    const [from, to] = o.direction === 'DOWNSTREAM' ? ['from', 'to'] : ['to', 'from'];
    const derived = this.derived(o.direction === 'DOWNSTREAM' ? 'downstream' : 'upstream');
    const stored = `SELECT ${to}_kind AS kind, ${to}_id AS id FROM lineage_edges WHERE ${from}_id = reach.id`;
    const rows = await tx.query<NodeRef & { steps: string }>(
      `WITH RECURSIVE reach (kind, id, depth) AS (
         SELECT $1::text, $2::uuid, 0
         UNION
         SELECT step.kind, step.id, reach.depth + 1
         FROM reach CROSS JOIN LATERAL (${[stored, ...derived].join(' UNION ALL ')}) step
         WHERE reach.depth < $3
       )
       SELECT kind, id, sum(count(*)) OVER () AS steps FROM (SELECT * FROM reach LIMIT $4) bounded
       GROUP BY kind, id ORDER BY min(depth), id`,
      [root.kind, root.id, o.depth, o.limit],
    );
    return { nodes: rows.map(({ kind, id }) => ({ kind, id })), complete: Number(rows[0]?.steps ?? 0) < o.limit };
  }

  async edgesAmong(tx: TenantTx, ids: string[]): Promise<LineageLink[]> {
    const stored = `SELECT from_kind, from_id, to_kind, to_id, created_at
      FROM lineage_edges WHERE from_id = ANY($1) AND to_id = ANY($1)`;
    return tx.query<LineageLink>(
      `SELECT from_kind AS "fromKind", from_id AS "fromId", to_kind AS "toKind", to_id AS "toId"
       FROM (${[stored, ...this.derived('among')].join(' UNION ALL ')}) edges ORDER BY created_at, from_id, to_id`,
      [ids],
    );
  }

  /** Labels and times of the nodes that exist for this tenant, in the given order; others are left out. */
  async labelled(tx: TenantTx, nodes: NodeRef[]): Promise<LabelledNode[]> {
    const selects = [...new Set(nodes.map((node) => node.kind))].flatMap((kind) => {
      const told = this.kinds.get(kind);
      return told
        ? `SELECT '${kind}' AS kind, id, label, created_at AS "createdAt" FROM (${told.labels}) x WHERE id = ANY($1)`
        : [];
    });
    if (selects.length === 0) return [];
    const rows = await tx.query<LabelledNode>(selects.join(' UNION ALL '), [nodes.map((node) => node.id)]);
    const byKey = new Map(rows.map((row) => [`${row.kind}:${row.id}`, row]));
    return nodes.flatMap((node) => byKey.get(`${node.kind}:${node.id}`) ?? []);
  }

  /** An object and what is deleted with it: ids by kind. */
  async withParts(tx: TenantTx, { kind, id }: NodeRef): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>([[kind, [id]]]);
    for (const [part, sql] of Object.entries(this.kinds.get(kind)?.parts ?? {}))
      found.set(part, idsOf(await tx.query<{ id: string }>(sql, [[id]])));
    return found;
  }

  /** What was made from objects, given as ids by kind, and from what was made from them: by kind, the oldest first. */
  async madeFrom(tx: TenantTx, origins: ReadonlyMap<string, string[]>): Promise<NodeRef[]> {
    const known = new Map(origins);
    const found: NodeRef[] = [];
    for (const [kind, { madeFrom = {}, linkedFrom = [] }] of this.kinds) {
      const linked = Object.fromEntries(linkedFrom.map((origin) => [origin, linkedTo(kind)]));
      const ids = await idsMadeFrom(tx, { ...madeFrom, ...linked }, known);
      if (ids.length === 0) continue;
      found.push(...ids.map((id) => ({ kind, id })));
      known.set(kind, [...(known.get(kind) ?? []), ...ids]);
    }
    return found;
  }

  private derived(which: 'downstream' | 'upstream' | 'among'): string[] {
    return [...this.kinds.values()].flatMap(({ edges }) => edges?.[which] ?? []);
  }
}

/** As `madeFrom` of a kind. */
const linkedTo = (kind: NodeKind): string =>
  `SELECT to_id AS id, created_at FROM lineage_edges WHERE to_kind = '${kind}' AND from_id = ANY($1)`;

async function idsMadeFrom(
  tx: TenantTx,
  queries: Record<string, string>,
  origins: ReadonlyMap<string, string[]>,
): Promise<string[]> {
  const asked = Object.entries(queries).filter(([origin]) => origins.get(origin)?.length);
  if (asked.length === 0) return [];
  const selects = asked.map(([, sql], i) => sql.replaceAll('$1', `$${i + 1}`));
  return idsOf(
    await tx.query<{ id: string }>(
      `SELECT id FROM (${selects.join(' UNION ')}) made ORDER BY created_at, id`,
      asked.map(([origin]) => origins.get(origin)),
    ),
  );
}

const idsOf = (rows: { id: string }[]): string[] => rows.map(({ id }) => id);
