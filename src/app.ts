import 'reflect-metadata';
import { join } from 'node:path';
import type { GraphQLSchema } from 'graphql';
import { Registry } from 'prom-client';
import type { NonEmptyArray } from 'type-graphql';
import { GENERATORS } from '../seeds';
import { createAccess } from './access';
import { createAudit } from './audit';
import { createCases } from './cases';
import { DeviceSlots, InferencePool, listGpus, TrainingPool } from './compute';
import { createDatasets, forgetSentFiles } from './datasets';
import { Database, EventLog, JobRunner, registerDatabaseMetrics, registerJobMetrics } from './db';
import { createDeployments } from './deployments';
import { ENTITIES } from './entities';
import type { AppConfig, Feature, Platform } from './feature';
import {
  containerOf,
  createSchema,
  createServer,
  listenOn,
  LookUpResolver,
  NodeResolver,
  serveMetrics,
  type MetricsOptions,
} from './graphql';
import type { Log } from './kernel';
import { createLineage } from './lineage';
import { createModels } from './models';
import { createPipelines } from './pipelines';
import { createPredictions } from './predictions';
import { createPretrained } from './pretrained';
import { isSupervised } from './process';
import { observeProcess, sharedMetrics } from './process/metrics';
import { createRuns } from './runs';
import { ArtifactSweep, openArtifactStore, registerDiskMetrics, Scratch } from './storage';
import { createTenants } from './tenants';

export type { AppConfig } from './feature';

/** The features, each with the services of those before it. */
function createFeatures(platform: Platform) {
  const access = createAccess(platform);
  const tenants = createTenants(platform);
  const datasets = createDatasets(platform, access);
  const pretrained = createPretrained(platform);
  const pipelines = createPipelines(platform, { ...pretrained, ...datasets });
  const models = createModels(platform, { ...access, ...pipelines });
  const runs = createRuns(platform, { ...datasets, ...pretrained, ...pipelines, ...models });
  const deployments = createDeployments(platform, models);
  const predictions = createPredictions(platform, { ...deployments, ...models });
  const { feature: _, ...rooms } = { ...datasets, ...pipelines, ...models, ...runs, ...deployments, ...predictions };
  const cases = createCases(platform, { ...rooms, generators: GENERATORS });
  const training = [datasets, pretrained, pipelines, runs, models];
  const serving = [deployments, predictions, cases];
  const all = [access, createAudit(platform), tenants, createLineage(platform), ...training, ...serving];
  const { feature: __, ...services } = { ...access, ...tenants, ...rooms, ...pretrained, ...cases };
  return { services, features: all.map(({ feature }): Feature => feature) };
}

type Services = ReturnType<typeof createFeatures>['services'];

/** Every object of one process, wired. `listen` makes it a server, `consume` a worker; `close` drains both. */
export class App {
  private readonly closings: (() => Promise<unknown>)[] = [];

  constructor(
    readonly platform: Platform,
    readonly services: Services,
    private readonly features: Feature[],
  ) {}

  /** The schema with live resolvers. */
  schema(): GraphQLSchema {
    const nodes = Object.assign({}, ...this.features.map(({ nodes }) => nodes));
    const own = [new NodeResolver(nodes), new LookUpResolver(nodes)];
    const instances = [...own, ...this.features.flatMap(({ resolvers }) => resolvers)];
    const classes = instances.map(({ constructor }) => constructor) as unknown as NonEmptyArray<Function>;
    return createSchema(classes, containerOf(instances));
  }

  /** Serves the API; returns its address. */
  async listen(): Promise<string> {
    const { config, log, database, registry } = this.platform;
    const metrics = this.metrics('serve');
    const server = await createServer({
      schema: this.schema(),
      services: { authenticator: this.services.authenticator, database, registry },
      // Where they have a port of their own, this one may be open to the world.
      metrics: config.metrics.port === null ? metrics : null,
      config,
      log,
      routes: this.features.flatMap(({ routes }) => routes ?? []),
    });
    this.closings.push(() => server.close());
    await this.tellMetrics(metrics);
    return listenOn(server, config);
  }

