import { In } from 'typeorm';
import { EntityLoader, RowsLoader, toJsonText, type Database, type TenantTx } from '../db';
import { newId, PraxisError, type GraphContext, type Page, type PageArgs, type TenantContext } from '../kernel';
import { describe, PRECISIONS, type ModelCard as EngineModelCard, type Precision } from '../engine';
import { linkLineage, type LineageService } from '../lineage';
import type { ArtifactStore } from '../storage';
import { ModelAsset, type AssetPurpose } from './files/model-asset.entity';
import { deleteModelVersion } from './model.deletion';
import { byName, ModelFileReader } from './files/model-file.reader';
import { Model, ModelVersion } from './model.entity';
import { modelList, modelVersionList, type ModelListArgs } from './model.list';
import { ModelVariant, type VariantFigures } from './files/model-variant.entity';

export interface NewModelVersion {
  pipelineId: string;
  /** Name of the model, used when this is its first version. */
  name: string;
  runId: string;
  card: EngineModelCard;
  /** One of them is float32. */
  variants: NewModelVariant[];
  assets: NewModelAsset[];
}

export interface NewModelVariant {
  precision: Precision;
  /** The ONNX file, recorded in the same transaction. */
  artifactId: string;
  byteCount: number;
  figures: VariantFigures | null;
}

export interface NewModelAsset {
  purpose: AssetPurpose;
  name: string;
  mediaType: string;
  /** Recorded in the same transaction. */
  artifactId: string;
  byteCount: number;
  sha256: Buffer;
}

/** Models and their versions. An id that this tenant has not is NOT_FOUND. */
export class ModelService {
  readonly byId: EntityLoader<Model>;
  readonly versionById: EntityLoader<ModelVersion>;
  /** By the id of the run that made it; none once it is deleted. */
  readonly versionsOfRun: RowsLoader<ModelVersion>;
  /** By the id of the version, float32 first. */
  readonly variantsByVersion: RowsLoader<ModelVariant>;
  private readonly assetsByVersion: RowsLoader<ModelAsset>;
  readonly files: ModelFileReader;

  constructor(
    private readonly database: Database,
    private readonly artifacts: ArtifactStore,
    private readonly lineage: LineageService,
  ) {
    this.byId = new EntityLoader(database, Model, 'Model');
    this.versionById = new EntityLoader(database, ModelVersion, 'ModelVersion');
    this.versionsOfRun = new RowsLoader(database, ModelVersion, 'runId', (a, b) => a.version - b.version);
    this.variantsByVersion = new RowsLoader(database, ModelVariant, 'modelVersionId', byPrecision);
    this.assetsByVersion = new RowsLoader(database, ModelAsset, 'modelVersionId', byName);
    this.files = new ModelFileReader(database, artifacts, this);
  }

  /** Adds the next version to the pipeline's model, in the caller's transaction; returns the version's id. */
  async register(tx: TenantTx, { pipelineId, name, runId, card, ...files }: NewModelVersion): Promise<string> {
    const [model] = await tx.query<{ id: string; deleted_version: number }>(
      // The no-op update locks the model's row, so that two runs number their versions one after the other.
      `INSERT INTO models (tenant_id, id, pipeline_id, name, created_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant_id, pipeline_id) DO UPDATE SET pipeline_id = excluded.pipeline_id
       RETURNING id, deleted_version`,
      [tx.tenantId, newId(), pipelineId, name, new Date()],
    );
    const id = newId();
    await tx.query(
      `INSERT INTO model_versions (tenant_id, id, model_id, run_id, version, card, created_at)
       SELECT $1, $2, $3, $4, greatest(max(version), $7) + 1, $5, $6 FROM model_versions WHERE model_id = $3`,
      [tx.tenantId, id, model.id, runId, toJsonText(card), new Date(), model.deleted_version],
    );
    for (const variant of files.variants) await insertVariant(tx, id, variant);
    for (const asset of files.assets) await insertAsset(tx, id, asset);
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

  /** The runs that trained versions, by the id of the version. */
  async runsOfVersions(context: TenantContext, ids: string[]): Promise<Map<string, string>> {
    const select = { id: true, runId: true };
    const found = await this.database.inTenant(context, (tx) =>
      tx.repo(ModelVersion).find({ select, where: { id: In(ids) } }),
    );
    return new Map(found.map(({ id, runId }) => [id, runId]));
  }

  /** For resolvers: what a version needs to answer, by name. */
  async assetsOf(context: GraphContext, versionId: string): Promise<ModelAsset[]> {
    const assets = await this.assetsByVersion.load(context, versionId);
    return assets.filter(({ purpose }) => purpose === 'SERVING');
  }

  list(context: TenantContext, args: ModelListArgs): Promise<Page<Model>> {
    return this.database.list(context, modelList, args);
  }

  listVersions(context: TenantContext, modelId: string, args: PageArgs): Promise<Page<ModelVersion>> {
    return this.database.list(context, modelVersionList, args, { model_id: modelId });
  }

  /** Throws NOT_FOUND for the version, and VALIDATION_FAILED when it has no file in this precision. */
  async getVariant(context: TenantContext, versionId: string, precision: Precision): Promise<ModelVariant> {
    const variants = await this.database.inTenant(context, (tx) =>
      tx.repo(ModelVariant).findBy({ modelVersionId: versionId }),
    );
    if (variants.length === 0) throw PraxisError.notFound('ModelVersion', versionId);
    const found = variants.find((variant) => variant.precision === precision);
    if (found) return found;
    const others = variants.sort(byPrecision).map((variant) => variant.precision.toUpperCase());
    const { card } = await this.getVersion(context, versionId);
    const why = describe(card.family)?.onePrecision ?? 'it would not be smaller';
    const message = `this model version has no ${precision.toUpperCase()} variant: ${why}`;
    throw PraxisError.invalid([{ path: 'precision', message, hint: `one of its variants: ${others.join(', ')}` }]);
  }

  /** For good, with its files. NOT_FOUND; CONFLICT, naming them, where deployments lead or led to it. */
  async deleteVersion(context: TenantContext, id: string): Promise<void> {
    const keys = await this.database.inTenant(context, (tx) => deleteModelVersion(tx, this.lineage, id));
    // The rows are gone; bytes that stay behind are swept.
    for (const key of keys) await this.artifacts.delete(key).catch(() => undefined);
  }
}

const byPrecision = (a: ModelVariant, b: ModelVariant): number =>
  PRECISIONS.indexOf(a.precision) - PRECISIONS.indexOf(b.precision);

async function insertVariant(tx: TenantTx, versionId: string, variant: NewModelVariant): Promise<void> {
  const { precision, artifactId, byteCount, figures } = variant;
  await tx.query(
    `INSERT INTO model_variants (tenant_id, model_version_id, precision, artifact_id, byte_count, figures)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [tx.tenantId, versionId, precision, artifactId, byteCount, figures && toJsonText(figures)],
  );
}

async function insertAsset(tx: TenantTx, versionId: string, asset: NewModelAsset): Promise<void> {
  const { purpose, name, mediaType, artifactId, byteCount, sha256 } = asset;
  await tx.query(
    `INSERT INTO model_assets (tenant_id, model_version_id, purpose, name, media_type, artifact_id, byte_count, sha256)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [tx.tenantId, versionId, purpose, name, mediaType, artifactId, byteCount, sha256],
  );
}
