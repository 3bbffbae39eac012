import 'reflect-metadata';
import { join } from 'node:path';
import type { GraphQLSchema } from 'graphql';
import { Registry } from 'prom-client';
import type { NonEmptyArray } from 'type-graphql';
import { GENERATORS } from '../seeds';
import * as access from './access';
import * as audit from './audit';
import * as cases from './cases';
import { Batcher, DeviceSlots, InferencePool, listGpus, TrainingPool } from './compute';
import type { Config } from './config';
import * as datasets from './datasets';
import { Database, EntityLoader, EventLog, JobRunner, type Task } from './db';
import { registerDatabaseMetrics, registerJobMetrics } from './db';
import * as deployments from './deployments';
import { containerOf, createSchema, createServer, listenOn, serveMetrics } from './graphql';
import { LookUpResolver, NodeResolver, type MetricsOptions, type NodeResolvers } from './graphql';
import { systemClock, type Log } from './kernel';
import * as lineage from './lineage';
import * as models from './models';
import * as pipelines from './pipelines';
import * as predictions from './predictions';
import * as pretrained from './pretrained';
import { isSupervised } from './process';
import { observeProcess, sharedMetrics } from './process/metrics';
import * as runs from './runs';
import { ArtifactSweep, openArtifactStore, registerDiskMetrics, Scratch, type ArtifactStore } from './storage';
import * as tenants from './tenants';
import * as uploads from './uploads';

/** What an App needs of the configuration; the database is there and migrated. */
export type AppConfig = Config & { databaseUrl: string };

const ENTITIES = [
  ...[access.ApiKey, tenants.Tenant, cases.Case, cases.CaseRun],
  ...[datasets.Dataset, datasets.DatasetVersion, datasets.Upload],
  ...[pipelines.Pipeline, pipelines.PipelineVersion, runs.Run],
  ...[models.Model, models.ModelVersion, models.ModelVariant],
  pretrained.PretrainedModel,
  deployments.Deployment,
];

/** The parts every room stands on. */
interface Ground {
  config: AppConfig;
  log: Log;
  database: Database;
  events: EventLog;
  artifacts: ArtifactStore;
  registry: Registry;
  inference: InferencePool;
}

type Services = ReturnType<typeof createServices>;

/** Every object of one process, wired. `listen` makes it a server, `consume` a worker; `close` drains both. */
export class App {
  private readonly closings: (() => Promise<unknown>)[] = [];

  constructor(
    private readonly ground: Ground,
    readonly services: Services,
  ) {}

  /** The schema with live resolvers. */
  schema(): GraphQLSchema {
    return schemaOf(this.ground, this.services);
  }

  /** Serves the API; returns its address. */
  async listen(): Promise<string> {
    const { config, log, database, registry } = this.ground;
    const { authenticator, datasetService, modelService, pretrainedService } = this.services;
    const metrics = this.metrics('serve');
    const server = await createServer({
      schema: this.schema(),
      services: { authenticator, database, registry },
      // Where they have a port of their own, this one may be open to the world.
      metrics: config.metrics.port === null ? metrics : null,
      config,
      log,
      routes: [
        uploads.uploadRoute('/uploads', datasetService),
        uploads.uploadRoute(pretrained.PRETRAINED_PATH, pretrainedService),
        models.modelRoute(modelService, authenticator),
        datasets.datasetRoute(datasetService, authenticator),
      ],
    });
    this.closings.push(() => server.close());
    await this.tellMetrics(metrics);
    return listenOn(server, config);
  }

  /** What this process tells operators, together with its siblings. */
  private metrics(role: string): MetricsOptions {
    const { config, registry } = this.ground;
    observeProcess(registry, role);
    return { read: sharedMetrics(registry), token: config.metrics.token };
  }

  private async tellMetrics(metrics: MetricsOptions): Promise<void> {
    const { port, host } = this.ground.config.metrics;
    if (port === null) return;
    const server = await serveMetrics({ ...metrics, port, host }, this.ground.log);
    this.closings.push(() => server.close());
  }

