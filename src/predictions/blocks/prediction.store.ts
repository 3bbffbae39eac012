import type { Database } from '../../db';
import { jobContext, once, pageOf, type Page, type TenantContext } from '../../kernel';
import type { ModelService } from '../../models';
import { blockOf, placeOf, type BlockRow } from './block.format';
import type { Prediction } from '../prediction.entity';
import { BLOCK_COLUMNS, PredictionPage, type PredictionListArgs, refuseUnread } from '../prediction.list';
import { RecordedBlock } from './recorded.block';

const INSERT = `
  INSERT INTO prediction_blocks
    (tenant_id, id, deployment_id, model_version_id, precision, count, answers, content, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`;

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
    const sql = `SELECT ${BLOCK_COLUMNS} FROM prediction_blocks b WHERE b.id = ANY($1)`;
    const rows = await this.database.inTenant(context, (tx) => tx.query<BlockRow>(sql, [blockIds]));
    const blocks = await this.read(context, rows);
    const byId = new Map(blocks.map((block) => [block.row.id, block]));
    const found = ids.map((id) => byId.get(blockOf(id))?.at(placeOf(id)));
    return new Map(found.flatMap((prediction) => (prediction ? [[prediction.id, prediction]] : [])));
  }

  /** Newest block first, each from its end. */
  async page(context: TenantContext, deploymentId: string, args: PredictionListArgs): Promise<Page<Prediction>> {
    const page = new PredictionPage(deploymentId, args);
    const statements = [page.blocks(), page.beyond('after'), page.beyond('before')];
    const [found, after, before] = await this.database.inTenant(context, (tx) =>
      Promise.all(statements.map((statement) => (statement ? tx.query(...statement) : []))),
    );
    const blocks = await this.read(context, found as unknown as BlockRow[]);
    const rows = blocks.flatMap((block) =>
      page.predictionsOf(block).map((node) => ({ node, cursor: page.cursorOf(block.row, node) })),
    );
    const count = once(async () => {
      const [row] = await this.database.inTenant(context, (tx) => tx.query<{ count: number }>(...page.count()));
      return row.count;
    });
    return { ...pageOf(rows, page.window, { after: after.length > 0, before: before.length > 0 }), count };
  }

  private async read(context: TenantContext, rows: BlockRow[]): Promise<RecordedBlock[]> {
    refuseUnread(rows);
    const versionIds = [...new Set(rows.map(({ modelVersionId }) => modelVersionId))];
    const versions = await Promise.all(versionIds.map((id) => this.models.getVersion(context, id)));
    const cards = new Map(versions.map(({ id, card }) => [id, card]));
    return rows.map((row) => new RecordedBlock(context.tenantId, row, cards.get(row.modelVersionId)!));
  }
}
