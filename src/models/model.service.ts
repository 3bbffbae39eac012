import { EntityLoader, newestFirst, toJsonText, type Database, type TenantTx } from '../db';
import { newId, PraxisError, type Page, type PageArgs, type TenantContext } from '../kernel';
import type { ModelCard as EngineModelCard } from '../engine';
import { linkLineage } from '../lineage';
import { findArtifactKey, type ArtifactStore } from '../storage';
import { Model, ModelVersion } from './model.entity';

export interface NewModelVersion {
  pipelineId: string;
  /** Name of the model, used when this is its first version. */
  name: string;
  runId: string;
  /** The ONNX file, recorded in the same transaction. */
  artifactId: string;
  card: EngineModelCard;
}

/** Models and their versions. An id that this tenant has not is NOT_FOUND. */
export class ModelService {
  readonly byId: EntityLoader<Model>;
  readonly versionById: EntityLoader<ModelVersion>;
  /** By the id of the run that made it. */
  readonly versionOfRun: EntityLoader<ModelVersion>;

  constructor(
    private readonly database: Database,
    private readonly artifacts: ArtifactStore,
  ) {
    this.byId = new EntityLoader(database, Model, 'Model');
    this.versionById = new EntityLoader(database, ModelVersion, 'ModelVersion');
    this.versionOfRun = new EntityLoader(database, ModelVersion, 'ModelVersion', 'runId');
  }

  /** Adds the next version to the pipeline's model, in the caller's transaction; returns the version's id. */
  async register(tx: TenantTx, { pipelineId, name, runId, artifactId, card }: NewModelVersion): Promise<string> {
    const [model] = await tx.query<{ id: string }>(
      // The no-op update locks the model's row, so that two runs number their versions one after the other.
      `INSERT INTO models (tenant_id, id, pipeline_id, name, created_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant_id, pipeline_id) DO UPDATE SET pipeline_id = excluded.pipeline_id RETURNING id`,
      [tx.tenantId, newId(), pipelineId, name, new Date()],
    );
    const id = newId();
    await tx.query(
      `INSERT INTO model_versions (tenant_id, id, model_id, run_id, version, artifact_id, card, created_at)
       SELECT $1, $2, $3, $4, coalesce(max(version), 0) + 1, $5, $6, $7 FROM model_versions WHERE model_id = $3`,
      [tx.tenantId, id, model.id, runId, artifactId, toJsonText(card), new Date()],
    );
    await linkLineage(tx, [{ fromKind: 'Model', fromId: model.id, toKind: 'ModelVersion', toId: id }]);
    return id;
  }

  async get(context: TenantContext, id: string): Promise<Model> {
    const model = await this.database.inTenant(context, (tx) => tx.repo(Model).findOneBy({ id }));
    if (!model) throw PraxisError.notFound('Model', id);
    return model;
  }

  async getVersion(context: TenantContext, id: string): Promise<ModelVersion> {
    const version = await this.database.inTenant(context, (tx) => tx.repo(ModelVersion).findOneBy({ id }));
    if (!version) throw PraxisError.notFound('ModelVersion', id);
    return version;
  }

  async findVersionOfRun(context: TenantContext, runId: string): Promise<ModelVersion | null> {
    return this.database.inTenant(context, (tx) => tx.repo(ModelVersion).findOneBy({ runId }));
  }

  async list(context: TenantContext, args: PageArgs): Promise<Page<Model>> {
    return this.database.inTenant(context, (tx) => newestFirst(tx.repo(Model), {}, args));
  }

  async listVersions(context: TenantContext, modelId: string, args: PageArgs): Promise<Page<ModelVersion>> {
    return this.database.inTenant(context, (tx) => newestFirst(tx.repo(ModelVersion), { modelId }, args));
  }

  /** The bytes of the ONNX file. */
  async readModel(context: TenantContext, versionId: string): Promise<Uint8Array> {
    return this.artifacts.read(await this.keyOf(context, versionId));
  }

  async streamModel(context: TenantContext, versionId: string): Promise<NodeJS.ReadableStream> {
    return this.artifacts.readStream(await this.keyOf(context, versionId));
  }

  private async keyOf(context: TenantContext, versionId: string): Promise<string> {
    return this.database.inTenant(context, async (tx) => {
      const version = await tx.repo(ModelVersion).findOneBy({ id: versionId });
      const key = version && (await findArtifactKey(tx, version.artifactId));
      if (!key) throw PraxisError.notFound('ModelVersion', versionId);
      return key;
    });
  }
}
