/** Ragged sequences in buckets: what is computed at its own length equals what is computed padded. */
import type { Matrix } from '../../src/engine/learning/fit';
import { createFit } from '../../src/engine/learning/create-fit';
import { wholeInMemory } from '../../src/engine/learning/blocks';
import { bucketBounds, inBuckets, raggedLayout } from '../../src/engine/gradient/buckets';
import { eagerExecutor } from '../../src/engine/executors/eager.executor';
import { Epochs } from '../../src/engine/gradient/epochs';
import type { Executor } from '../../src/engine/executors/executor';
import { onnxExecutor } from '../../src/engine/executors/onnx.executor';
import { randomSource } from './support/recorded';
import { fillParameters, sequenceLayout } from '../../src/engine/families/registry';
import { planStep, type StepPlan } from '../../src/engine/gradient/step';
import { listen, planFor, requestFor, startOf, stepsFor } from './support/training';

const STEPS = 12;

/** Sequences of 2 channels and 1 to `longest` steps, or of tokens; the rest of a row is padding. */
function ragged(rows: number, o: { tokens?: boolean; longest?: number; seed?: number } = {}): Matrix {
  const { tokens = false, longest = STEPS, seed = 5 } = o;
  const random = randomSource(seed);
  const channels = tokens ? 1 : 2;
  const width = STEPS * channels;
  const x = new Float32Array(rows * width).fill(NaN);
  const y = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const steps = 1 + Math.floor(((random() + 1) / 2) ** 2 * longest * 0.999);
    for (let i = 0; i < steps * channels; i++) {
      x[row * width + i] = tokens ? 1 + Math.floor((random() + 1) * 2.4) : random();
    }
    // A gap inside a sequence is no end of it.
    if (steps > 3 && row % 4 === 0) x[row * width + channels] = NaN;
    const last = x[row * width + (steps - 1) * channels];
    y[row] = Number(last > (tokens ? 2 : 0));
  }
  return { rows, width, x, y, weight: null };
}

/** The first columns of all rows. */
function narrowed({ x, rows, width, ...rest }: Matrix, columns: number): Matrix {
  const kept = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) kept.set(x.subarray(row * width, row * width + columns), row * columns);
  return { ...rest, rows, width: columns, x: kept };
}

/** Each step has the label of whether it is above zero, some do not; padding has none. */
function labeled(rows: Matrix): Matrix {
  const steps = rows.width / 2;
  const values = Float32Array.from({ length: rows.rows * steps }, (_, i) => rows.x[2 * i]);
  const known = values.map((value, i) => (Number.isNaN(value) || i % 7 === 3 ? 0 : 1));
  return { ...rows, y: values.map((value, i) => Number(known[i] > 0 && value > 0)), weight: known };
}

const LABELING: [string, Record<string, unknown>][] = [
  ['gru', { channels: 2, units: 5, bidirectional: true, dropout: 0.2 }],
  ['transformer', { input: 'sequence', channels: 2, width: 8, heads: 2, feed: 6, layers: 1, dropout: 0.2 }],
];

const FAMILIES: [string, Record<string, unknown>][] = [
  ['rnn', { channels: 2, units: 5, pooling: 'mean', bidirectional: true }],
  ['lstm', { channels: 2, units: 5, layers: 2, dropout: 0.3 }],
  ['gru', { channels: 2, units: 5, bidirectional: true }],
  ['transformer', { input: 'sequence', channels: 2, width: 8, heads: 2, feed: 6, layers: 1, dropout: 0.2 }],
  ['transformer', { input: 'sequence', channels: 2, width: 8, heads: 2, feed: 6, positions: 'sinusoidal', layers: 1 }],
  ['transformer', { input: 'tokens', vocabulary: 6, width: 8, heads: 2, feed: 6, layers: 2 }],
];

const EXECUTORS: Executor[] = [onnxExecutor({ threads: 1, provider: 'cpu' }), eagerExecutor('reference', 'cpu')];

