import { EntityLoader, RowsLoader, toJsonText, type Database, type TenantTx } from '../db';
import { slugOf, type DownloadFile } from '../downloads';
import { newId, PraxisError, type Page, type PageArgs, type TenantContext } from '../kernel';
import { PRECISIONS, type ModelCard as EngineModelCard, type Precision } from '../engine';
import { linkLineage } from '../lineage';
import { findArtifactKey, type ArtifactStore } from '../storage';
import { Model, ModelVersion } from './model.entity';
import { modelList, modelVersionList, type ModelListArgs } from './model.list';
import { ModelVariant, type VariantFigures } from './model-variant.entity';

export interface NewModelVersion {
  pipelineId: string;
  /** Name of the model, used when this is its first version. */
  name: string;
  runId: string;
  card: EngineModelCard;
  /** One of them is float32. */
  variants: NewModelVariant[];
}

export interface NewModelVariant {
  precision: Precision;
  /** The ONNX file, recorded in the same transaction. */
  artifactId: string;
  byteCount: number;
  figures: VariantFigures | null;
}

/** Models and their versions. An id that this tenant has not is NOT_FOUND. */
export class ModelService {
  readonly byId: EntityLoader<Model>;
  readonly versionById: EntityLoader<ModelVersion>;
  /** By the id of the run that made it. */
  readonly versionOfRun: EntityLoader<ModelVersion>;
  /** By the id of the version, float32 first. */
  readonly variantsByVersion: RowsLoader<ModelVariant>;

  constructor(
    private readonly database: Database,
    private readonly artifacts: ArtifactStore,
  ) {
    this.byId = new EntityLoader(database, Model, 'Model');
    this.versionById = new EntityLoader(database, ModelVersion, 'ModelVersion');
    this.versionOfRun = new EntityLoader(database, ModelVersion, 'ModelVersion', 'runId');
    this.variantsByVersion = new RowsLoader(database, ModelVariant, 'modelVersionId', byPrecision);
  }

  /** Adds the next version to the pipeline's model, in the caller's transaction; returns the version's id. */
  async register(tx: TenantTx, { pipelineId, name, runId, variants, card }: NewModelVersion): Promise<string> {
    const [model] = await tx.query<{ id: string }>(
      // The no-op update locks the model's row, so that two runs number their versions one after the other.
      `INSERT INTO models (tenant_id, id, pipeline_id, name, created_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant_id, pipeline_id) DO UPDATE SET pipeline_id = excluded.pipeline_id RETURNING id`,
      [tx.tenantId, newId(), pipelineId, name, new Date()],
    );
    const id = newId();
    await tx.query(
      `INSERT INTO model_versions (tenant_id, id, model_id, run_id, version, card, created_at)
       SELECT $1, $2, $3, $4, coalesce(max(version), 0) + 1, $5, $6 FROM model_versions WHERE model_id = $3`,
      [tx.tenantId, id, model.id, runId, toJsonText(card), new Date()],
    );
    for (const variant of variants) await insertVariant(tx, id, variant);
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
    const message = `this model version has no ${precision.toUpperCase()} variant: it would not be smaller`;
    throw PraxisError.invalid([{ path: 'precision', message, hint: `one of its variants: ${others.join(', ')}` }]);
  }

  /** The bytes of the ONNX file. Throws as `getVariant`. */
  async readModel(context: TenantContext, versionId: string, precision: Precision): Promise<Uint8Array> {
    return this.artifacts.read(await this.keyOf(context, versionId, precision));
  }

  /** Throws as `getVariant`. */
  async getFile(context: TenantContext, versionId: string, precision: Precision): Promise<DownloadFile> {
    return this.database.inTenant(context, async (tx) => {
      const { version, modelId } = await this.getVersion(context, versionId);
      const { artifactId, byteCount } = await this.getVariant(context, versionId, precision);
      const { name } = await tx.repo(Model).findOneByOrFail({ id: modelId });
      const key = await this.keyOf(context, versionId, precision);
      return {
        tag: artifactId,
        name: `${slugOf(name, 'model')}-v${version}${precision === 'float32' ? '' : `-${precision}`}.onnx`,
        byteCount,
        open: (part) => this.artifacts.readStream(key, part),
      };
    });
  }

  private async keyOf(context: TenantContext, versionId: string, precision: Precision): Promise<string> {
    return this.database.inTenant(context, async (tx) => {
      const { artifactId } = await this.getVariant(context, versionId, precision);
      const key = await findArtifactKey(tx, artifactId);
      if (!key) throw PraxisError.notFound('ModelVersion', versionId);
      return key;
    });
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
