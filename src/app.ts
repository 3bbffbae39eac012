import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { Registry } from 'prom-client';
import { GENERATORS } from '../seeds';
import { createAccess } from './access';
import { createAudit } from './audit';
import { createCases } from './cases';
import { serveApi, type Running } from './commands/process/api-server';
import { consumeJobs } from './commands/process/consumer';
import { InferencePool } from './compute';
import { createDatasets } from './datasets';
import { Database, EventLog, registerDatabaseMetrics, registerJobMetrics } from './db';
import { createDeployments } from './deployments';
import { loadExtensions } from './engine/extensions';
import { ENTITIES } from './entities';
import { schemaOf, type AppConfig, type Feature, type Platform } from './feature';
import type { Log } from './kernel';
import { createLineage } from './lineage';
import { createModels } from './models';
import { createPipelines } from './pipelines';
import { createPredictions } from './predictions';
import { createPretrained } from './pretrained';
import { createRuns } from './runs';
import { openArtifactStore, registerDiskMetrics } from './storage';
import { createTenants } from './tenants';

export type { AppConfig } from './feature';

/** The features, each with the services of those before it. */
export function createFeatures(platform: Platform) {
  const access = createAccess(platform);
  const tenants = createTenants(platform);
  const origins = createLineage(platform);
  const datasets = createDatasets(platform, { ...access, ...origins });
  const pretrained = createPretrained(platform, origins);
  const pipelines = createPipelines(platform, { ...pretrained, ...datasets });
  const models = createModels(platform, { ...access, ...origins, ...pipelines });
  const runs = createRuns(platform, { ...datasets, ...pretrained, ...pipelines, ...models });
  const deployments = createDeployments(platform, models);
  const predictions = createPredictions(platform, { ...deployments, ...models });
  const { feature: _, ...others } = {
    ...datasets,
    ...pipelines,
    ...models,
    ...runs,
    ...deployments,
    ...predictions,
  };
  const cases = createCases(platform, { ...others, generators: GENERATORS });
  const training = [datasets, pretrained, pipelines, runs, models];
  const serving = [deployments, predictions, cases];
  const all = [access, createAudit(platform), tenants, origins, ...training, ...serving];
  const features = all.map(({ feature }): Feature => feature);
  for (const { lineage = {} } of features) origins.lineage.describe(lineage);
  const { feature: __, ...services } = { ...access, ...tenants, ...origins, ...others, ...pretrained, ...cases };
  return { services, features };
}

type Services = ReturnType<typeof createFeatures>['services'];

/** Every object of one process, wired. `listen` makes it a server, `consume` a worker; `close` drains both. */
export class App {
  private readonly running: Running[] = [];

  constructor(
    readonly platform: Platform,
    readonly services: Services,
    private readonly features: Feature[],
    private readonly removeExtensions: () => void,
  ) {}

  /** The schema with live resolvers. */
  schema(): GraphQLSchema {
    return schemaOf(this.features);
  }

  /** Serves the API; returns its address. */
  async listen(): Promise<string> {
    const { authenticator } = this.services;
    const server = await serveApi(this.platform, this.features, { schema: this.schema(), authenticator });
    this.running.push(server);
    return server.address;
  }

  /** Consumes the durable queue; `stopped` gives the error when that ends by itself: the process should then exit. */
  async consume(): Promise<{ stopped: Promise<Error | null> }> {
    const consumer = await consumeJobs(this.platform, this.features, this.services.tenants);
    this.running.push(consumer);
    return consumer;
  }

  /** Stops taking work, lets what is in flight finish, then closes everything. */
  async close(): Promise<void> {
    await Promise.all(this.running.splice(0).map((each) => each.close()));
    await Promise.all(this.features.map((feature) => feature.drain?.()));
    await this.platform.inference.close();
    await this.platform.events.close();
    await this.platform.database.close();
    this.removeExtensions();
  }
}

export async function createApp(config: AppConfig, log: Log): Promise<App> {
  const { databaseUrl: url, databasePool: poolSize } = config;
  const removeExtensions = await loadExtensions(config.extensions);
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
  return new App(platform, services, features, removeExtensions);
}
