import { Readable } from 'node:stream';
import { UploadState, type DatasetService, type Upload } from '../../datasets';
import { UnusualInputPolicy, type Deployment, type DeploymentService, type DeployRequest } from '../../deployments';
import { parseGlobalId, PraxisError, type TenantContext } from '../../kernel';
import type { ModelService } from '../../models';
import type { PipelineService } from '../../pipelines';
import type { PredictionService } from '../../predictions';
import { isFinal, RunState, type Run, type RunService } from '../../runs';
import { stepsOf, type CaseComparison, type CaseGenerator } from '../case-definition';
import { CaseRunStage, CaseRunState, type CaseRun } from './case-run.entity';
import { caseRunTask, type CaseRunPayload } from './case-run.job';
import { findPlace } from './case-run.place';
import type { CaseRunStore } from './case-run.store';
import type { Case } from '../case.entity';
import { checkMetrics } from './checks';
import { toCsv } from './csv';
import { shown } from '../../formats';

export interface CaseDependencies {
  datasets: DatasetService;
  pipelines: PipelineService;
  runs: RunService;
  models: ModelService;
  deployments: DeploymentService;
  predictions: PredictionService;
}

/**
 * Brings a case run as far as it goes without waiting. Ingestion and training carry on by themselves and call again when
 * they end (their continuation), so no job waits. Everything made is noted on the row at once and every start has an
 * idempotency key made from the case run's id, so a call after a crash goes on where the last one stopped.
 */
export class CaseRunAdvance {
  constructor(
    private readonly store: CaseRunStore,
    private readonly dependencies: CaseDependencies,
    private readonly library: { get(context: TenantContext, id: string): Promise<Case> },
    private readonly generators: Readonly<Record<string, CaseGenerator>>,
  ) {}

  async advance(context: TenantContext, caseRunId: string, signal?: AbortSignal): Promise<void> {
    let run = await this.store.get(context, caseRunId);
    if (run.state !== CaseRunState.RUNNING) return;
    const item = await this.library.get(context, run.caseId);
    run = await this.prepareData(context, item, run);
    if (!run.datasetVersionId) return;
    run = await this.startTraining(context, item, run);
    const trainings = await this.trainingsOf(context, run);
    if (!trainings.every(({ state }) => isFinal(state))) return;
    trainings.forEach(refuseUntrained);
    signal?.throwIfAborted();
    run = await this.deploy(context, item, run);
    await this.conclude(context, { item, run, trainings });
  }

  /** Generates and ingests, or takes the version that an earlier run has made. Leaves no version while it is ingested. */
  private async prepareData(context: TenantContext, item: Case, run: CaseRun): Promise<CaseRun> {
    if (run.datasetVersionId) return run;
    const same = run.uploadId ? null : await this.store.findData(context, run);
    if (same) return this.store.progress(context, run, { datasetVersionId: same });
    const upload = await this.uploadOf(context, item, run);
    if (upload.state === UploadState.REFUSED) throw refusal(upload);
    if (upload.state === UploadState.READY) {
      return this.store.progress(context, run, { datasetVersionId: upload.versionId });
    }
    if (upload.state !== UploadState.INGESTING) await this.send(context, item, run);
    return run;
  }

  private async uploadOf(context: TenantContext, item: Case, run: CaseRun): Promise<Upload> {
    const uploadId = run.uploadId ?? (await this.openUpload(context, item, run)).id;
    if (!run.uploadId) await this.store.progress(context, run, { uploadId });
    return this.dependencies.datasets.getUpload(context, uploadId);
  }

  /** The same upload however often it is called, with a fresh address. */
  private async openUpload(context: TenantContext, item: Case, run: CaseRun) {
    const name = `${item.documents.en.title} (seed ${run.seed})`;
    const request = { name, format: 'CSV', idempotencyKey: keyOf(run) } as const;
    return (await this.dependencies.datasets.create(context, request, this.continuation(context, run))).upload;
  }

  private async send(context: TenantContext, item: Case, run: CaseRun): Promise<void> {
    const bytes = toCsv(this.generatorOf(item)(item.definition.rowCount, run.seed));
    const { id, path } = await this.openUpload(context, item, run);
    const token = new URL(path, 'http://here').searchParams.get('token') ?? '';
    try {
      await this.dependencies.datasets.receive(id, token, Readable.from([bytes]), bytes.length);
    } catch (error) {
      const { state } = await this.dependencies.datasets.getUpload(context, id);
      if (state === UploadState.INGESTING || state === UploadState.READY) return;
      // Another job sends it at this moment, or the store is away: the queue tries again.
      throw new Error(`The data of case run ${run.id} could not be sent.`, { cause: error });
    }
  }

  private async startTraining(context: TenantContext, item: Case, run: CaseRun): Promise<CaseRun> {
    if (run.runId) return run;
    const earlier = await this.store.findTrainings(context, run);
    const started: string[] = [];
    for (const [i, comparison] of [null, ...(item.definition.comparisons ?? [])].entries()) {
      started.push(await this.train(context, { item, run, comparison, earlier: earlier[i] }));
    }
    const [runId, ...comparisonRunIds] = started;
    const message = 'Training and evaluating; follow the run for metrics.';
    const news = { stage: CaseRunStage.TRAINING, message, runId };
    return this.store.progress(context, run, { runId, comparisonRunIds }, news);
  }

