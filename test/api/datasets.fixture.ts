/** Datasets wired as in the app, over a test database: HTTP uploads on a real socket, the durable queue, the schema. */
import createFastify, { type FastifyInstance } from 'fastify';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccess } from '../../src/access';
import { createDatasets, Dataset, DatasetVersion, Upload, type DatasetService } from '../../src/datasets';
import { JobRunner, type AnyTask, type Task } from '../../src/db';
import { schemaOf } from '../../src/feature';
import { toPraxisError } from '../../src/graphql';
import type { TenantContext } from '../../src/kernel';
import { createLineage } from '../../src/lineage';
import { FileArtifactStore, Scratch, type ArtifactStore } from '../../src/storage';
import { openTestPlatform, Operations, testLog, type TestDatabase } from '../support';

export const DATASET_ENTITIES = [Dataset, DatasetVersion, Upload];
export const UPLOAD_BYTES_MAX = 5_000_000;

const CONFIG = {
  uploadBytesMax: UPLOAD_BYTES_MAX,
  ingestLimits: { byteCountMax: 4 * UPLOAD_BYTES_MAX, cellCountMax: 1e6, ratioMax: 250 },
  ...{ ingestMemoryMb: 200, ingestions: 1 },
};

type TestPlatform = Awaited<ReturnType<typeof openTestPlatform>>;

export class DatasetsFixture {
  readonly service: DatasetService;
  readonly artifacts: ArtifactStore;
  readonly task: AnyTask;
  private readonly operations: Operations;
  private readonly server: FastifyInstance = createFastify();

  private constructor(
    readonly database: TestDatabase,
    readonly folder: string,
    private readonly platform: TestPlatform,
  ) {
    this.artifacts = platform.artifacts;
    const origins = createLineage(platform);
    const { datasets, feature } = createDatasets(platform, { ...createAccess(platform), ...origins });
    origins.lineage.describe(feature.lineage!);
    this.service = datasets;
    // An ingestion trains nothing.
    [this.task] = feature.jobs!({ scratch: new Scratch(join(folder, 'scratch')), pool: null! });
    for (const route of feature.routes!) void this.server.register(async (scope) => route(scope));
    this.operations = new Operations(database.db, schemaOf([origins.feature, feature]));
  }

  static async open(
    database: TestDatabase,
    o: { keepDays: number; artifacts?: ArtifactStore } = { keepDays: 0 },
  ): Promise<DatasetsFixture> {
    const folder = await mkdtemp(join(tmpdir(), 'praxis-datasets-'));
    const { artifacts = new FileArtifactStore(join(folder, 'artifacts')), keepDays: uploadKeepDays } = o;
    const config = { ...CONFIG, uploadKeepDays };
    const { db, url } = database;
    const platform = await openTestPlatform({ database: db, url, dataDir: folder, config, artifacts });
    const fixture = new DatasetsFixture(database, folder, platform);
    await fixture.server.listen({ port: 0, host: '127.0.0.1' });
    database.defer(() => fixture.close());
    return fixture;
  }

  /** Consumes ingestions, and the given tasks, until the file's tests end. */
  async work(...others: Task<any>[]): Promise<void> {
    const runner = new JobRunner({ url: this.database.url, log: testLog });
    await runner.start([this.task, ...others], { concurrency: 2 });
    this.database.defer(() => runner.drain(5_000));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  /** Runs an operation and gives its data; a failure is thrown as the PraxisError a client would see. */
  async run<T = any>(caller: TenantContext, source: string, variableValues: Record<string, unknown> = {}): Promise<T> {
    return this.operations.run<T>(caller, source, variableValues);
  }

  /** The events of a dataset until one satisfies `last`. */
  async follow(caller: TenantContext, datasetId: string, last: (event: any) => boolean, after = 0): Promise<any[]> {
    const stream = await this.operations.subscribe<any>(caller, EVENTS, { id: datasetId, after });
    const seen: any[] = [];
    for await (const { data, errors } of stream) {
      if (errors) throw toPraxisError(errors[0]);
      seen.push(data!.datasetEvents);
      if (last(seen.at(-1))) break;
    }
    return seen;
  }

  async create(caller: TenantContext, format = 'CSV', name = 'Machines'): Promise<{ id: string; url: string }> {
    const { createDataset } = await this.run(caller, CREATE, { input: { name, format } });
    return { id: createDataset.dataset.id, url: createDataset.upload.url };
  }

  put(url: string, body: Uint8Array | string | ReadableStream): Promise<Response> {
    return fetch(`${this.url}${url}`, { method: 'PUT', body: body as never, duplex: 'half' } as RequestInit);
  }

  /** Uploads a file as a new dataset and waits for the end of its ingestion. */
  async ingest(caller: TenantContext, body: Uint8Array | string, format = 'CSV'): Promise<any> {
    const { id, url } = await this.create(caller, format);
    const response = await this.put(url, body);
    if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
    return this.settled(caller, id);
  }

  /** The dataset once its newest upload is READY or REFUSED. */
  async settled(caller: TenantContext, id: string): Promise<any> {
    for (;;) {
      const { dataset } = await this.run(caller, DATASET, { id });
      if (['READY', 'REFUSED'].includes(dataset.latestUpload.state)) return dataset;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private async close(): Promise<void> {
    await this.server.close();
    await this.platform.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export const CREATE = `mutation ($input: CreateDatasetInput!) {
  createDataset(input: $input) { dataset { id name format } upload { id url expiresAt } } }`;

const FINDING = 'code severity column row message fix count';
const EVENTS = `subscription ($id: ID!, $after: Int!) { datasetEvents(datasetId: $id, after: $after) {
  sequence at event { __typename
    ... on DatasetStateChanged { uploadId state }
    ... on IngestProgress { phase fraction }
    ... on DatasetFinding { ${FINDING} }
    ... on DatasetVersionReady { version { id version rowCount } } } } }`;

export const DATASET = `query ($id: ID!) { dataset(id: $id) { id name format
  latestUpload { id state findings { ${FINDING} } version { id } }
  versions { edges { node { id version parent { id } } } }
  currentVersion { id version rowCount byteCount contentHash parent { id } dataset { id } findings { ${FINDING} }
    columns { name type role missingCount distinctCount minimum maximum mean standardDeviation maximumLength
      quantiles { p1 p5 p25 p50 p75 p95 p99 } histogram { edges counts } topValues { value count } } } } }`;
