/** Datasets, pipelines, runs and models wired as in the app, over a test database, with a `work` side to start. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { createFeatures } from '../../src/app';
import { DeviceSlots, TrainingPool, type GpuDevice } from '../../src/compute';
import { JobRunner, SessionLocks, type Database } from '../../src/db';
import { schemaOf, type AppConfig, type Feature } from '../../src/feature';
import { once as onlyOnce, toGlobalId, type TenantContext } from '../../src/kernel';
import { Scratch } from '../../src/storage';
import { openTestPlatform, Operations, testLog, type TestDatabase } from '../support';

export { ENTITIES as TRAINING_ENTITIES } from '../../src/entities';
export { testLog as fixtureLog } from '../support';

const START_RUN = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
const RUN_EVENTS = `subscription ($id: ID!) { runEvents(runId: $id) { sequence event { __typename
  ... on MetricPoint { step split name value } ... on RunStateChanged { state } ... on LogLine { level message finding }
  ... on RunControlRequested { pause learningRate } } } }`;

export interface RunEvent {
  sequence: number;
  event: {
    __typename: string;
    state?: string;
    level?: string;
    message?: string;
    finding?: string | null;
    step?: number;
    value?: number;
    pause?: boolean;
  };
}

export const statesOf = (events: RunEvent[]) => events.flatMap(({ event }) => (event.state ? [event.state] : []));

/** For `follow`: it trains. */
export const isMetric = ({ __typename }: RunEvent['event']): boolean => __typename === 'MetricPoint';

/** So that a test which waits for a checkpoint waits for little training. */
const CHECKPOINT_MS = 150;

const CONFIG: Partial<AppConfig> = {
  ...{ uploadBytesMax: 1e8, uploadKeepDays: 0, modelBytesMax: 1e7, trainingBytesMax: 1e9 },
  ...{ ingestLimits: { byteCountMax: 1e9, cellCountMax: 1e8, ratioMax: 250 }, ingestMemoryMb: 512, ingestions: 1 },
};

export interface WorkOptions {
  beatMs?: number;
  deadAfterMs?: number;
  trainingBytesMax?: number;
  gpus?: GpuDevice[];
  /** Paths, for the training threads. */
  extensions?: string[];
}

type TestPlatform = Awaited<ReturnType<typeof openTestPlatform>>;
type Services = ReturnType<typeof createFeatures>['services'];

export class TrainingFixture {
  readonly schema: GraphQLSchema;
  readonly services: Services;
  private readonly features: Feature[];
  private readonly operations: Operations;
  /** Made once: starting its thread takes longer than most of what a test does with it. */
  private pool: TrainingPool | null = null;
  private ownsFolder = true;
  private readonly locks: SessionLocks;

  private constructor(
    private readonly platform: TestPlatform,
    readonly url: string,
    readonly folder: string,
  ) {
    this.locks = new SessionLocks({ url, log: testLog });
    const { services, features } = createFeatures(platform);
    this.services = services;
    this.features = features;
    this.schema = schemaOf(features);
    this.operations = new Operations(platform.database, this.schema);
  }

  get database(): Database {
    return this.platform.database;
  }

  get artifacts() {
    return this.platform.artifacts;
  }

  get datasets() {
    return this.services.datasets;
  }

  get pipelines() {
    return this.services.pipelines;
  }

  get models() {
    return this.services.models;
  }

  get runs() {
    return this.services.runs;
  }

  static async open(database: Database, url: string, folder?: string): Promise<TrainingFixture> {
    const dataDir = folder ?? (await mkdtemp(join(tmpdir(), 'praxis-training-')));
    const platform = await openTestPlatform({ database, url, dataDir, config: CONFIG });
    const fixture = new TrainingFixture(platform, url, dataDir);
    fixture.ownsFolder = !folder;
    return fixture;
  }

  /** One that works, with a tenant and a table of theirs; it ends with the database. */
  static async withTable(test: TestDatabase, csv: string, work?: WorkOptions) {
    const fixture = await TrainingFixture.open(test.db, test.url);
    test.defer(() => fixture.close());
    const owner = await test.createTenant('Owner');
    const drain = await fixture.startWork(work);
    test.defer(drain);
    const versionId = await fixture.ingest(owner, csv);
    return { fixture, owner, drain, versionId, datasetVersionId: toGlobalId('DatasetVersion', versionId) };
  }

  /** Ends what `open` and `startWork` made; the folder goes too, unless it was given. */
  async close(): Promise<void> {
    await this.pool?.close();
    await this.locks.close();
    await this.platform.close();
    if (this.ownsFolder) await rm(this.folder, { recursive: true, force: true });
  }

  /** What a `work` process does. The returned function drains it. `gpus`: what runs that name the CPU wait for, too. */
  async startWork(o: WorkOptions = {}): Promise<() => Promise<void>> {
    const pool = (this.pool ??= this.openPool(o));
    const runner = new JobRunner({ url: this.url, log: testLog, ...o });
    const scratch = new Scratch(join(this.folder, 'scratch'));
    await scratch.sweep();
    const { trainingBytesMax = CONFIG.trainingBytesMax } = o;
    Object.assign(this.platform.config, { trainingBytesMax });
    const jobs = this.features.flatMap((feature) => feature.jobs?.({ pool, scratch }) ?? []);
    await runner.start(jobs, { concurrency: o.gpus ? 3 : 2 });
    return onlyOnce(() => runner.drain(20_000));
  }

