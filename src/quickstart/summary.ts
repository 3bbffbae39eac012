import { posix } from 'node:path';
import type { QuickstartResult } from './main-job';
import { shown } from '../formats';

type Metric = QuickstartResult['metrics'][number];

/** What a person reads at the end. */
export function summaryOf(result: QuickstartResult): string {
  const { card, seconds } = result;
  return [
    '',
    `${result.file}: ${result.rowCount} rows, predicts ${predicted(card)} (${card.task.toLowerCase()}), best family: ${card.family}`,
    ...section(`Scores on rows the model has not seen, and those of ${BASELINE}`, metricLines(result)),
    ...section(
      'Before you rely on this model',
      result.warnings.map((warning) => `  ${warning}`),
    ),
    ...section('Candidates on the validation part (lower is better)', leaderboardLines(result)),
    ...section(
      'Columns left out',
      card.leftOut.map(({ column, reason }) => `  ${column}: ${reason}`),
    ),
    ...section(
      'Findings in the data',
      result.findings.slice(0, FINDINGS_SHOWN).map((finding) => `  ${finding}`),
    ),
    ...section('A sample prediction', sampleLines(result)),
    ...section('Seconds', [
      `  ${Object.entries(seconds)
        .map(([name, value]) => `${name} ${value === null ? '-' : value.toFixed(2)}`)
        .join('  ')}`,
    ]),
    ...section('What next', nextLines(result)),
    '',
  ].join('\n');
}

function predicted({ target, targets }: QuickstartResult['card']): string {
  if (target === null && !targets) return 'anomalies';
  return (targets?.map(({ name }) => name) ?? [target ?? '']).map(shown).join(', ');
}

/** What `baseline` means beside a score. */
const BASELINE = 'guessing without any column (baseline)';
const TARGETS_SHOWN = 10;
export const FINDINGS_SHOWN = 10;
const CANDIDATES_SHOWN = 8;
const SAMPLE_SHOWN = 300;

const section = (title: string, lines: string[]): string[] => (lines.length === 0 ? [] : ['', title, ...lines]);

function metricLines({ metrics, splitCounts }: QuickstartResult): string[] {
  const shown = metrics
    .filter(({ target }) => target === null || isShown(metrics, target))
    .map((metric) => ({ ...metric, name: metric.target === null ? metric.name : `${metric.target}: ${metric.name}` }));
  const width = Math.max(...shown.map(({ name }) => name.length), 0);
  const lines = shown.map(({ name, baseline, ...score }) => {
    const trivial = baseline ? `   baseline ${scoreOf(baseline)}` : '';
    return `  ${name.padEnd(width)}  ${scoreOf(score)}${trivial}`;
  });
  const { train, validation, test } = splitCounts;
  return [...lines, `  (${train} rows to train, ${validation} to choose, ${test} to score)`];
}

function scoreOf({ value, lower, upper }: Omit<Metric, 'name' | 'target' | 'baseline'>): string {
  return lower === null || upper === null
    ? format(value)
    : `${format(value)}   95 % ${format(lower)} … ${format(upper)}`;
}

function leaderboardLines({ leaderboard }: QuickstartResult): string[] {
  return leaderboard
    .slice(0, CANDIDATES_SHOWN)
    .map(({ candidate, metric, score }) => `  ${format(score)}  ${metric}  ${candidate}`);
}

function sampleLines({ sample }: QuickstartResult): string[] {
  const scores = sample.scores
    ?.map(({ label, probability }) => `${label} ${(100 * probability).toFixed(1)} %`)
    .join(', ');
  return [
    `  ${cut(JSON.stringify(sample.row))}`,
    `  -> ${answerOf(sample)}${scores ? `   (${scores})` : ''}   in ${sample.latencyMs.toFixed(1)} ms`,
  ];
}

/** Of the first targets only. */
function isShown(metrics: QuickstartResult['metrics'], target: string): boolean {
  const targets = [...new Set(metrics.flatMap((metric) => metric.target ?? []))];
  return targets.indexOf(target) < TARGETS_SHOWN;
}

function answerOf({ value, targets, anomalous }: QuickstartResult['sample']): string {
  if (targets) return cut(targets.map((target) => `${target.target}: ${target.value}`).join(', '));
  return anomalous === null ? value : `error ${value}, ${anomalous ? 'an anomaly' : 'no anomaly'}`;
}

/** A model with assets is a tar file of the graph and these. */
export function savedLines({ saved, downloadPath }: Pick<QuickstartResult, 'saved' | 'downloadPath'>): string[] {
  if (!saved) return [];
  const file = posix.basename(downloadPath);
  const graph = file.endsWith('.tar') ? `unpack ${file}, then run its model.onnx` : `run ${file}`;
  return [`  The model is in ${saved}: ${graph} in any ONNX runtime.`];
}

function nextLines(result: QuickstartResult): string[] {
  const { server, deployment, modelVersionId, sample } = result;
  const lines = savedLines(result);
  if (!server) {
    return [
      ...lines,
      '  The throw-away server is gone. Run `npm start` for one that stays: quickstart uses it by itself.',
    ];
  }
  const operation =
    `mutation Predict($rows: [JSONObject!]!) { predict(input: { deployment: ${JSON.stringify(deployment)}, rows: $rows })` +
    ' { predictions { value scores { label probability } } } }';
  const key = server.keyFile ? ` with the key in ${server.keyFile}` : '';
  lines.push(
    `  In ${server.url}/graphiql${key}, predict: ${operation}`,
    `  with the variables {"rows": [${cut(JSON.stringify(sample.row))}]}`,
  );
  return [
    ...lines,
    `  or see where it came from: query Trace { lineage(of: ${JSON.stringify(modelVersionId)}) { nodes { label } } }`,
  ];
}

const cut = (text: string): string => (text.length > SAMPLE_SHOWN ? `${text.slice(0, SAMPLE_SHOWN)} …` : text);

/** Four decimals for scores around one, fewer for large ones. */
function format(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 1000 ? 1 : size >= 10 ? 2 : 4);
}