/** The same loss, gradient and score from rows that are padded and from the same rows that are cut. */
async function expectSame(executor: Executor, plan: StepPlan, padded: Matrix, cut: Matrix): Promise<void> {
  // One plain step of rate one: what it takes away is the gradient.
  const runner = await executor.prepare(plan, 16);
  const steps = {
    ...stepsFor(plan, { rows: 16, batch: 16, count: 1, rate: 1 }),
    order: Int32Array.from(Array(16).keys()),
  };
  const [a, b] = [await runner.train(startOf(plan), steps, padded), await runner.train(startOf(plan), steps, cut)];
  const scores = [await runner.score(a.state[0], padded), await runner.score(a.state[0], cut)];
  await runner.release();
  expect(b.losses[0]).toBeCloseTo(a.losses[0], 5);
  b.state[0].forEach((value, i) => expect(Math.abs(value - a.state[0][i])).toBeLessThan(1e-5));
  expect(a.state[0]).not.toEqual(startOf(plan)[0]);
  expect(scores[1].loss).toBeCloseTo(scores[0].loss, 4);
  expect(scores[1].correct).toBe(scores[0].correct);
}

describe.each(EXECUTORS)('$name', (executor) => {
  test.each(FAMILIES)(
    '%s %j: a batch cut to its longest row has the loss and gradient of the padded one',
    async (...args) => {
      const [family, parameters] = args;
      const tokens = parameters.input === 'tokens';
      const padded = ragged(16, { tokens, longest: 7 });
      const cut = narrowed(padded, tokens ? 7 : 14);
      const plan = planFor(family, { ...parameters, optimizer: 'sgd', l2: 0 }, 'binary', padded.width);
      await expectSame(executor, plan, padded, cut);
    },
  );
});

describe.each(EXECUTORS)('labels of each step on $name', (executor) => {
  test.each(LABELING)(
    '%s %j: cut with their steps, they give the loss and gradient of padded ones',
    async (...args) => {
      const [family, parameters] = args;
      const padded = labeled(ragged(16, { longest: 7 }));
      const firstOf = (values: Float32Array) =>
        Float32Array.from({ length: 16 * 7 }, (_, i) => values[Math.floor(i / 7) * STEPS + (i % 7)]);
      const cut = { ...narrowed(padded, 14), y: firstOf(padded.y), weight: firstOf(padded.weight!) };
      const settings = fillParameters(family, { ...parameters, optimizer: 'sgd', l2: 0 }, 16);
      const dimensions = { task: 'sequence_labeling', width: padded.width, outputs: 2, targets: STEPS } as const;
      const plan = planStep(family, settings, dimensions);
      await expectSame(executor, plan, padded, cut);
    },
  );
});

test('a label beyond the last number keeps its step', async () => {
  const rows = labeled(ragged(64, { longest: 4 }));
  const layout = raggedLayout(sequenceLayout('lstm', { channels: 2 }), 'sequence_labeling')!;
  const widthsOf = (matrix: Matrix) => inBuckets(matrix, layout, 8).groups[0].map(({ width }) => width);
  expect(Math.max(...widthsOf(rows))).toBe(8);
  const weight = rows.weight!.map((value, i) => (i === 10 ? 1 : value));
  const blocks = inBuckets({ ...rows, weight }, layout, 8);
  expect(Math.max(...blocks.groups[0].map(({ width }) => width))).toBe(22);
  for (const block of await blocks.load(0)) {
    expect([block.y.length, block.weight!.length]).toEqual([(block.rows * block.width) / 2, block.y.length]);
  }
  expect(Math.max(...widthsOf({ ...rows, weight: null }))).toBe(24);
});

describe('bounds', () => {
  const lengths = (counts: Record<number, number>) =>
    Int32Array.from(Object.entries(counts).flatMap(([length, count]) => new Array<number>(count).fill(Number(length))));

  test('leave the fewest steps to compute, with enough rows each', () => {
    expect(bucketBounds(lengths({ 5: 100, 20: 100, 21: 100, 200: 20 }), 16)).toEqual([5, 21, 200]);
    expect(bucketBounds(lengths({ 5: 100, 20: 100, 21: 100, 200: 20 }), 64)).toEqual([20, 200]);
    expect(bucketBounds(lengths({ 49: 100, 50: 100 }), 16)).toEqual([50]);
    expect(bucketBounds(lengths({ 3: 4 }), 16)).toEqual([3]);
  });

  test('are as good as any choice that leaves as many buckets', () => {
    const random = randomSource(8);
    const drawn = Int32Array.from({ length: 200 }, () => 1 + Math.floor(((random() + 1) / 2) ** 3 * 12));
    const cost = (bounds: number[]) => drawn.reduce((sum, length) => sum + bounds.find((bound) => length <= bound)!, 0);
    const found = bucketBounds(drawn, 1);
    const longest = found.at(-1)!;
    const choices = Array.from({ length: 2 ** (longest - 1) }, (_, bits) => [
      ...Array.from({ length: longest - 1 }, (_, i) => i + 1).filter((length) => (bits >> (length - 1)) & 1),
      longest,
    ]).filter(({ length }) => length === found.length);
    expect(cost(found)).toBe(Math.min(...choices.map(cost)));
  });
});