  private async train(context: TenantContext, model: ModelOfCase): Promise<string> {
    const { run, earlier } = model;
    const { pipelineVersionId } = earlier
      ? await this.dependencies.runs.get(context, earlier)
      : await this.createPipeline(context, model);
    const { datasetVersionId, seed } = run;
    const { id } = await this.dependencies.runs.start(
      context,
      { pipelineVersionId, datasetVersionId: datasetVersionId!, seed, idempotencyKey: keyOfModel(model) },
      this.continuation(context, run),
    );
    return id;
  }

  private async createPipeline(context: TenantContext, model: ModelOfCase) {
    const { item, comparison } = model;
    const { definition, documents } = item;
    const { currentVersionId } = await this.dependencies.pipelines.create(context, {
      name: documents.en.title + (comparison ? ` (${comparison.name})` : ''),
      steps: stepsOf(definition, comparison) as Parameters<PipelineService['create']>[1]['steps'],
      edges: definition.pipeline.edges,
      idempotencyKey: keyOfModel(model),
    });
    return { pipelineVersionId: currentVersionId! };
  }

  /** First that of the model of the case. */
  private trainingsOf(context: TenantContext, { trainingIds }: CaseRun): Promise<Run[]> {
    return Promise.all(trainingIds.map((id) => this.dependencies.runs.get(context, id)));
  }

  private async deploy(context: TenantContext, item: Case, run: CaseRun): Promise<CaseRun> {
    if (run.deploymentId) return run;
    const { runId } = run;
    const version = await this.dependencies.models.findVersionOfRun(context, runId!);
    if (!version) throw new Error(`Run ${runId} succeeded without a model.`);
    const wanted = item.definition.deployment;
    const { onUnusualInput: policy } = item.definition;
    // Left out, a deployment that is there keeps what its tenant has set.
    const onUnusualInput = policy && UnusualInputPolicy[policy];
    const request = { modelVersionId: version.id, onUnusualInput, idempotencyKey: keyOf(run) };
    const { id, name } = await this.deployApart(context, run, { name: wanted, ...request });
    const taken = name === wanted ? '' : `, since ${shown(wanted)} leads to a deployment of yours`;
    const message = `Deployed as ${shown(name)}${taken}; predicting the sample rows.`;
    const news = { stage: CaseRunStage.PREDICTING, message, runId };
    return this.store.progress(context, run, { deploymentId: id }, news);
  }

  /** Again when the tenant took the name meanwhile. */
  private async deployApart(context: TenantContext, run: CaseRun, request: DeployRequest): Promise<Deployment> {
    const { store, dependencies } = this;
    for (let attempt = 1; ; attempt++) {
      const wanted = { caseId: run.caseId, runId: run.runId, name: request.name };
      const { name, deploymentId } = await findPlace(context, { store, ...dependencies }, wanted);
      try {
        return await dependencies.deployments.deploy(context, { ...request, name }, { replaces: deploymentId });
      } catch (error) {
        if (!(error instanceof PraxisError && error.code === 'CONFLICT') || attempt === DEPLOY_ATTEMPTS) throw error;
      }
    }
  }

  private async conclude(
    context: TenantContext,
    { item, run, trainings }: { item: Case; run: CaseRun; trainings: Run[] },
  ): Promise<void> {
    const { predictions } = await this.dependencies.predictions.predict(context, {
      deployment: run.deploymentId!,
      rows: item.definition.samples,
    });
    const predictionId = predictions.map(({ id }) => id && parseGlobalId(id)?.uuid).find(Boolean) ?? null;
    // Recorded behind the answer; reading it waits until it is stored.
    if (predictionId) await this.dependencies.predictions.get(context, predictionId);
    const { expected, comparisons = [] } = item.definition;
    const checks = [{ name: null, expected }, ...comparisons].flatMap((model, i) =>
      checkMetrics(model.expected, trainings[i]?.evaluation?.metrics ?? [], model.name),
    );
    await this.store.end(context, run.id, { checks, predictionId });
  }

  private generatorOf({ slug }: Case): CaseGenerator {
    const generator = this.generators[slug];
    if (generator) return generator;
    throw new PraxisError(
      'UNAVAILABLE',
      `This server has no generator for the case ${shown(slug)}; its release is older.`,
    );
  }

  private continuation({ tenantId, requestId }: TenantContext, { id: caseRunId }: CaseRun) {
    const payload: CaseRunPayload = { tenantId, caseRunId, requestId };
    return { task: caseRunTask.name, payload };
  }
}

const DEPLOY_ATTEMPTS = 3;

const keyOf = ({ id }: CaseRun): string => `case-run:${id}`;

interface ModelOfCase {
  item: Case;
  run: CaseRun;
  /** Null: the model of the case itself. */
  comparison: CaseComparison | null;
  /** A run that has trained it before. */
  earlier: string | undefined;
}

const keyOfModel = ({ run, comparison }: ModelOfCase): string =>
  [keyOf(run), comparison?.name].filter(Boolean).join(':');

function refusal({ findings }: Upload): PraxisError {
  return new PraxisError(
    'VALIDATION_FAILED',
    `The data was refused: ${findings[0]?.message ?? 'for an unknown reason'}`,
  );
}

function refuseUntrained({ state, error }: Run): void {
  if (state === RunState.SUCCEEDED) return;
  if (state === RunState.CANCELLED) throw new PraxisError('CONFLICT', 'The run of this case was cancelled.');
  throw new PraxisError(
    'VALIDATION_FAILED',
    `The run of this case failed: ${error?.message ?? 'for an unknown reason'}`,
  );
}
