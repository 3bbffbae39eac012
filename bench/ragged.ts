/**
 * Training on sequences of mixed lengths: rows per second in buckets by length, and padded to the longest, on the same rows;
 * one epoch after a first that makes the graphs. Lengths are log-normal, 8 to 128 steps of 8 numbers.
 *   npm run bench -- ragged [--json]
 */
import type { FitRequest, Matrix, Rows } from '../src/engine/learning/fit';
import { Random } from '../src/engine/random';
import { wholeInMemory } from '../src/engine/learning/blocks';
import { createFit } from '../src/engine/learning/create-fit';

const ROWS = 6144;
const STEPS = 128;
const CHANNELS = 8;
const EPOCHS = 3;
const MODELS: Record<string, Record<string, unknown>> = {
  lstm: { channels: CHANNELS, units: 32 },
  transformer: { input: 'sequence', channels: CHANNELS, width: 32, heads: 2, feed: 64, layers: 1, dropout: 0 },
};
/** One of a row, or one of each of its steps. */
const TASKS = ['binary', 'sequence_labeling'] as const;
type Labels = (typeof TASKS)[number];

function sequences(rows: number, labels: Labels): Matrix {
  const random = new Random(5);
  const uniform = () => random.uint32() / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const width = STEPS * CHANNELS;
  const x = new Float32Array(rows * width).fill(NaN);
  const each = labels === 'sequence_labeling';
  const y = new Float32Array(each ? rows * STEPS : rows);
  const weight = each ? new Float32Array(y.length) : null;
  for (let row = 0; row < rows; row++) {
    const steps = Math.min(STEPS, Math.max(8, Math.round(24 * Math.exp(0.7 * normal()))));
    for (let i = 0; i < steps * CHANNELS; i++) x[row * width + i] = uniform() * 2 - 1;
    if (!weight) y[row] = Number(x[row * width] > 0);
    for (let step = 0; weight && step < steps; step++) {
      y[row * STEPS + step] = Number(x[row * width + step * CHANNELS] > 0);
      weight[row * STEPS + step] = 1;
    }
  }
  return { rows, width, x, y, weight };
}

/** Of the epochs after the first, by when their validation was heard of. */
async function rowsPerSecond(family: string, labels: Labels, train: Rows): Promise<number> {
  const ends: { epoch: number; at: number }[] = [];
  const request: FitRequest<Rows> = {
    family,
    parameters: { ...MODELS[family], epochs: EPOCHS, batchSize: 64, patience: 0 },
    task: labels,
    outputs: 2,
    ...(labels === 'sequence_labeling' && { targets: STEPS }),
    train,
    validation: sequences(8, labels),
    seed: 1,
    resume: null,
  };
  const model = await createFit({ threads: 1, checkpointMs: Infinity })(request, {
    points: (points) => {
      const validation = points.filter(({ split }) => split === 'validation').at(-1);
      if (validation) ends.push({ epoch: validation.epoch!, at: performance.now() });
    },
    checkpoint: () => undefined,
    control: () => 'continue',
    learningRate: () => null,
    learningRateChanged: () => undefined,
  });
  await model.release();
  const [first, last] = [ends[0], ends.at(-1)!];
  return (train.rows * (last.epoch - first.epoch) * 1000) / (last.at - first.at);
}

export async function run(args: string[]): Promise<void> {
  const result: Record<string, { padded: number; buckets: number; gain: number }> = {};
  for (const [family, labels] of Object.keys(MODELS).flatMap((each) => TASKS.map((task) => [each, task] as const))) {
    const rows = sequences(ROWS, labels);
    const padded = await rowsPerSecond(family, labels, wholeInMemory([rows]));
    const buckets = await rowsPerSecond(family, labels, rows);
    result[labels === 'binary' ? family : `${family}, ${labels}`] = {
      padded: Math.round(padded),
      buckets: Math.round(buckets),
      gain: Number((buckets / padded).toFixed(2)),
    };
  }
  process.stdout.write(`${JSON.stringify({ rowsPerSecond: result }, null, args.includes('--json') ? 0 : 1)}\n`);
}

if (require.main === module) {
  run(process.argv.slice(2)).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
