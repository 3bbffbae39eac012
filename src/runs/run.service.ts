import { EntityLoader, EventFeed } from '../db';
import type { Continuation, Database, EventLog, Showing, TenantTx } from '../db';
import type { DatasetService, DatasetVersion } from '../datasets';
import type { ExecutorChoice } from '../engine';
import { newId, PraxisError, type Page, type TenantContext } from '../kernel';
import type { ArtifactStore } from '../storage';
import {
  columnIssues,
  creditsOf,
  estimateRun,
  PipelineVersion,
  profileOf,
  stepIssues,
  toStepFault,
  type PipelineService,
} from '../pipelines';
import type { PretrainedModelService } from '../pretrained';
import { readMetricHistory } from './events/metric-history';
import type { MetricHistory, MetricHistoryArgs } from './events/metric-history.type';
import { Run } from './run.entity';
import { explained } from './work/run.findings';
import type { RunLabels } from './run.label';
import { runList, type RunListArgs } from './run.list';
import type { RunCost } from './run.input';
import { endsRun } from './events/run-event.type';
import { RunState } from './run-state';
import { enqueueRun } from './work/run.job';
import { endRun } from './work/run.store';

/** Ids are uuids. One of the first two is given; a pipeline stands for its current version. */
export interface StartRun extends RunLabels {
  pipelineVersionId?: string | null;
  pipelineId?: string | null;
  datasetVersionId: string;
  seed: number;
  executor?: ExecutorChoice | null;
  idempotencyKey?: string | null;
}

export interface RunDependencies {
  database: Database;
  events: EventLog;
  artifacts: ArtifactStore;
  datasets: DatasetService;
  pipelines: PipelineService;
  pretrained: PretrainedModelService;
}

/** Runs as clients see them: start, read, follow, cancel. An id that this tenant has not is NOT_FOUND. */
export class RunService {
  readonly byId: EntityLoader<Run>;

  constructor(private readonly dependencies: RunDependencies) {
    this.byId = new EntityLoader(dependencies.database, Run, 'Run');
  }

  /**
   * Queues a run with its job in one transaction. Throws VALIDATION_FAILED for what the profile shows to be impossible.
   * The continuation is enqueued in the transaction that ends the run, however it ends.
   */
  async start(context: TenantContext, input: StartRun, continuation: Continuation | null = null): Promise<Run> {
    const { datasetVersionId, seed, executor = null, idempotencyKey: key, name, tags } = input;
    const labels = { ...(name && { name }), ...(tags?.length && { tags }) };
    checkExecutor(executor);
    return this.dependencies.database.inTenant(context, async (tx) => {
      const pipeline = await this.versionOf(context, input);
      const dataset = await this.dependencies.datasets.getVersion(context, datasetVersionId);
      const request = {
        pipelineVersionId: pipeline.id,
        datasetVersionId,
        seed,
        ...(executor && { executor }),
        ...labels,
      };
      const id = await tx.idempotent({ operation: 'startRun', key, request }, async () => {
        this.check(pipeline, dataset);
        const { estimator } = this.dependencies.pipelines.compile(pipeline);
        const pretrained = await this.dependencies.pretrained.modelOf(context, estimator);
        const pretrainedModelId = pretrained?.id ?? null;
        const runId = await insertRun(tx, { ...request, pretrainedModelId, executor, continuation });
        await enqueueRun(tx, runId, context.requestId);
        await tx.audit('run.start', runId);
        return runId;
      });
      return find(tx, id);
    });
  }

  /** What a run is expected to cost, from the profile of its data. */
  async costOf(context: TenantContext, run: Run): Promise<RunCost> {
    return this.dependencies.database.inTenant(context, async () => {
      const use = this.dependencies.pipelines.compile(
        await this.dependencies.pipelines.getVersion(context, run.pipelineVersionId),
      );
      const profile = profileOf(await this.dependencies.datasets.getVersion(context, run.datasetVersionId));
      const { seconds: computeSeconds } = estimateRun(profile, use);
      return { credits: creditsOf(computeSeconds), computeSeconds, rows: profile.rowCount };
    });
  }

  async get(context: TenantContext, id: string): Promise<Run> {
    return this.dependencies.database.inTenant(context, (tx) => find(tx, id));
  }

  list(context: TenantContext, args: RunListArgs): Promise<Page<Run>> {
    return this.dependencies.database.list(context, runList, args);
  }

