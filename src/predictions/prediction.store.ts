import type { Database, TenantTx } from '../db';
import { decodeCursor, jobContext, pageSize, toPage, type Page, type PageArgs, type TenantContext } from '../kernel';
import type { ModelService } from '../models';
import { blockOf, placeOf, type BlockRow } from './block.format';
import type { Prediction } from './prediction.entity';
import { RecordedBlock } from './recorded.block';

const INSERT = `
  INSERT INTO prediction_blocks
    (tenant_id, id, deployment_id, model_version_id, precision, count, answers, content, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`;

const SELECT = `
  SELECT b.id, b.deployment_id AS "deploymentId", b.model_version_id AS "modelVersionId", b.precision, b.count,
    b.answers::text, b.content, b.created_at AS "createdAt"
  FROM prediction_blocks b`;

/**
 * The blocks that hold the newest $2 predictions after a cursor, of whose own block only those before its place $5 are left.
 * Each block holds one prediction at least, so the index is walked over few of them.
 */
const PAGE = `
  WITH listed AS (
    SELECT id, created_at, CASE WHEN id = $4 THEN $5 ELSE count END AS left_of_it FROM prediction_blocks
    WHERE deployment_id = $1 AND ($3::timestamptz IS NULL OR created_at < $3 OR (created_at = $3 AND id >= $4))
    ORDER BY created_at DESC, id LIMIT $2 + 1
  ), needed AS (
    SELECT id, sum(left_of_it) OVER (ORDER BY created_at DESC, id) - left_of_it AS before FROM listed
  )
  ${SELECT} JOIN needed n USING (id) WHERE n.before < $2 ORDER BY b.created_at DESC, b.id`;

/** Recorded predictions, in blocks of many. */
export class PredictionStore {
  constructor(
    private readonly database: Database,
    private readonly models: ModelService,
  ) {}

  /** Twice is once. */
  async insert(tenantId: string, row: BlockRow): Promise<void> {
    const { id, deploymentId, modelVersionId, precision, count, answers, content, createdAt } = row;
    await this.database.writeBehind(jobContext(tenantId, 'predictions'), INSERT, [
      ...[tenantId, id, deploymentId, modelVersionId, precision, count, answers, content, createdAt],
    ]);
  }

  /** Those that exist for this tenant, by id. */
  async byIds(context: TenantContext, ids: readonly string[]): Promise<Map<string, Prediction>> {
    const blockIds = [...new Set(ids.map(blockOf))];
    const blocks = await this.read(context, (tx) => tx.query(`${SELECT} WHERE b.id = ANY($1)`, [blockIds]));
    const byId = new Map(blocks.map((block) => [block.row.id, block]));
    const found = ids.map((id) => byId.get(blockOf(id))?.at(placeOf(id)));
    return new Map(found.flatMap((prediction) => (prediction ? [[prediction.id, prediction]] : [])));
  }

  /** Newest block first, each from its end. */
  async page(context: TenantContext, deploymentId: string, args: PageArgs): Promise<Page<Prediction>> {
    const size = pageSize(args);
    const after = args.after ? decodeCursor(args.after) : null;
    const place = after ? [after.createdAt, blockOf(after.id), placeOf(after.id)] : [null, null, null];
    const blocks = await this.read(context, (tx) => tx.query(PAGE, [deploymentId, size + 1, ...place]));
    const rows = blocks.flatMap((block) => {
      const count = after && block.row.id === place[1] ? (place[2] as number) : block.row.count;
      const newest = Array.from({ length: Math.min(count, size + 1) }, (_, i) => block.at(count - 1 - i)!);
      return newest.map((prediction) => ({ prediction, cursor: block.cursorOf(prediction) }));
    });
    const page = toPage(rows.slice(0, size + 1), size, ({ cursor }) => cursor, args.after);
    return { ...page, edges: page.edges.map(({ cursor, node }) => ({ cursor, node: node.prediction })) };
  }

  private async read(context: TenantContext, select: (tx: TenantTx) => Promise<BlockRow[]>): Promise<RecordedBlock[]> {
    const rows = await this.database.inTenant(context, select);
    const versionIds = [...new Set(rows.map(({ modelVersionId }) => modelVersionId))];
    const versions = await Promise.all(versionIds.map((id) => this.models.getVersion(context, id)));
    const cards = new Map(versions.map(({ id, card }) => [id, card]));
    return rows.map((row) => new RecordedBlock(context.tenantId, row, cards.get(row.modelVersionId)!));
  }
}
