/** Deployments and predictions wired as in the app, over a test database: services, schema, and models to deploy. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GraphQLSchema } from 'graphql';
import { Registry } from 'prom-client';
import { Batcher, InferencePool } from '../../src/compute';
import { EntityLoader } from '../../src/db';
import { Deployment, DeploymentPayloadResolver, DeploymentResolver, DeploymentService } from '../../src/deployments';
import type { CompressedPrecision, ModelCard, Precision } from '../../src/engine';
import { containerOf, createSchema } from '../../src/graphql';
import { newId, toGlobalId, type TenantContext } from '../../src/kernel';
import { ModelService, ModelVariant, ModelVersion, type NewModelVariant } from '../../src/models';
import { PredictionResolver, PredictionService } from '../../src/predictions';
import { artifactKey, FileArtifactStore, recordArtifact, type ArtifactRow } from '../../src/storage';
import { addRuns, Operations, testLog, type TestDatabase } from '../support';

export const SERVING_ENTITIES = [Deployment, ModelVersion, ModelVariant];

/** Files in further precisions. */
type Smaller = Partial<Record<CompressedPrecision, Uint8Array>>;

export class ServingFixture {
  readonly registry = new Registry();
  readonly pool = new InferencePool();
  readonly models: ModelService;
  readonly deployments: DeploymentService;
  readonly predictions: PredictionService;
  private readonly artifacts: FileArtifactStore;
  private readonly schema: GraphQLSchema;

  private constructor(
    private readonly database: TestDatabase,
    private readonly folder: string,
  ) {
    const { db } = database;
    this.artifacts = new FileArtifactStore(folder);
    this.models = new ModelService(db, this.artifacts);
    this.deployments = new DeploymentService(db, this.models, this.pool);
    this.predictions = new PredictionService({
      database: db,
      deployments: this.deployments,
      models: this.models,
      batcher: new Batcher(this.pool, this.registry),
      registry: this.registry,
      log: testLog,
    });
    const versions = new EntityLoader(db, ModelVersion, 'ModelVersion');
    const deployments = new EntityLoader(db, Deployment, 'Deployment');
    this.schema = createSchema(
      [DeploymentResolver, DeploymentPayloadResolver, PredictionResolver],
      containerOf([
        new DeploymentResolver(this.deployments, versions),
        new DeploymentPayloadResolver(versions),
        new PredictionResolver(this.predictions, { deployments, versions }),
      ]),
    );
  }

  /** `folder` holds the artifacts, and goes at the end. */
  static async open(database: TestDatabase, folder?: string): Promise<ServingFixture> {
    return new ServingFixture(database, folder ?? (await mkdtemp(join(tmpdir(), 'praxis-serving-'))));
  }

  async close(): Promise<void> {
    await this.predictions.drain();
    await this.pool.close();
    await rm(this.folder, { recursive: true });
  }

  /** Runs an operation and gives its data; a failure is thrown as the PraxisError a client would see. */
  async run<T>(caller: TenantContext, source: string, variableValues: Record<string, unknown> = {}): Promise<T> {
    return new Operations(this.database.db, this.schema).run<T>(caller, source, variableValues);
  }

  /** A model version as a finished run leaves it; gives its uuid. */
  async addModel(context: TenantContext, model: Uint8Array, card: ModelCard, others: Smaller = {}): Promise<string> {
    const { tenantId } = context;
    const artifacts: ArtifactRow[] = [];
    const variants: NewModelVariant[] = [];
    for (const [precision, bytes] of Object.entries({ float32: model, ...others })) {
      const id = newId();
      const key = artifactKey(tenantId, 'MODEL', id);
      const written = await this.artifacts.write(key, bytes);
      artifacts.push({ id, kind: 'MODEL', key, ...written });
      variants.push({
        ...{ precision: precision as Precision, artifactId: id, byteCount: written.byteCount, figures: null },
      });
    }
    const {
      pipelineId,
      runIds: [runId],
    } = await addRuns(this.database, tenantId);
    return this.database.db.inTenant(context, async (tx) => {
      for (const artifact of artifacts) await recordArtifact(tx, artifact);
      return this.models.register(tx, { pipelineId, name: 'model', runId, card, variants });
    });
  }
}

export const modelVersionId = (uuid: string): string => toGlobalId('ModelVersion', uuid);
