import { TrainingControl, type DeviceSlot, type TrainingPool } from '../../compute';
import { AnotherTurn, isPassing, whileAway, type Database, type EventLog, type JobRun, type Task } from '../../db';
import type { DatasetService, DatasetVersion } from '../../datasets';
import { EngineError, TrainingPaused, TrainingStopped, type TrainResult } from '../../engine';
import { isStorageFull, jobContext, PraxisError, STORAGE_FULL, type TenantContext } from '../../kernel';
import { toStepFault, type CompiledPipeline, type PipelineService, type PipelineVersion } from '../../pipelines';
import type { PretrainedModelService } from '../../pretrained';
import type { ArtifactStore } from '../../storage';
import type { RunConclusion } from './run.conclusion';
import { findControlRequests, pauseRun } from '../run.control';
import type { RunData } from './run.data';
import { columnRemarks, columnTraits, explained, findingLines, findingsFor } from './run.findings';
import { RunRecorder } from './run.recorder';
import { RUN_ATTEMPTS_MAX, runTask, type RunPayload } from './run.job';
import { asksWorker, endsRun } from '../events/run-event.type';
import { RunState } from '../run-state';
import { claimRun, logFindings, logRun, RunLost, type ClaimedRun } from './run.store';
import type { RunError } from '../results/run-result.type';

export interface RunTaskDependencies {
  database: Database;
  events: EventLog;
  artifacts: ArtifactStore;
  data: RunData;
  datasets: DatasetService;
  pipelines: PipelineService;
  pretrained: PretrainedModelService;
  pool: TrainingPool;
}

interface Claim {
  run: ClaimedRun;
  pipeline: PipelineVersion;
  dataset: DatasetVersion;
  use: CompiledPipeline;
}

/** What a run is trained under: what it is told, and by whom. */
interface Hold {
  control: TrainingControl;
  job: JobRun;
}

/** Trains one run in a `work` process: claims it, reads its table, trains on the pool, concludes. */
export class RunTask implements Task<RunPayload> {
  readonly name: string;
  readonly payload;
  readonly lane: string;

  constructor(
    private readonly dependencies: RunTaskDependencies,
    private readonly conclusion: RunConclusion,
    { name, payload, lane } = runTask,
  ) {
    this.name = name;
    this.payload = payload;
    this.lane = lane;
  }

  async run({ tenantId, runId, requestId }: RunPayload, job: JobRun): Promise<void> {
    const context = jobContext(tenantId, requestId);
    const claim = await this.claim(context, runId);
    if (!claim) return;
    const hold = { control: new TrainingControl(), job };
    const release = linkSignals(hold);
    const watch = this.watch(context, claim.run, hold);
    try {
      const result = await this.onDevice(context, claim.run, hold, (slot) => this.train(context, claim, hold, slot));
      await this.conclusion.succeed(context, claim, result);
    } catch (error) {
      await this.settle(context, claim, { error: watch.ended ? new RunLost(runId) : error, job });
    } finally {
      release();
      await watch.events.return?.();
    }
  }

  async exhausted({ tenantId, runId, requestId }: RunPayload, error: Error): Promise<void> {
    const reason = isStorageFull(error) ? NO_SPACE : GIVEN_UP;
    await this.conclusion.fail(jobContext(tenantId, requestId), runId, reason);
  }

  private claim(context: TenantContext, runId: string): Promise<Claim | null> {
    const { database, datasets, pipelines } = this.dependencies;
    return database.inTenant(context, async (tx) => {
      const run = await claimRun(tx, runId);
      if (!run) return null;
      const pipeline = await pipelines.getVersion(context, run.pipelineVersionId);
      const use = pipelines.compile(pipeline);
      const dataset = await datasets.getVersion(context, run.datasetVersionId);
      if (run.attempt === 1) await logFindings(tx, run, findingLines(findingsFor(dataset, use)));
      return { run, pipeline, dataset, use };
    });
  }

  /** Before its rows are read: a run that names a GPU may wait for long. */
  private async onDevice<T>(
    context: TenantContext,
    run: ClaimedRun,
    hold: Hold,
    train: (slot: DeviceSlot | null) => Promise<T>,
  ): Promise<T> {
    const { database, pool } = this.dependencies;
    await this.applyRequests(context, run, hold);
    const slot = await pool.reserveDevice(run.executor, hold.control, (why) =>
      database.inTenant(context, (tx) => logRun(tx, run, why)),
    );
    try {
      return await train(slot);
    } finally {
      await slot?.release();
    }
  }

