/**
 * Memory over many models: each cycle trains on a table, exports the serving graph, loads it, predicts and unloads it, as a
 * worker thread and an inference thread do, in a process that is started as `start` starts `work`. Resident memory must stay
 * flat: the mean of the last tenth of the cycles within 5 % of the mean of the tenth after the warm-up.
 *   npm run bench -- soak [--cycles N] [--families mlp,lstm] [--json]
 */
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Random } from '../src/engine/random';
import { openModel, train } from '../src/engine/run';
import type { NumberColumn, TrainRequest } from '../src/engine/types';
import { launchChild } from '../src/process';

const CYCLES = 100;
const ROWS = 800;
/** Steps of a series, or the pixels of an image. */
const COLUMNS = 16;
const WARM_UP_SHARE = 0.2;
const WINDOW_SHARE = 0.1;
const GROWTH_MAX = 0.05;
const MEBIBYTE = 1024 * 1024;

const FAMILIES = [
  { family: 'logistic', parameters: { epochs: 8 } },
  { family: 'mlp', parameters: { hidden: [128, 64], dropout: 0.2, epochs: 5 } },
  { family: 'svm', parameters: { features: 256, epochs: 8 } },
  { family: 'cnn1d', parameters: { filters: [8, 16], epochs: 4 } },
  { family: 'cnn2d', parameters: { dropout: 0, shape: [4, 4, 1], filters: [8, 16], epochs: 8 } },
  { family: 'rnn', parameters: { units: 32, epochs: 4 } },
  { family: 'lstm', parameters: { units: 32, epochs: 4 } },
  { family: 'gru', parameters: { units: 32, epochs: 4 } },
  { family: 'transformer', parameters: { width: 32, feed: 64, layers: 1, epochs: 4 } },
];

function request(estimator: TrainRequest['estimator'], seed: number): TrainRequest {
  const random = new Random(seed);
  const uniform = () => random.uint32() / 2 ** 32;
  const columns = Array.from({ length: COLUMNS }, (_, i): NumberColumn => {
    return { name: `c${i}`, kind: 'number', values: Float64Array.from({ length: ROWS }, uniform) };
  });
  const codes = Int32Array.from({ length: ROWS }, (_, row) =>
    Number(columns.reduce((sum, { values }) => sum + values[row], 0) > COLUMNS / 2),
  );
  return {
    table: { rowCount: ROWS, columns: [...columns, { name: 'label', kind: 'category', codes, levels: ['no', 'yes'] }] },
    target: 'label',
    task: null,
    drop: [],
    split: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true },
    preprocess: { impute: 'median', missingIndicator: true, scale: 'standard', rareFraction: 0.01, levelsMax: 64 },
    estimator,
    seed,
    resume: null,
  };
}

async function cycle(estimator: TrainRequest['estimator'], number: number): Promise<void> {
  const port = { emit: () => {}, checkpoint: () => {}, control: () => 'continue' as const };
  const { model, evaluation } = await train(request(estimator, number), port, { threads: 1 });
  const served = await openModel(model);
  const columns = Array.from({ length: COLUMNS }, () => Float32Array.of(0.8, 0.2));
  const { prediction } = await served.predict({ rowCount: 2, columns });
  await served.release();
  const accuracy = evaluation.metrics.find(({ name }) => name === 'accuracy')!.value;
  if (prediction[0] !== 'yes' || accuracy < 0.7)
    throw new Error(`Cycle ${number} made a ${estimator.family} that has not learnt.`);
}

export async function run(args: string[]): Promise<void> {
  const child = launchChild({ name: 'soak', args: [__filename, ...args], environment: process.env });
  [process.exitCode] = (await once(child, 'exit')) as [number];
}

async function soak(args: string[]): Promise<void> {
  const argument = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : null);
  const cycles = Number(argument('--cycles') ?? CYCLES);
  const families = chosen(argument('--families'));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const residentMb: number[] = [];
  for (let i = 0; i < cycles; i++) {
    await cycle(families[i % families.length], i);
    collect();
    residentMb.push(process.memoryUsage().rss / MEBIBYTE);
  }
  const result = { families: families.map(({ family }) => family), ...summary(residentMb) };
  process.stdout.write(`${JSON.stringify(result, null, args.includes('--json') ? 0 : 1)}\n`);
  if (!result.flat) process.exitCode = 1;
}

function chosen(names: string | null): TrainRequest['estimator'][] {
  if (names === null) return FAMILIES;
  return names.split(',').map((name) => {
    const found = FAMILIES.find(({ family }) => family === name);
    if (found) return found;
    throw new Error(`There is no family "${name}" to soak; one of ${FAMILIES.map(({ family }) => family).join(', ')}.`);
  });
}

function summary(residentMb: number[]) {
  const window = Math.max(1, Math.round(residentMb.length * WINDOW_SHARE));
  const warm = Math.round(residentMb.length * WARM_UP_SHARE);
  const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length;
  const [first, last] = [mean(residentMb.slice(warm, warm + window)), mean(residentMb.slice(-window))];
  const growth = last / first - 1;
  const rounded = (value: number, digits: number) => Number(value.toFixed(digits));
  return {
    cycles: residentMb.length,
    residentMb: { first: rounded(first, 1), last: rounded(last, 1), highest: rounded(Math.max(...residentMb), 1) },
    growth: rounded(growth, 4),
    flat: Math.abs(growth) <= GROWTH_MAX,
  };
}

if (require.main === module) {
  soak(process.argv.slice(2))
    .catch((error: Error) => {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 1;
    })
    .finally(() => process.disconnect());
}
