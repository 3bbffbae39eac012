import { parse } from 'node:path';
import { PraxisError } from '../kernel';
import {
  CancelRunDocument,
  CreatePipelineDocument,
  PraxisClientError,
  RunEventBatchesDocument,
  RunResultDocument,
  StartRunDocument,
  type DatasetVersion,
  type PipelineStepInput,
  type PraxisClient,
  type RunEventFragment,
  type RunResultQuery,
} from '../sdk';
import { WITHOUT_TARGET, type QuickstartOptions } from './arguments';
import { asTold } from './columns';
import type { ProgressLine } from './progress';

export type Run = RunResultQuery['run'];

/** Seconds, counted from the call of `startRun`. */
export interface TrainingSeconds {
  /** To the first metric; null when none was reported. */
  firstMetric: number | null;
  /** To the start of the evaluation. */
  train: number;
  /** The evaluation alone. */
  evaluate: number;
}

type RunEvent = RunEventFragment;
type Point = Extract<RunEvent['event'], { __typename: 'MetricPoint' }>;

/** Before the upload, so that a family or parameter that does not exist costs no time. */
export async function createPipeline(client: PraxisClient, options: QuickstartOptions): Promise<string> {
  const input = { name: `Predict ${options.targets.join(', ') || 'anomalies'}`.slice(0, 200), steps: stepsOf(options) };
  return (await client.run(CreatePipelineDocument, { input })).createPipeline.pipeline.id;
}

interface Training {
  pipelineId: string;
  version: DatasetVersion;
  options: QuickstartOptions;
  signal: AbortSignal;
  progress: ProgressLine;
}

/** Trains and evaluates. Throws what the user can change when the run does not succeed; cancels one that is stopped. */
export async function train(client: PraxisClient, o: Training) {
  try {
    return await trained(client, o);
  } catch (error) {
    throw retold(error, o.version.findings);
  }
}

/** Hints that give a reason in the file give it as it was told when the file was read. */
function retold(error: unknown, findings: DatasetVersion['findings']): unknown {
  if (!(error instanceof PraxisClientError || error instanceof PraxisError)) return error;
  for (const issue of error.issues) issue.hint &&= asTold(issue.hint, findings);
  return error;
}

async function trained(client: PraxisClient, o: Training) {
  const startMs = performance.now();
  const { startRun } = await client.run(StartRunDocument, {
    input: {
      pipelineId: o.pipelineId,
      datasetVersionId: o.version.id,
      seed: o.options.seed,
      name: parse(o.options.file).name.slice(0, 100),
      tags: ['quickstart'],
      idempotencyKey: crypto.randomUUID(),
    },
  });
  const { id } = startRun.run;
  const timing = await followRun(client, id, { startMs, ...o }).catch(async (error: unknown) => {
    if (o.signal.aborted) await client.run(CancelRunDocument, { input: { runId: id } });
    throw error;
  });
  const { run } = await client.run(RunResultDocument, { id });
  if (run.state !== 'SUCCEEDED' || !run.modelVersion) throw failure(run);
  return { run, model: run.modelVersion, timing };
}

function stepsOf(options: QuickstartOptions): PipelineStepInput[] {
  const { targets, drop, splitColumn, positiveClass, family, epochs } = options;
  const named = targets.length > 1 ? { targets } : { target: targets[0] };
  const positive = positiveClass !== null && { positiveClass };
  const columns = { ...named, drop, ...(family === WITHOUT_TARGET && { task: 'anomaly' }), ...positive };
  const split = splitColumn ? { kind: 'column', column: splitColumn } : { kind: 'random' };
  return [
    { id: 'columns', kind: 'SELECT_COLUMNS', parameters: columns },
    { id: 'split', kind: 'SPLIT', parameters: split },
    { id: 'train', kind: 'TRAIN', parameters: { family, parameters: epochs === null ? {} : { epochs } } },
  ];
}

function failure({ state, error }: Run): PraxisError {
  if (!error) return new PraxisError('UNAVAILABLE', `The run ended as ${state}.`);
  const { path, message, hint } = error;
  return PraxisError.invalid([{ path: path ?? 'run', message, hint: hint ?? undefined }]);
}

/** Shows a run as it trains, to its end, and tells how long its parts took, counted from `startMs`. */
async function followRun(
  client: PraxisClient,
  runId: string,
  { startMs, signal, progress }: { startMs: number; signal: AbortSignal; progress: ProgressLine },
): Promise<TrainingSeconds> {
  const view = new TrainingView();
  progress.update(view.line());
  const sinceStart = () => (performance.now() - startMs) / 1000;
  let firstMetric: number | null = null;
  let evaluating: number | null = null;
  for await (const { event } of eventsOf(client, runId, signal)) {
    if (event.__typename === 'MetricPoint') firstMetric ??= sinceStart();
    if (event.__typename === 'RunStateChanged' && event.state === 'EVALUATING') evaluating = sinceStart();
    if (event.__typename !== 'LogLine') progress.update(view.show(event));
    // Findings were told when the file was read.
    else if (!event.finding) progress.done(`  ${event.level.toLowerCase()}: ${event.message}`);
  }
  signal.throwIfAborted();
  const ended = sinceStart();
  const train = evaluating ?? ended;
  progress.done(`train    ${train.toFixed(2)} s, evaluated in ${(ended - train).toFixed(2)} s`);
  return { firstMetric, train, evaluate: ended - train };
}

async function* eventsOf(client: PraxisClient, runId: string, signal: AbortSignal): AsyncGenerator<RunEvent> {
  const batches = client.subscribe(RunEventBatchesDocument, { runId, after: 0 }, { signal });
  for await (const { runEventBatches } of batches) yield* runEventBatches.events;
}

/** What is known of a run so far, as one line. */
class TrainingView {
  private state = 'queued for a free worker';
  private fraction = 0;
  private point: Point | null = null;

  show(event: RunEvent['event']): string {
    if (event.__typename === 'RunStateChanged') this.state = event.state.toLowerCase();
    if (event.__typename === 'RunProgress') this.fraction = event.fraction;
    if (event.__typename === 'MetricPoint') this.point = event;
    return this.line();
  }

  line(): string {
    const done = `${Math.round(100 * this.fraction)} %`.padStart(5);
    return `train    ${done}  ${this.state}${this.point ? `  ${describe(this.point)}` : ''}`;
  }
}

const describe = ({ candidate, epoch, split, name, value }: Point): string =>
  `${candidate}${epoch > 0 ? `, epoch ${epoch}` : ''}: ${split.toLowerCase()} ${name} ${value?.toPrecision(4) ?? '-'}`;