  metricHistory(context: TenantContext, runId: string, args: MetricHistoryArgs): Promise<MetricHistory> {
    return this.dependencies.database.inTenant(context, (tx) => readMetricHistory(tx, runId, args));
  }

  /** Ends the run at once, queued or not; the worker that holds it hears of it and stops. Cancelling twice is once. */
  async cancel(context: TenantContext, id: string): Promise<Run> {
    const { run, ended } = await this.dependencies.database.inTenant(context, async (tx) => {
      const ended = await endRun(tx, id, { state: RunState.CANCELLED });
      if (ended) await tx.audit('run.cancel', id);
      return { ended, run: await find(tx, id) };
    });
    if (ended?.checkpointKey) await this.dependencies.artifacts.delete(ended.checkpointKey).catch(() => undefined);
    return run;
  }

  /** The events after sequence `after`, then those to come, up to the one that ends the run. */
  async events<T>(context: TenantContext, runId: string, after: number, showing: Showing<T>): Promise<EventFeed<T>> {
    await this.get(context, runId);
    return new EventFeed(this.dependencies.events.subscribe(context, runId, after, endsRun), showing);
  }

  private async versionOf(context: TenantContext, input: StartRun): Promise<PipelineVersion> {
    const { pipelineId, pipelineVersionId } = input;
    if (pipelineVersionId && !pipelineId) return this.dependencies.pipelines.getVersion(context, pipelineVersionId);
    if (!pipelineId) {
      throw PraxisError.invalid([
        { path: 'pipelineId', message: 'is missing', hint: 'give pipelineId or pipelineVersionId' },
      ]);
    }
    const pipeline = await this.dependencies.pipelines.get(context, pipelineId);
    const version = await this.dependencies.pipelines.getVersion(
      context,
      pipelineVersionId ?? pipeline.currentVersionId!,
    );
    if (version.pipelineId === pipelineId) return version;
    throw PraxisError.invalid([
      { path: 'pipelineVersionId', message: 'is not a version of this pipeline', hint: 'give one of the two ids' },
    ]);
  }

  private check(pipeline: PipelineVersion, dataset: DatasetVersion): void {
    const use = this.dependencies.pipelines.compile(pipeline);
    const profile = profileOf(dataset);
    const found = [...columnIssues(profile, use), ...stepIssues(profile, use)];
    const issues = found.map(({ path, message, hint }) => ({
      message,
      ...toStepFault(pipeline.steps, { path, hint }),
    }));
    if (issues.length > 0) throw PraxisError.invalid(issues.map((issue) => explained(issue, dataset, use)));
  }
}

/** TensorFlow and plain JavaScript bring what they compute on. */
function checkExecutor(asked: ExecutorChoice | null): void {
  if (!asked || asked.executor === 'onnx' || asked.provider === 'auto') return;
  const message = `${asked.executor.toUpperCase()} takes no provider`;
  throw PraxisError.invalid([{ path: 'executor.provider', message, hint: 'leave it out, or take the executor ONNX' }]);
}

async function insertRun(
  tx: TenantTx,
  run: Pick<Run, 'pipelineVersionId' | 'datasetVersionId' | 'pretrainedModelId' | 'seed'> &
    RunLabels & {
      executor: ExecutorChoice | null;
      continuation: Continuation | null;
    },
): Promise<string> {
  const id = newId();
  const { pipelineVersionId, datasetVersionId, pretrainedModelId, seed, executor, continuation } = run;
  await tx.query(
    `INSERT INTO runs (tenant_id, id, pipeline_version_id, dataset_version_id, state, seed, continuation, created_at,
       pretrained_model_id, executor_wish, name, tags)
     VALUES ($1, $2, $3, $4, 'QUEUED', $5, $6, $7, $8, $9, $10, $11)`,
    [
      tx.tenantId,
      id,
      pipelineVersionId,
      datasetVersionId,
      seed,
      continuation && JSON.stringify(continuation),
      new Date(),
      pretrainedModelId,
      executor && JSON.stringify(executor),
      run.name ?? '',
      run.tags ?? [],
    ],
  );
  await tx.appendEvents(id, [{ kind: 'state', payload: { state: RunState.QUEUED } }]);
  return id;
}

async function find(tx: TenantTx, id: string): Promise<Run> {
  const run = await tx.repo(Run).findOneBy({ id });
  if (!run) throw PraxisError.notFound('Run', id);
  return run;
}