  /** `startWork` in a process of its own, which can be killed. */
  async forkWork(o: WorkOptions = {}): Promise<ChildProcess> {
    const worker = fork(resolve(__dirname, 'runs.worker.ts'), [this.url, this.folder, JSON.stringify(o)], {
      execArgv: ['-r', resolve(__dirname, '../../register.cjs')],
    });
    await once(worker, 'message');
    return worker;
  }

  private openPool({ gpus, extensions }: WorkOptions): TrainingPool {
    const lock = (name: string) => this.locks.tryTake(name);
    const providers = ['cpu', 'cuda', 'webgpu'] as const;
    const devices = gpus && new DeviceSlots({ list: async () => gpus, lock, runsPerDevice: 1, providers });
    return new TrainingPool({ threads: 1, checkpointMs: CHECKPOINT_MS, devices, extensions });
  }

  /** Runs an operation and gives its data; a failure is thrown as the PraxisError a client would see. */
  async run<T>(caller: TenantContext, source: string, variableValues: Record<string, unknown> = {}): Promise<T> {
    return this.operations.run<T>(caller, source, variableValues);
  }

  /** Opens a subscription; refused ones throw the PraxisError. */
  async subscribe<T>(
    caller: TenantContext,
    source: string,
    variableValues: Record<string, unknown>,
  ): Promise<AsyncGenerator<ExecutionResult<T>>> {
    return this.operations.subscribe<T>(caller, source, variableValues);
  }

  /** A CSV file as an ingested version. Takes a started `work`. */
  async ingest(caller: TenantContext, csv: string): Promise<string> {
    const { dataset } = await this.datasets.ingestBytes(caller, {
      name: 'Machines',
      format: 'CSV',
      bytes: Buffer.from(csv),
    });
    for (let wait = 0; wait < 400; wait++) {
      const { currentVersionId } = await this.datasets.get(caller, dataset.id);
      if (currentVersionId) return currentVersionId;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error('The file was not ingested.');
  }

  /** Starts a run, of `mlp` on the machines' failures unless it is said; its global id. */
  async startRun(
    caller: TenantContext,
    o: { versionId: string; selection?: object; family?: string; parameters: object; executor?: object },
  ): Promise<string> {
    const { selection = { target: 'failure' }, family = 'mlp', parameters } = o;
    const steps = [
      { id: 'columns', kind: 'SELECT_COLUMNS', parameters: selection },
      { id: 'train', kind: 'TRAIN', parameters: { family, parameters } },
    ];
    const pipeline = await this.pipelines.create(caller, { name: 'Machines', steps: steps as never, edges: [] });
    const datasetVersionId = toGlobalId('DatasetVersion', o.versionId);
    const input = { pipelineId: toGlobalId('Pipeline', pipeline.id), datasetVersionId, seed: 7, executor: o.executor };
    return (await this.run<any>(caller, START_RUN, { input })).startRun.run.id;
  }

  /** The events of a run from its first one to the last, or to the one that was waited for. */
  async follow(
    caller: TenantContext,
    id: string,
    until: (event: RunEvent['event']) => boolean = () => false,
  ): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    for await (const { data } of await this.subscribe<{ runEvents: RunEvent }>(caller, RUN_EVENTS, { id })) {
      events.push(data!.runEvents);
      if (until(data!.runEvents.event)) break;
    }
    return events;
  }
}

/**
 * From its first checkpoint on, the events of a run wait in the database, and the training for them: however busy the
 * machine, it has not ended before its worker is killed. The returned function ends what waits, and the waiting.
 */
export async function holdAtCheckpoint(test: TestDatabase): Promise<() => Promise<void>> {
  await test.ownerQuery(`
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF EXISTS (SELECT FROM runs WHERE id = NEW.subject_id AND checkpoint_key IS NOT NULL) THEN
        PERFORM pg_sleep(600);
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER hold BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION hold()`);
  return async () => {
    await test.ownerQuery(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event = 'PgSleep'`,
    );
    await test.ownerQuery('DROP FUNCTION hold CASCADE');
  };
}

/** Rows whose label follows from two numbers and a text, with missing values and a column of noise. */
export function machinesCsv(rowCount: number): string {
  const lines = ['speed,torque,grade,noise,failure'];
  for (let i = 0; i < rowCount; i++) {
    const speed = 1500 + 300 * Math.sin(i * 12.9898);
    const torque = 40 + 15 * Math.cos(i * 78.233);
    const grade = ['L', 'M', 'H'][i % 3];
    const risk = (speed - 1500) / 300 + (torque - 40) / 15 + (grade === 'L' ? 0.5 : 0);
    const shown = i % 50 === 7 ? '' : torque.toFixed(3);
    lines.push(
      `${speed.toFixed(3)},${shown},${grade},${(Math.sin(i * 3.7) * 10).toFixed(3)},${risk > 0.4 ? 'yes' : 'no'}`,
    );
  }
  return lines.join('\n') + '\n';
}
