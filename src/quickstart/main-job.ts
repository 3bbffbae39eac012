import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { didYouMean, PraxisError } from '../kernel';
import { DeployModelDocument, PredictDocument, type DatasetVersion, type PraxisClient } from '../sdk';
import type { QuickstartOptions } from './arguments';
import type { ProgressLine } from './progress';
import { FINDINGS_SHOWN } from './summary';
import { sentencesOf } from './columns';
import { typicalRow } from './sample';
import { createPipeline, train, type Run, type TrainingSeconds } from './training';
import { shown } from '../formats';

type Model = NonNullable<Run['modelVersion']>;
type Evaluation = NonNullable<Run['evaluation']>;

interface Seconds extends TrainingSeconds {
  upload: number;
  ingest: number;
  deploy: number;
  predict: number;
  total: number;
}

export interface QuickstartResult {
  file: string;
  rowCount: number;
  card: Model['card'];
  metrics: Evaluation['metrics'];
  undefinedMetrics: NonNullable<Evaluation['undefinedMetrics']>;
  leaderboard: NonNullable<Run['leaderboard']>;
  splitCounts: NonNullable<Run['splitCounts']>;
  /** What was said of the model when it was deployed. */
  warnings: string[];
  /** One sentence each. */
  findings: string[];
  sample: {
    row: Record<string, unknown>;
    value: string;
    scores: { label: string; probability: number }[] | null;
    targets: { target: string; value: string }[] | null;
    anomalous: boolean | null;
    latencyMs: number;
  };
  seconds: Seconds;
  modelVersionId: string;
  downloadPath: string;
  deployment: string;
  /** Null for a throw-away server. */
  server: QuickstartOptions['server'];
  /** Where the model was saved, or null. */
  saved: string | null;
}

/** Upload, profile, train, evaluate, deploy, predict, through the public API alone. */
export async function runMainJob(
  client: PraxisClient,
  options: QuickstartOptions,
  { progress, signal }: { progress: ProgressLine; signal: AbortSignal },
): Promise<QuickstartResult> {
  const startedMs = performance.now();
  const clock = stopwatch();
  const pipelineId = await createPipeline(client, options);
  clock();
  const dataset = await upload(client, options, { progress, signal });
  const uploadSeconds = clock();
  const version = await ingested(client, dataset.id, { progress, signal });
  const ingestSeconds = clock();
  progress.done(
    `ingest   ${version.rowCount} rows × ${version.columns.length} columns in ${ingestSeconds.toFixed(2)} s`,
  );
  const warnings = version.findings.filter(({ severity }) => severity !== 'INFO');
  const findings = warnings.map(sentencesOf);
  for (const finding of findings.slice(0, FINDINGS_SHOWN)) progress.done(`  warn: ${finding}`);
  checkColumns(version, options);
  const { run, model, timing } = await train(client, {
    pipelineId,
    version,
    options,
    signal,
    progress,
  });
  clock();
  const { deployment, warnings: doubts } = await deploy(client, { options, model });
  const deploySeconds = clock();
  const sample = await predict(client, { deployment, version, model });
  const predictSeconds = clock();
  progress.done(`deploy   ${shown(deployment)} answers in ${sample.latencyMs.toFixed(1)} ms`);
  return {
    file: basename(options.file),
    rowCount: version.rowCount,
    card: model.card,
    metrics: run.evaluation?.metrics ?? [],
    undefinedMetrics: run.evaluation?.undefinedMetrics ?? [],
    leaderboard: run.leaderboard ?? [],
    splitCounts: run.splitCounts ?? { train: 0, validation: 0, test: 0 },
    warnings: doubts,
    findings,
    sample,
    seconds: {
      upload: uploadSeconds,
      ingest: ingestSeconds,
      ...timing,
      deploy: deploySeconds,
      predict: predictSeconds,
      total: (performance.now() - startedMs) / 1000,
    },
    modelVersionId: model.id,
    downloadPath: model.downloadPath,
    deployment,
    server: options.server,
    saved: null,
  };
}

function ingested(
  client: PraxisClient,
  datasetId: string,
  { progress, signal }: { progress: ProgressLine; signal: AbortSignal },
): Promise<DatasetVersion> {
  return client.datasets.ready(datasetId, {
    signal,
    onEvent: ({ event }) => {
      if (event.__typename !== 'IngestProgress') return;
      progress.update(`ingest   ${percent(event.fraction)}  ${event.phase.toLowerCase()}`);
    },
  });
}

async function upload(
  client: PraxisClient,
  { file, columns }: QuickstartOptions,
  { progress, signal }: { progress: ProgressLine; signal: AbortSignal },
) {
  const { size } = statSync(file);
  const dataset = await client.datasets.upload(file, {
    signal,
    columns,
    onProgress: (sent) => progress.update(`upload   ${percent(sent / size)}`),
  });
  progress.done(`upload   ${basename(file)}, ${size} bytes`);
  return dataset;
}

/** A misspelt name is told with those it may stand for, before anything is trained. */
function checkColumns({ columns }: DatasetVersion, { targets, drop, splitColumn }: QuickstartOptions): void {
  const names = columns.map(({ name }) => name);
  const wanted = [...targets.map((name) => ['--target', name]), ...drop.map((name) => ['--drop', name])];
  if (splitColumn) wanted.push(['--split-column', splitColumn]);
  const issues = wanted
    .filter(([, name]) => !names.includes(name))
    .map(([path, name]) => ({ path, message: `the file has no column ${shown(name)}`, hint: didYouMean(name, names) }));
  if (issues.length > 0) throw PraxisError.invalid(issues);
}

async function deploy(client: PraxisClient, { options, model }: { options: QuickstartOptions; model: Model }) {
  const input = {
    name: slugOf(options.targets[0] ?? 'anomalies'),
    modelVersionId: model.id,
    idempotencyKey: crypto.randomUUID(),
  };
  const { deployModel } = await client.run(DeployModelDocument, { input });
  return { deployment: deployModel.deployment.name, warnings: deployModel.warnings.map(({ message }) => message) };
}

async function predict(
  client: PraxisClient,
  { deployment, version, model }: { deployment: string; version: DatasetVersion; model: Model },
): Promise<QuickstartResult['sample']> {
  const row = typicalRow(model.card.inputs, version.columns);
  const { predict } = await client.run(PredictDocument, { input: { deployment, rows: [row] } });
  const [{ id: _, ...answer }] = predict.predictions;
  return { row, ...answer, latencyMs: predict.latencyMs };
}

/** The name of a deployment: lower-case letters, digits and hyphens. */
function slugOf(target: string): string {
  const slug = target
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return `quickstart-${slug || 'model'}`.slice(0, 63).replace(/-+$/, '');
}

const percent = (fraction: number): string => `${Math.min(100, Math.round(100 * fraction))} %`.padStart(5);

/** Seconds since the last call. */
function stopwatch(): () => number {
  let lastMs = performance.now();
  return () => {
    const nowMs = performance.now();
    const seconds = (nowMs - lastMs) / 1000;
    lastMs = nowMs;
    return seconds;
  };
}
