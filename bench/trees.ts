/**
 * Boosted trees on made rows (trees.data.ts): seconds to train 100 trees of 31 leaves on columns in memory, binning included;
 * most memory while training, the columns included (VmHWM; of a machine that is not Linux, of the whole process); the area
 * under the ROC curve on 10,000 rows held out; and seconds to score these through the file that is deployed, the best of five.
 * Each workload has a process of its own.
 *   npm run bench -- trees [--rows N] [--threads N] [--json]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { ColumnRows, FitRequest, FittedModel, PlainColumn } from '../src/engine/learning/fit';
import { createFit } from '../src/engine/learning/create-fit';
import { areas, rank } from '../src/engine/metrics/ranking';
import { fitPlain } from '../src/engine/preprocess/plain/plain';
import { openModel } from '../src/engine/serving/serving';
import { buildServingGraph } from '../src/engine/serving/serving-graph';
import type { NumberColumn } from '../src/engine/types';
import { makeRows, type MadeRows } from './trees.data';

const ROWS = [100_000, 1_000_000];
const WIDTH = 30;
const HELD_OUT = 10_000;
const REPEATS = 5;
const PARAMETERS = { trees: 100, leaves: 31, learningRate: 0.1, patience: 0, rowShare: 1, refit: false };
const KIBIBYTES_OF_MB = 1024;
/** How Node runs this file. */
const LOADER = extname(__filename) === '.ts' ? ['-r', resolve(__dirname, '../register.cjs')] : [];

interface Workload {
  rows: number;
  threads: number;
}

interface Outcome {
  name: string;
  rows: number;
  trainSeconds: number;
  predictSeconds10000: number;
  rssMb: number;
  score: number;
}

function columnRows({ columns, y }: MadeRows): ColumnRows {
  const rows = y.length;
  const plain = columns.map((values, c): PlainColumn => ({ kind: 'number', name: `x${c}`, values }));
  return { rows, width: WIDTH, columns: plain, at: Uint32Array.from({ length: rows }, (_, i) => i), y, weight: null };
}

const NO_ROWS = (columns: readonly PlainColumn[]): ColumnRows => ({
  ...{ rows: 0, width: WIDTH, columns, at: new Uint32Array(), y: new Float32Array(), weight: null },
});

async function measure({ rows, threads }: Workload): Promise<Outcome> {
  const train = columnRows(makeRows(0, rows, WIDTH));
  forgetPeak();
  const started = performance.now();
  const fitted = await fit(train, threads);
  const trainSeconds = (performance.now() - started) / 1000;
  const rssMb = peakMb();
  const scored = await score(fitted, { train, threads });
  await fitted.release();
  return { name: `boosting, binary, ${rows} x ${WIDTH}`, rows, trainSeconds, rssMb, ...scored };
}

function fit(train: ColumnRows, threads: number): Promise<FittedModel> {
  const request: FitRequest<ColumnRows> = {
    ...{ family: 'boosting', parameters: PARAMETERS, task: 'binary', outputs: 2 },
    ...{ train, validation: NO_ROWS(train.columns), seed: 1, resume: null },
  };
  return createFit({ threads, checkpointMs: Infinity })(request, {
    points: () => undefined,
    checkpoint: () => undefined,
    control: () => 'continue',
    learningRate: () => null,
    learningRateChanged: () => undefined,
  });
}

/** Through the graph that serves, from raw columns. */
async function score(
  fitted: FittedModel,
  { train, threads }: { train: ColumnRows; threads: number },
): Promise<Pick<Outcome, 'predictSeconds10000' | 'score'>> {
  const held = makeRows(train.rows, HELD_OUT, WIDTH);
  const columns = train.columns.map((column) => column as NumberColumn);
  const { encoding, inputs } = fitPlain(columns, train.at.subarray(0, HELD_OUT), {});
  const { parameters, parameterCount } = fitted;
  const card = {
    ...{ task: 'binary' as const, target: 'y', family: 'boosting', parameters, inputs, labels: ['0', '1'] },
    ...{ parameterCount, leftOut: [], warnings: [] },
  };
  const file = buildServingGraph(card, { encoding, targetScales: [{ mean: 0, scale: 1 }] }, fitted);
  const model = await openModel(file, { threads });
  const seconds: number[] = [];
  let answers = new Float32Array();
  for (let i = 0; i < REPEATS; i++) {
    const started = performance.now();
    const output = await model.predict({ rowCount: HELD_OUT, columns: held.columns });
    seconds.push((performance.now() - started) / 1000);
    if (output.kind === 'labels') answers = Float32Array.from(output.probabilities!);
  }
  await model.release();
  const ranking = rank(Uint8Array.from(held.y), answers, 1, 2);
  const weights = new Float32Array(HELD_OUT).fill(1);
  return { predictSeconds10000: Math.min(...seconds), score: areas(ranking, weights).rocAuc };
}

/** The peak starts again from here, where that is allowed. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // It counts the making of the rows as well.
  }
}

function peakMb(): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / KIBIBYTES_OF_MB;
  } catch {
    return process.resourceUsage().maxRSS / KIBIBYTES_OF_MB;
  }
}

async function inOwnProcess(workload: Workload): Promise<Outcome> {
  const child = fork(__filename, [JSON.stringify(workload)], { execArgv: LOADER });
  const [outcome] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('The process that trains ended.'))),
  ])) as [Outcome];
  return outcome;
}

const rounded = ({ name, rows, ...numbers }: Outcome) => ({
  ...{ name, rows },
  trainSeconds: Number(numbers.trainSeconds.toFixed(3)),
  predictSeconds10000: Number(numbers.predictSeconds10000.toFixed(4)),
  rssMb: Number(numbers.rssMb.toFixed(1)),
  score: Number(numbers.score.toFixed(4)),
});

/** The last line printed is the result as JSON. */
export async function run(args: string[]): Promise<void> {
  const option = (name: string): number | null => (args.includes(name) ? Number(args[args.indexOf(name) + 1]) : null);
  const threads = option('--threads') ?? 2;
  const rows = option('--rows');
  const workloads = [];
  for (const count of rows ? [rows] : ROWS) workloads.push(rounded(await inOwnProcess({ rows: count, threads })));
  process.stdout.write(`${JSON.stringify({ workloads }, null, args.includes('--json') ? 0 : 1)}\n`);
}

if (require.main === module) {
  void measure(JSON.parse(process.argv[2])).then((outcome) => process.send!(outcome));
}
