import type { TenantTx } from '../db';
import type { NodeKind } from '../kernel';

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

/** What answered the predictions `p`. */
const ANSWERED_BY =
  "CROSS JOIN LATERAL (VALUES ('Deployment', p.deployment_id), ('ModelVersion', p.model_version_id)) a (kind, id)";
/** Of the predictions among $1. */
const BLOCKS = 'p.block_id IN (SELECT prediction_block(i) FROM unnest($1::uuid[]) i)';

/**
 * One edge away from `reach.id`. Predictions are too many for edges of their own: their blocks say what answered. Down from
 * a model version they are found through its deployments, which the blocks' index leads with; up, their id names the block.
 */
const STEPS = {
  DOWNSTREAM: `
    SELECT to_kind AS kind, to_id AS id FROM lineage_edges WHERE from_id = reach.id
    UNION ALL SELECT 'Prediction', p.id FROM predictions p WHERE p.deployment_id = reach.id`,
  UPSTREAM: `
    SELECT from_kind AS kind, from_id AS id FROM lineage_edges WHERE to_id = reach.id
    UNION ALL SELECT a.kind, a.id FROM predictions p ${ANSWERED_BY}
      WHERE p.block_id = prediction_block(reach.id) AND p.id = reach.id`,
};

/**
 * What can be reached from `root` within `depth` edges, nearest first. UNION drops what a step found already and the
 * depth is bounded, so a cycle ends; the inner LIMIT stops the recursion early, as PostgreSQL evaluates it lazily.
 */
export async function reachable(
  tx: TenantTx,
  root: NodeRef,
  o: { direction: 'UPSTREAM' | 'DOWNSTREAM'; depth: number; limit: number },
): Promise<{ nodes: NodeRef[]; complete: boolean }> {
  const rows = await tx.query<NodeRef & { steps: string }>(
    `WITH RECURSIVE reach (kind, id, depth) AS (
       SELECT $1::text, $2::uuid, 0
       UNION
       SELECT step.kind, step.id, reach.depth + 1
       FROM reach CROSS JOIN LATERAL (${STEPS[o.direction]}) step
       WHERE reach.depth < $3
     )
     SELECT kind, id, sum(count(*)) OVER () AS steps FROM (SELECT * FROM reach LIMIT $4) bounded
     GROUP BY kind, id ORDER BY min(depth), id`,
    [root.kind, root.id, o.depth, o.limit],
  );
  return { nodes: rows.map(({ kind, id }) => ({ kind, id })), complete: Number(rows[0]?.steps ?? 0) < o.limit };
}

export async function edgesAmong(tx: TenantTx, ids: string[]): Promise<LineageLink[]> {
  return tx.query<LineageLink>(
    `SELECT from_kind AS "fromKind", from_id AS "fromId", to_kind AS "toKind", to_id AS "toId" FROM (
       SELECT from_kind, from_id, to_kind, to_id, created_at FROM lineage_edges WHERE from_id = ANY($1) AND to_id = ANY($1)
       UNION ALL
       SELECT a.kind, a.id, 'Prediction', p.id, p.created_at FROM predictions p ${ANSWERED_BY}
       WHERE ${BLOCKS} AND p.id = ANY($1) AND a.id = ANY($1)
     ) edges ORDER BY created_at, from_id, to_id`,
    [ids],
  );
}

/** How a node of each kind is called. Each reads under the tenant's row-level security; cases belong to all. */
const LABELS: Partial<Record<NodeKind, string>> = {
  Dataset: 'SELECT id, name AS label, created_at FROM datasets',
  DatasetVersion: `SELECT v.id, d.name || ' v' || v.version AS label, v.created_at
    FROM dataset_versions v JOIN datasets d ON (d.tenant_id, d.id) = (v.tenant_id, v.dataset_id)`,
  PretrainedModel: 'SELECT id, name AS label, created_at FROM pretrained_models',
  Pipeline: 'SELECT id, name AS label, created_at FROM pipelines',
  PipelineVersion: `SELECT v.id, p.name || ' v' || v.version AS label, v.created_at
    FROM pipeline_versions v JOIN pipelines p ON (p.tenant_id, p.id) = (v.tenant_id, v.pipeline_id)`,
  Run: `SELECT r.id, p.name || ' (' || lower(r.state) || ')' AS label, r.created_at FROM runs r
    JOIN pipeline_versions v ON (v.tenant_id, v.id) = (r.tenant_id, r.pipeline_version_id)
    JOIN pipelines p ON (p.tenant_id, p.id) = (v.tenant_id, v.pipeline_id)`,
  Model: 'SELECT id, name AS label, created_at FROM models',
  ModelVersion: `SELECT v.id, m.name || ' v' || v.version AS label, v.created_at
    FROM model_versions v JOIN models m ON (m.tenant_id, m.id) = (v.tenant_id, v.model_id)`,
  Deployment: `SELECT id, name || CASE precision WHEN 'float32' THEN '' ELSE ' (' || precision || ')' END AS label, created_at
    FROM deployments`,
  Prediction: `SELECT id, value AS label, created_at FROM predictions p WHERE ${BLOCKS}`,
  Case: 'SELECT id, slug AS label, created_at FROM cases',
  CaseRun: `SELECT r.id, c.slug || ' (' || lower(r.state) || ')' AS label, r.created_at
    FROM case_runs r JOIN cases c ON c.id = r.case_id`,
};

/** Labels and times of the nodes that exist for this tenant, in the given order; others are left out. */
export async function labelled(tx: TenantTx, nodes: NodeRef[]): Promise<LabelledNode[]> {
  const kinds = [...new Set(nodes.map((node) => node.kind))].filter((kind) => LABELS[kind]);
  if (kinds.length === 0) return [];
  const selects = kinds.map(
    (kind) =>
      `SELECT '${kind}' AS kind, id, label, created_at AS "createdAt" FROM (${LABELS[kind]}) x WHERE id = ANY($1)`,
  );
  const rows = await tx.query<LabelledNode>(selects.join(' UNION ALL '), [nodes.map((node) => node.id)]);
  const byKey = new Map(rows.map((row) => [`${row.kind}:${row.id}`, row]));
  return nodes.flatMap((node) => byKey.get(`${node.kind}:${node.id}`) ?? []);
}