  /** Consumes the durable queue; `stopped` gives the error when that ends by itself: the process should then exit. */
  async consume(): Promise<{ stopped: Promise<Error | null> }> {
    const { config, log } = this.ground;
    const devices = new DeviceSlots({
      list: () => listGpus(config.gpusVisible),
      lock: (name) => this.ground.database.locks.tryTake(name),
      runsPerDevice: config.gpuRunsPerDevice,
    });
    const metrics = this.metrics('work');
    // One that has a parent is asked through it, by those that answer on a port.
    if (!isSupervised()) await this.tellMetrics(metrics);
    const pool = new TrainingPool({
      registry: this.ground.registry,
      ...{ threads: config.trainingThreads, threadsPerRun: config.trainingThreadsPerRun },
      ...{ provider: config.trainingProvider, devices },
    });
    const runner = new JobRunner({ url: config.databaseUrl, log });
    this.closings.push(async () => {
      await runner.drain(config.drainMs);
      await pool.close();
    });
    const { artifacts, database } = this.ground;
    const tenantIds = () => this.services.tenantService.ids();
    const scratch = new Scratch(join(config.dataDir, 'scratch'));
    await scratch.sweep();
    const trainings = config.trainingThreads;
    const gpuTrainings = Math.max(1, await devices.count());
    return runner.start(createTasks(this.ground, this.services, { pool, scratch }), {
      concurrency: config.jobConcurrency,
      perTenant: allButOne(config.jobConcurrency),
      lanes: {
        ingest: { slots: config.ingestions, perTenant: allButOne(config.ingestions) },
        // These can make way, so a tenant that is alone may have all.
        train: { slots: trainings, perTenant: trainings },
        'train-gpu': { slots: gpuTrainings, perTenant: gpuTrainings },
      },
      scheduled: [new ArtifactSweep({ artifacts, database, tenantIds, forget: datasets.forgetSentFiles })],
    });
  }

  /** Stops taking work, lets what is in flight finish, then closes everything. */
  async close(): Promise<void> {
    await Promise.all(this.closings.splice(0).map((close) => close()));
    await this.services.predictionService.drain();
    await this.ground.inference.close();
    await this.ground.events.close();
    await this.ground.database.close();
  }
}

export async function createApp(config: AppConfig, log: Log): Promise<App> {
  const { databaseUrl: url, databasePool: poolSize } = config;
  const database = await Database.open({ url, poolSize, log, entities: ENTITIES });
  const artifacts = await openArtifactStore(config);
  const ground: Ground = {
    config,
    log,
    database,
    events: await EventLog.open({ database, url, log }),
    artifacts,
    registry: new Registry(),
    inference: new InferencePool({ lanes: config.inferenceThreads }),
  };
  registerJobMetrics(ground.registry, database);
  registerDatabaseMetrics(ground.registry, database);
  registerDiskMetrics(ground.registry, config.dataDir);
  return new App(ground, createServices(ground));
}

function createServices(ground: Ground) {
  const { config, log, database, events, artifacts, registry, inference } = ground;
  const authenticator = new access.Authenticator(database, systemClock, {
    isHeard: () => events.isListening,
    heardByAll: (limitMs) => events.heardByAll(limitMs),
  });
  const modelService = new models.ModelService(database, artifacts);
  const datasetService = new datasets.DatasetService({ database, events, artifacts }, config);
  const pretrainedService = new pretrained.PretrainedModelService(database, artifacts, config);
  const pipelineService = new pipelines.PipelineService(database, pretrainedService);
  const runService = new runs.RunService({
    ...{ database, events, artifacts, datasets: datasetService, pipelines: pipelineService },
    pretrained: pretrainedService,
  });
  const deploymentService = new deployments.DeploymentService(database, modelService, inference);
  events.onChange('api_keys', (tenantId) => authenticator.forget(tenantId));
  events.onChange('deployments', (tenantId) => void (tenantId && deploymentService.forget(tenantId)));
  const batcher = new Batcher(inference, registry);
  const predictionService = new predictions.PredictionService({
    ...{ database, deployments: deploymentService, models: modelService, batcher, registry, log },
  });
  return {
    ...{ database, log, authenticator, modelService, pipelineService, datasetService, runService },
    ...{ deploymentService, predictionService, pretrainedService },
    runControl: new runs.RunControl(database),
    apiKeyService: new access.ApiKeyService(database, authenticator),
    operatorKeyService: new access.OperatorKeyService(database, authenticator),
    onboardingService: new tenants.OnboardingService(database),
    tenantService: new tenants.TenantService(database),
    auditService: new audit.AuditService(database),
    lineageService: new lineage.LineageService(database),
    caseService: new cases.CaseService(database, events),
  };
}

function schemaOf(ground: Ground, s: Services): GraphQLSchema {
  const instances = [...platformResolvers(s), ...trainingResolvers(s), ...servingResolvers(ground, s)];
  const classes = instances.map(({ constructor }) => constructor) as unknown as NonEmptyArray<Function>;
  return createSchema(classes, containerOf(instances));
}