  private async train(
    context: TenantContext,
    { run, dataset, use }: Claim,
    { control, job }: Hold,
    slot: DeviceSlot | null,
  ): Promise<TrainResult> {
    const { database, artifacts, data, pretrained, pool } = this.dependencies;
    const [resume, network] = await Promise.all([this.resumeOf(run), pretrained.readNetwork(context, use.estimator)]);
    const { seed, executor } = run;
    const remarks = columnRemarks(dataset);
    const traits = columnTraits(dataset);
    const request = { ...use, remarks, traits, seed, ...(executor && { executor }), resume, network };
    return data.use(context, { runId: run.id, version: dataset, request }, (input) => {
      if (control.stopped) throw new TrainingStopped();
      return pool.train(input, new RunRecorder({ database, artifacts, job }, context, run), control, slot);
    });
  }

  /** Where an earlier attempt left off. Without a checkpoint it trains from the start, silent about what is stored. */
  private async resumeOf(run: ClaimedRun): Promise<{ checkpoint: Uint8Array; skipThroughOrdinal: number } | null> {
    if (run.lastOrdinal === 0) return null;
    const stored = run.checkpointKey && (await this.dependencies.artifacts.read(run.checkpointKey).catch(() => null));
    const checkpoint = stored || new Uint8Array();
    return { checkpoint, skipThroughOrdinal: run.lastOrdinal };
  }

  /** Passes on what clients ask for: a pause, another learning rate. */
  private async applyRequests(context: TenantContext, { id }: ClaimedRun, { control, job }: Hold): Promise<void> {
    const ask = () => this.dependencies.database.inTenant(context, (tx) => findControlRequests(tx, id));
    const { pause, learningRate } = await whileAway(ask, job.signal);
    control.learningRate = learningRate;
    control.pause(pause || job.makeWay.aborted);
  }

  /** Follows the run's events, which arrive by NOTIFY: its end, by `cancelRun`, stops it; others tell of requests. */
  private watch(context: TenantContext, run: ClaimedRun, hold: Hold) {
    const events = this.dependencies.events.subscribe(context, run.id, run.sequence, endsRun);
    const watch = { events, ended: false };
    const follow = async (): Promise<void> => {
      for await (const event of events) {
        if (asksWorker(event)) await this.applyRequests(context, run, hold);
        if (!endsRun(event)) continue;
        watch.ended = true;
        hold.control.stop();
      }
    };
    // Losing the watch delays a cancel: the recorder's next write finds the run ended as well. A request waits for a claim.
    follow().catch(() => undefined);
    return watch;
  }

  /** What follows a training that did not end with a model. What it throws makes the queue run the job again. */
  private async settle(
    context: TenantContext,
    claim: Claim,
    { error, job }: { error: unknown; job: JobRun },
  ): Promise<void> {
    const { database } = this.dependencies;
    const { run } = claim;
    if (error instanceof RunLost) return;
    if (error instanceof TrainingPaused) {
      const state = await database.inTenant(context, (tx) => pauseRun(tx, run));
      if (state === RunState.QUEUED) throw new AnotherTurn();
      return;
    }
    if (isStorageFull(error) && job.putOff === 0) {
      // Where the database has no space either, the log of the server tells.
      await database
        .inTenant(context, (tx) => logRun(tx, run, `${STORAGE_FULL} ${TRIED_AGAIN}`))
        .catch(() => undefined);
    }
    const fault = isPassing(error) ? null : faultOf(error, claim);
    if (!fault) throw error;
    await this.conclusion.fail(context, run.id, fault, run.attempt);
  }
}

/** The error as the user may see it; null when it is none of theirs, and the run is worth another try. */
function faultOf(error: unknown, { pipeline, dataset, use }: Claim): RunError | null {
  if (error instanceof EngineError) {
    const fault = explained(toStepFault(pipeline.steps, error), dataset, use);
    return { code: 'VALIDATION_FAILED', message: error.message, ...fault };
  }
  if (!(error instanceof PraxisError) || error.code === 'INTERNAL') return null;
  const [issue] = error.issues;
  return { code: error.code, message: error.message, hint: issue?.hint ?? null, path: issue?.path ?? null };
}

/** Passes on to the training what the process and those who wait ask for; returns how to stop that. */
function linkSignals({ control, job }: Hold): () => void {
  const stop = (): void => control.stop();
  const pause = (): void => control.pause(true);
  job.signal.addEventListener('abort', stop);
  job.makeWay.addEventListener('abort', pause);
  if (job.signal.aborted) stop();
  return () => {
    job.signal.removeEventListener('abort', stop);
    job.makeWay.removeEventListener('abort', pause);
  };
}

const TRIED_AGAIN = 'The run is tried again every minute for a day.';

const NO_SPACE: RunError = {
  code: 'UNAVAILABLE',
  message: STORAGE_FULL,
  hint: 'Ask the operator for space, or use fewer rows or columns; then start the run again.',
  path: null,
};

const GIVEN_UP: RunError = {
  code: 'INTERNAL',
  message: `Training was tried ${RUN_ATTEMPTS_MAX} times; each time it met a fault on our side, or its process ended.`,
  hint: 'If the data is large, use fewer rows or columns or a smaller model; otherwise tell us the id of the run.',
  path: null,
};
