/**
 * Training throughput: samples per second of the reference workloads, best of three; Adam, float32, cross-entropy.
 *   node -r ./register.cjs bench/train.ts [--json] [--explain] [--threads N] [workload ...]
 * `--explain` prints where ONNX Runtime's time goes, by operator and by the shapes of its nodes.
 */
import { readFileSync, readdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillParameters } from '../src/engine/families/registry';
import type { IdEncoding } from '../src/engine/preprocess/encoding';
import { Random } from '../src/engine/random';
import { onnxExecutor } from '../src/engine/executors/onnx.executor';
import { scalarsOf } from '../src/engine/gradient/optimizers';
import { initialParameters, planStep, type StepPlan } from '../src/engine/gradient/step';

interface Workload {
  family: string;
  parameters: Record<string, unknown>;
  rows: number;
  width: number;
  /** Features are numbers in [-1, 1), or token ids below this. */
  vocabulary?: number;
  classes: number;
  batch: number;
  steps: number;
}

/** 50 steps of 16 numbers. */
const SEQUENCES = { channels: 16, units: 64, ragged: false, clipNorm: null };

/** Plain blocks of convolution, relu and maximum, as the peer has them. */
const IMAGES = { filters: [16, 32], kernelSize: [3], hidden: [64], batchNormalization: false, dropout: 0 };
const SERIES = { filters: [32, 64], kernelSize: [7, 5], hidden: [], batchNormalization: false, dropout: 0 };

const WORKLOADS: Record<string, Workload> = {
  logistic: { family: 'logistic', parameters: {}, rows: 8192, width: 30, classes: 2, batch: 256, steps: 400 },
  mlp: { family: 'mlp', parameters: { hidden: [128, 64] }, rows: 8192, width: 30, classes: 2, batch: 256, steps: 400 },
  'mlp-wide': {
    family: 'mlp',
    parameters: { hidden: [1024, 1024] },
    rows: 4096,
    width: 512,
    classes: 10,
    batch: 256,
    steps: 40,
  },
  // As PyTorch's encoder layer stands by default, and without positions as in the peer's script.
  transformer: {
    family: 'transformer',
    parameters: {
      input: 'tokens',
      vocabulary: 5000,
      padding: null,
      positions: 'none',
      normalization: 'after',
      dropout: 0,
    },
    rows: 2048,
    width: 64,
    vocabulary: 5000,
    classes: 2,
    batch: 64,
    steps: 30,
  },
  cnn2d: { family: 'cnn2d', parameters: IMAGES, rows: 2048, width: 784, classes: 10, batch: 64, steps: 60 },
  cnn1d: { family: 'cnn1d', parameters: SERIES, rows: 2048, width: 140, classes: 5, batch: 64, steps: 100 },
  lstm: { family: 'lstm', parameters: SEQUENCES, rows: 2048, width: 800, classes: 2, batch: 64, steps: 60 },
  gru: { family: 'gru', parameters: SEQUENCES, rows: 2048, width: 800, classes: 2, batch: 64, steps: 60 },
};

const WARM_UP = 5;
const REPEATS = 3;

function matrix({ rows, width, classes, vocabulary }: Workload) {
  const random = new Random(7);
  const feature = () => (vocabulary ? random.below(vocabulary) : random.uint32() / 2 ** 31 - 1);
  const x = Float32Array.from({ length: rows * width }, feature);
  return { rows, width, x, y: Float32Array.from({ length: rows }, () => random.below(classes)), weight: null };
}

/** All token ids are known, as in a run whose rows they were read from. */
function vocabularyOf(count: number): IdEncoding {
  const numbers = Float64Array.from({ length: count }, (_, id) => id);
  return { columns: [], numbers, texts: [], missing: -1, padding: null, complete: true };
}

function planOf({ family, parameters: overrides, width, classes, rows, batch, vocabulary }: Workload): StepPlan {
  const parameters = fillParameters(family, { batchSize: batch, l2: 0, ...overrides }, rows);
  const ids = vocabulary === undefined ? undefined : [vocabularyOf(vocabulary)];
  const dimensions = { task: 'multiclass' as const, width, outputs: classes, ids };
  return planStep(family, { ...parameters, optimizer: 'adam' }, dimensions);
}

/** The mini-batches of `count` steps, one after the other through the rows as the peer takes them. */
function stepsOf(plan: StepPlan, { rows, batch }: Workload, from: number, count: number) {
  return {
    count,
    order: Int32Array.from(
      { length: count * batch },
      (_, i) => ((Math.floor(i / batch) * batch) % (rows - batch)) + (i % batch),
    ),
    keys: null,
    scalars: scalarsOf(plan.optimizer, from, new Array<number>(count).fill(1e-3)),
  };
}