const platformResolvers = (s: Services): object[] => [
  new NodeResolver(nodeResolvers(s)),
  new LookUpResolver(nodeResolvers(s)),
  new access.ApiKeyResolver(s.apiKeyService),
  new access.OperatorKeyResolver(s.operatorKeyService),
  new audit.AuditResolver(s.auditService),
  new tenants.TenantResolver(s.tenantService, s.onboardingService),
  new lineage.LineageResolver(s.lineageService),
];

const trainingResolvers = (s: Services): object[] => [
  new datasets.DatasetResolver(s.datasetService),
  new datasets.DatasetVersionResolver(s.datasetService),
  new datasets.UploadResolver(s.datasetService),
  new datasets.DatasetEventResolver(s.datasetService),
  new pretrained.PretrainedModelResolver(s.pretrainedService),
  new pipelines.PipelineResolver(s.pipelineService),
  new pipelines.PipelineVersionResolver(s.pipelineService),
  new pipelines.RecommendationResolver(s.datasetService),
  new runs.RunResolver(s.runService, s.modelService, s.pipelineService, s.datasetService),
  new runs.StartRunPayloadResolver(s.runService),
  new runs.RunControlResolver(s.runControl),
  new runs.RunEventResolver(s.runService),
  new runs.ModelVersionRunResolver(s.runService),
  new models.ModelResolver(s.modelService, s.pipelineService),
  new models.ModelVersionResolver(s.modelService),
];

function servingResolvers({ database }: Ground, s: Services): object[] {
  const deploymentsById = new EntityLoader(database, deployments.Deployment, 'Deployment');
  const versions = s.modelService.versionById;
  return [
    new deployments.DeploymentResolver(s.deploymentService, versions),
    new deployments.DeploymentPayloadResolver(versions),
    new predictions.PredictionResolver(s.predictionService, { deployments: deploymentsById, versions }),
    new cases.CaseResolver(s.caseService),
    new cases.CaseRunResolver(s.caseService, {
      datasetVersions: s.datasetService.versionById,
      runs: s.runService.byId,
      deployments: deploymentsById,
      predictions: s.predictionService,
    }),
  ];
}

const nodeResolvers = (s: Services): NodeResolvers => ({
  Tenant: (context, id) => s.tenantService.get(context, id),
  ApiKey: (context, id) => s.apiKeyService.get(context, id),
  Dataset: (context, id) => s.datasetService.get(context, id),
  DatasetVersion: (context, id) => s.datasetService.getVersion(context, id),
  PretrainedModel: (context, id) => s.pretrainedService.get(context, id),
  Pipeline: (context, id) => s.pipelineService.get(context, id),
  PipelineVersion: (context, id) => s.pipelineService.getVersion(context, id),
  Run: (context, id) => s.runService.get(context, id),
  Model: (context, id) => s.modelService.get(context, id),
  ModelVersion: (context, id) => s.modelService.getVersion(context, id),
  Deployment: (context, id) => s.deploymentService.get(context, id),
  Prediction: (context, id) => s.predictionService.get(context, id),
  Case: (context, id) => s.caseService.get(context, id),
  CaseRun: (context, id) => s.caseService.getRun(context, id),
});

/** The share of one tenant where a job that runs does not make way: another one finds a slot at any time. */
const allButOne = (slots: number): number => Math.max(1, slots - 1);

/** The durable jobs of a `work` process. */
function createTasks(ground: Ground, s: Services, o: { pool: TrainingPool; scratch: Scratch }): Task<any>[] {
  const { pool, scratch } = o;
  const { config, database, events, artifacts } = ground;
  const conclusion = new runs.RunConclusion(database, artifacts, s.modelService);
  const data = new runs.RunData(s.datasetService, scratch, config.trainingBytesMax);
  const store = new cases.CaseRunStore(database);
  const rooms = {
    ...{ datasets: s.datasetService, pipelines: s.pipelineService, runs: s.runService },
    ...{ models: s.modelService, deployments: s.deploymentService, predictions: s.predictionService },
  };
  const library = {
    find: (context: Parameters<typeof s.caseService.get>[0], id: string) => s.caseService.get(context, id),
  };
  const { datasetService, pipelineService: pipelines, pretrainedService: pretrained } = s;
  const training = { database, events, artifacts, pool, data, datasets: datasetService, pipelines, pretrained };
  return [
    new datasets.DatasetTask(database, artifacts, new datasets.DatasetConclusion(database, artifacts), {
      scratch,
      file: config.ingestLimits,
      memoryMb: Math.floor(config.ingestMemoryMb / config.ingestions),
    }),
    ...[runs.runTask, runs.gpuRunTask].map((ref) => new runs.RunTask(training, conclusion, ref)),
    new cases.CaseRunTask(store, new cases.CaseRunAdvance(store, rooms, library, GENERATORS)),
  ];
}