describe('epochs over buckets', () => {
  const layout = raggedLayout(sequenceLayout('lstm', { channels: 2 }), 'binary')!;
  const rows = ragged(301);
  const blocks = inBuckets(rows, layout, 16);

  test('rows go to blocks cut to their longest row', async () => {
    expect(blocks.groups[0].length).toBeGreaterThan(2);
    expect(blocks.rows).toBe(301);
    for (const { x, width, rows: count } of await blocks.load(0)) {
      const last = Array.from({ length: count }, (_, i) => x[(i + 1) * width - 1]);
      expect(last.some((value) => !Number.isNaN(value))).toBe(true);
    }
  });

  test('use every row, mix the buckets in an order of their own, and repeat from any step', async () => {
    const epochs = new Epochs(blocks, 16, 9);
    const visits = async (epoch: number) => {
      const seen: { width: number; order: number[] }[] = [];
      for (let step = 0; step < epochs.stepsPerEpoch;) {
        const { rows, order, count } = await epochs.take(epoch * epochs.stepsPerEpoch + step, 3);
        seen.push({ width: rows.width, order: Array.from(order) });
        step += count;
      }
      return seen;
    };
    const [first, second] = [await visits(0), await visits(1)];
    for (const seen of [first, second]) {
      for (const { rows: count, width } of blocks.groups[0]) {
        const used = seen.filter((piece) => piece.width === width).flatMap(({ order }) => order);
        expect(new Set(used).size).toBe(count);
      }
    }
    const widths = (seen: typeof first) => seen.map(({ width }) => width);
    expect(widths(first)).not.toEqual([...widths(first)].sort((a, b) => a - b));
    expect(widths(second)).not.toEqual(widths(first));
    const { order, rows: taken } = await new Epochs(blocks, 16, 9).take(epochs.stepsPerEpoch, 3);
    expect([Array.from(order), taken.width]).toEqual([second[0].order, second[0].width]);
  });

  test('rows of one length stay what they are', async () => {
    const full = { ...rows, x: rows.x.map((value) => (Number.isNaN(value) ? 0 : value)) };
    expect((await inBuckets(full, layout, 16).load(0))[0]).toBe(full);
  });
});

describe('a run over ragged sequences', () => {
  const parameters = { channels: 2, units: 6, epochs: 2, batchSize: 16, dropout: 0.2, patience: 0 };
  const request = {
    ...requestFor('binary', 'gru', parameters),
    train: ragged(200),
    validation: ragged(60, { seed: 6 }),
  };
  const eager = createFit({ checkpointMs: 0 });
  const outcome = async (input: Parameters<typeof eager>[0]) => {
    const heard = listen();
    const model = await eager(input, heard);
    const output = Array.from(await model.predict(request.validation.x, 60));
    await model.release();
    return { heard, output, loss: model.validationLoss };
  };

  test('resumed from checkpoints inside an epoch, it ends with the same bits', async () => {
    const whole = await outcome(request);
    const { states } = whole.heard;
    expect(states.length).toBeGreaterThan(8);
    for (const { bytes, pointsBefore } of [0.2, 0.5, 0.9].map((share) => states[Math.floor(share * states.length)])) {
      const rest = await outcome({ ...request, resume: bytes });
      expect(rest.heard.all).toEqual(whole.heard.all.slice(pointsBefore));
      expect(rest.output).toEqual(whole.output);
    }
  });

  test('learns as well as one that pads', async () => {
    const longer = { ...request, parameters: { ...parameters, epochs: 20, dropout: 0, learningRate: 0.02 } };
    const padded = {
      ...longer,
      train: wholeInMemory([request.train]),
      validation: wholeInMemory([request.validation]),
    };
    const [cut, full] = [await outcome(longer), await outcome(padded)];
    expect(cut.loss).toBeLessThan(0.35);
    expect(Math.abs(cut.loss - full.loss)).toBeLessThan(0.15);
  });

  test('its margins are calibrated on whole rows', async () => {
    const { output } = await outcome({ ...request, parameters: { ...parameters, loss: 'hinge' } });
    expect(output.every((p) => p > 0 && p < 1)).toBe(true);
  });
});
