/** Deployments and predictions wired as in the app, over a test database: services, schema, and models to deploy. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GraphQLSchema } from 'graphql';
import { createFeatures } from '../../src/app';
import type { CompressedPrecision, ModelCard, Precision } from '../../src/engine';
import { schemaOf } from '../../src/feature';
import { newId, toGlobalId, type TenantContext } from '../../src/kernel';
import type { NewModelVariant } from '../../src/models';
import { artifactKey, recordArtifact, type ArtifactRow } from '../../src/storage';
import { addRuns, openTestPlatform, Operations, type TestDatabase } from '../support';

export { ENTITIES as SERVING_ENTITIES } from '../../src/entities';

/** Files in further precisions. */
type Smaller = Partial<Record<CompressedPrecision, Uint8Array>>;

type TestPlatform = Awaited<ReturnType<typeof openTestPlatform>>;
type Services = ReturnType<typeof createFeatures>['services'];

export class ServingFixture {
  readonly services: Services;
  private readonly schema: GraphQLSchema;

  private constructor(
    private readonly database: TestDatabase,
    private readonly folder: string,
    private readonly platform: TestPlatform,
  ) {
    const { services, features } = createFeatures(platform);
    this.services = services;
    this.schema = schemaOf(features);
  }

  get registry() {
    return this.platform.registry;
  }

  get pool() {
    return this.platform.inference;
  }

  get models() {
    return this.services.models;
  }

  get deployments() {
    return this.services.deployments;
  }

  get predictions() {
    return this.services.predictions;
  }

  /** `folder` holds the artifacts, and goes with the test's database. */
  static async open(database: TestDatabase, folder?: string): Promise<ServingFixture> {
    const dataDir = folder ?? (await mkdtemp(join(tmpdir(), 'praxis-serving-')));
    const platform = await openTestPlatform({ database: database.db, url: database.url, dataDir });
    const fixture = new ServingFixture(database, dataDir, platform);
    database.defer(() => fixture.close());
    return fixture;
  }

  private async close(): Promise<void> {
    await this.predictions.drain();
    await this.platform.close();
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
      const written = await this.platform.artifacts.write(key, bytes);
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
      return this.models.register(tx, { pipelineId, name: 'model', runId, card, variants, assets: [] });
    });
  }
}

export const modelVersionId = (uuid: string): string => toGlobalId('ModelVersion', uuid);
