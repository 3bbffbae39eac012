/**
 * Memory over many models: each cycle trains on a table, exports the serving graph, loads it, predicts and unloads it, as a
 * worker thread and an inference thread do. Resident memory must stay flat: the mean of the last tenth of the cycles within
 * 5 % of the mean of the tenth after the warm-up.
 *   npm run bench -- soak [--cycles N] [--json]
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Random } from '../src/engine/random';
import { openModel, train } from '../src/engine/run';
import type { NumberColumn, TrainRequest } from '../src/engine/types';

const CYCLES = 100;
const ROWS = 2000;
const WARM_UP_SHARE = 0.2;
const WINDOW_SHARE = 0.1;
const GROWTH_MAX = 0.05;
const MEBIBYTE = 1024 * 1024;

const FAMILIES = [
  { family: 'logistic', parameters: { epochs: 5 } },
  { family: 'mlp', parameters: { hidden: [128, 64], dropout: 0.2, epochs: 5 } },
  { family: 'svm', parameters: { features: 256, epochs: 5 } },
];

function request(cycle: number): TrainRequest {
  const random = new Random(cycle);
  const uniform = () => random.uint32() / 2 ** 32;
  const values = ['a', 'b', 'c'].map((name): NumberColumn => {
    return { name, kind: 'number', values: Float64Array.from({ length: ROWS }, uniform) };
  });
  const [a, b] = values.map(({ values: list }) => list);
  const codes = Int32Array.from(a, (value, i) => Number(value + b[i] > 1));
  return {
    table: { rowCount: ROWS, columns: [...values, { name: 'label', kind: 'category', codes, levels: ['no', 'yes'] }] },
    target: 'label',
    task: null,
    drop: [],
    split: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true },
    preprocess: { impute: 'median', missingIndicator: true, scale: 'standard', rareFraction: 0.01, levelsMax: 64 },
    estimator: FAMILIES[cycle % FAMILIES.length],
    seed: cycle,
    resume: null,
  };
}

async function cycle(number: number): Promise<void> {
  const port = { emit: () => {}, checkpoint: () => {}, control: () => 'continue' as const };
  const { model, evaluation } = await train(request(number), port, { threads: 1 });
  const served = await openModel(model);
  const columns = [0.9, 0.8, 0.5].map((value) => Float32Array.of(value, 1 - value));
  const { prediction } = await served.predict({ rowCount: 2, columns });
  await served.release();
  const accuracy = evaluation.metrics.find(({ name }) => name === 'accuracy')!.value;
  if (prediction[0] !== 'yes' || accuracy < 0.8) throw new Error(`Cycle ${number} made a model that has not learnt.`);
}

export async function run(args: string[]): Promise<void> {
  const at = args.indexOf('--cycles');
  const cycles = at < 0 ? CYCLES : Number(args[at + 1]);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const residentMb: number[] = [];
  for (let i = 0; i < cycles; i++) {
    await cycle(i);
    collect();
    residentMb.push(process.memoryUsage().rss / MEBIBYTE);
  }
  const result = summary(residentMb);
  process.stdout.write(`${JSON.stringify(result, null, args.includes('--json') ? 0 : 1)}\n`);
  if (!result.flat) process.exitCode = 1;
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