async function measure(workload: Workload, threads: number, profilePrefix?: string): Promise<number> {
  const plan = planOf(workload);
  const train = matrix(workload);
  const executor = onnxExecutor({ threads, provider: 'cpu', profilePrefix });
  const runner = await executor.prepare(plan, workload.batch);
  const first = initialParameters(plan.program, 7);
  let state = [first, new Float32Array(first.length), new Float32Array(first.length)];
  ({ state } = await runner.train(state, stepsOf(plan, workload, 0, WARM_UP), train));
  let best = 0;
  for (let i = 0; i < REPEATS; i++) {
    const started = performance.now();
    const steps = stepsOf(plan, workload, WARM_UP + i * workload.steps, workload.steps);
    ({ state } = await runner.train(state, steps, train));
    best = Math.max(best, (workload.steps * workload.batch * 1000) / (performance.now() - started));
  }
  if (profilePrefix) await runner.endProfiling?.();
  await runner.release();
  return best;
}

interface ProfileEvent {
  cat: string;
  name: string;
  dur: number;
  args?: { op_name?: string; input_type_shape?: object[]; output_type_shape?: object[] };
}

interface Spent {
  us: number;
  calls: number;
}

function spend(sums: Map<string, Spent>, key: string, us: number): void {
  const { us: before, calls } = sums.get(key) ?? { us: 0, calls: 0 };
  sums.set(key, { us: before + us, calls: calls + 1 });
}

const shapesOf = (list: object[] = []) => list.map((entry) => `[${Object.values(entry)[0]}]`).join(' ');

/** Kinds of nodes of an operator, by their shapes, that take at least this share of the step get a line. */
const SHARE_SHOWN = 0.01;

/** Sums ONNX Runtime's own profile by operator and, below each, by shapes. The loops themselves hold the rest. */
function explain(name: string, file: string, { steps }: Workload): void {
  const events = JSON.parse(readFileSync(file, 'utf8')) as ProfileEvent[];
  const [byOperator, byShape] = [new Map<string, Spent>(), new Map<string, Map<string, Spent>>()];
  for (const { cat, name: event, dur, args } of events) {
    if (cat !== 'Node' || !event.endsWith('_kernel_time') || !args?.op_name) continue;
    const { op_name: operator, input_type_shape: inputs, output_type_shape: outputs } = args;
    spend(byOperator, operator, dur);
    const shapes = byShape.get(operator) ?? new Map<string, Spent>();
    byShape.set(operator, shapes);
    spend(shapes, `${shapesOf(inputs)} → ${shapesOf(outputs)}`, dur);
  }
  const total = REPEATS * steps + WARM_UP;
  const loop = byOperator.get('Loop')?.us ?? 0;
  const longestFirst = (sums: Map<string, Spent>) => [...sums].sort((a, b) => b[1].us - a[1].us);
  const line = (title: string, { us, calls }: Spent) =>
    `${`${(us / total).toFixed(1)} µs`.padStart(12)}${`${(calls / total).toFixed(1)} nodes`.padStart(13)}  ${title}\n`;
  process.stdout.write(`${name}: ${(loop / total).toFixed(1)} µs per step\n`);
  for (const [operator, sum] of longestFirst(byOperator)) {
    if (operator === 'Loop') continue;
    process.stdout.write(line(operator, sum));
    for (const [shapes, part] of longestFirst(byShape.get(operator)!)) {
      if (part.us > SHARE_SHOWN * loop) process.stdout.write(line(`  ${shapes}`, part));
    }
  }
}

async function explained(name: string, workload: Workload, threads: number): Promise<void> {
  const prefix = join(tmpdir(), `praxis-profile-${process.pid}-${name}`);
  await measure(workload, threads, prefix);
  for (const file of readdirSync(tmpdir())) {
    if (!join(tmpdir(), file).startsWith(prefix)) continue;
    explain(name, join(tmpdir(), file), workload);
    unlinkSync(join(tmpdir(), file));
  }
}

/** Arguments as on the command line; the last line printed is the result as JSON. */
export async function run(args: string[]): Promise<void> {
  const at = args.indexOf('--threads');
  const threads = at < 0 ? 2 : Number(args[at + 1]);
  const names = args.filter((arg, i) => !arg.startsWith('--') && (at < 0 || i !== at + 1));
  const unknown = names.filter((name) => !(name in WORKLOADS));
  if (unknown.length)
    throw new Error(`Unknown workload ${unknown.join(', ')}; known: ${Object.keys(WORKLOADS).join(', ')}.`);
  const samplesPerSecond: Record<string, number> = {};
  for (const name of names.length ? names : Object.keys(WORKLOADS)) {
    if (args.includes('--explain')) await explained(name, WORKLOADS[name], threads);
    samplesPerSecond[name] = Math.round((await measure(WORKLOADS[name], threads)) * 10) / 10;
    if (!args.includes('--json'))
      process.stdout.write(`${name}: ${samplesPerSecond[name].toLocaleString('en')} samples/s\n`);
  }
  const { version } = JSON.parse(readFileSync(require.resolve('onnxruntime-node/package.json'), 'utf8'));
  process.stdout.write(`${JSON.stringify({ library: `praxis, onnxruntime-node ${version}`, samplesPerSecond })}\n`);
}

if (require.main === module) {
  run(process.argv.slice(2)).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