  /** What this process tells operators, together with its siblings. */
  private metrics(role: string): MetricsOptions {
    const { config, registry } = this.platform;
    observeProcess(registry, role);
    return { read: sharedMetrics(registry), token: config.metrics.token };
  }

  private async tellMetrics(metrics: MetricsOptions): Promise<void> {
    const { port, host } = this.platform.config.metrics;
    if (port === null) return;
    const server = await serveMetrics({ ...metrics, port, host }, this.platform.log);
    this.closings.push(() => server.close());
  }

  /** Consumes the durable queue; `stopped` gives the error when that ends by itself: the process should then exit. */
  async consume(): Promise<{ stopped: Promise<Error | null> }> {
    const { config, log } = this.platform;
    const devices = new DeviceSlots({
      list: () => listGpus(config.gpusVisible),
      lock: (name) => this.platform.database.locks.tryTake(name),
      runsPerDevice: config.gpuRunsPerDevice,
    });
    const metrics = this.metrics('work');
    // One that has a parent is asked through it, by those that answer on a port.
    if (!isSupervised()) await this.tellMetrics(metrics);
    const pool = new TrainingPool({
      registry: this.platform.registry,
      ...{ threads: config.trainingThreads, threadsPerRun: config.trainingThreadsPerRun },
      ...{ provider: config.trainingProvider, devices },
    });
    const runner = new JobRunner({ url: config.databaseUrl, log });
    this.closings.push(async () => {
      await runner.drain(config.drainMs);
      await pool.close();
    });
    const { artifacts, database } = this.platform;
    const tenantIds = () => this.services.tenants.ids();
    const scratch = new Scratch(join(config.dataDir, 'scratch'));
    await scratch.sweep();
    const trainings = config.trainingThreads;
    const gpuTrainings = Math.max(1, await devices.count());
    const jobs = this.features.flatMap((feature) => feature.jobs?.({ pool, scratch }) ?? []);
    return runner.start(jobs, {
      concurrency: config.jobConcurrency,
      perTenant: allButOne(config.jobConcurrency),
      lanes: {
        ingest: { slots: config.ingestions, perTenant: allButOne(config.ingestions) },
        // These can make way, so a tenant that is alone may have all.
        train: { slots: trainings, perTenant: trainings },
        'train-gpu': { slots: gpuTrainings, perTenant: gpuTrainings },
      },
      scheduled: [new ArtifactSweep({ artifacts, database, tenantIds, forget: forgetSentFiles })],
    });
  }

  /** Stops taking work, lets what is in flight finish, then closes everything. */
  async close(): Promise<void> {
    await Promise.all(this.closings.splice(0).map((close) => close()));
    await Promise.all(this.features.map((feature) => feature.drain?.()));
    await this.platform.inference.close();
    await this.platform.events.close();
    await this.platform.database.close();
  }
}

export async function createApp(config: AppConfig, log: Log): Promise<App> {
  const { databaseUrl: url, databasePool: poolSize } = config;
  const database = await Database.open({ url, poolSize, log, entities: ENTITIES });
  const artifacts = await openArtifactStore(config);
  const platform: Platform = {
    config,
    log,
    database,
    events: await EventLog.open({ database, url, log }),
    artifacts,
    registry: new Registry(),
    inference: new InferencePool({ lanes: config.inferenceThreads }),
  };
  registerJobMetrics(platform.registry, database);
  registerDatabaseMetrics(platform.registry, database);
  registerDiskMetrics(platform.registry, config.dataDir);
  const { services, features } = createFeatures(platform);
  return new App(platform, services, features);
}

/** The share of one tenant where a job that runs does not make way: another one finds a slot at any time. */
const allButOne = (slots: number): number => Math.max(1, slots - 1);
