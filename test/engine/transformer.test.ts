/** The layers of the transformer against the reference executor, and the family on problems only attention can solve. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { attention } from '../../src/engine/layers/attention';
import { dropoutSteps } from '../../src/engine/layers/dropout';
import { layerNormalization } from '../../src/engine/layers/layer-normalization';
import { embed } from '../../src/engine/layers/ids';
import { StepMask } from '../../src/engine/layers/recurrent/step-mask';
import { maximumOverSteps, meanOverSteps, sinusoidalPositions } from '../../src/engine/layers/recurrent/tokens';
import { checkParameters, fillParameters, findGradientFamily } from '../../src/engine/families/registry';
import type { Matrix } from '../../src/engine/learning/fit';
import { encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { fit } from '../../src/engine/learning/create-fit';
import { OrtSession } from '../../src/engine/executors/ort';
import { BATCH, record } from '../../src/engine/trace/record';
import { EngineError } from '../../src/engine/types';
import {
  bool,
  expectRecorded,
  expectSame,
  float,
  int,
  onGraph,
  onReference,
  randomSource,
  scaled,
} from './support/recorded';
import { listen } from './support/training';

/** The value of a program, and its gradients by every input for a random direction. */
const withGradients =
  (program: (...t: tf.Tensor[]) => tf.Tensor, keys: string[]) =>
  (t: Record<string, tf.Tensor>): tf.Tensor[] => {
    const tensors = keys.map((key) => t[key]);
    const { value, grads } = tf.valueAndGrads((...x: tf.Tensor[]) => tf.sum(tf.mul(program(...x), t.direction)))(
      tensors,
    );
    return [value, program(...tensors), ...grads];
  };

describe('layer normalization', () => {
  const program = withGradients((x, scale, offset) => layerNormalization(x, scale, offset), ['x', 'scale', 'offset']);

  test.each([
    [7, 5],
    [1, 3],
    [70, 8],
  ])('rows %i, units %i: value and gradients', async (rows, units) => {
    const givens = { x: scaled(3, rows, units), scale: float(units), offset: float(units) };
    await expectRecorded({ ...givens, direction: float(rows, units) }, program, 1e-4);
  });

  test('the gradients are those that TensorFlow.js derives from the definition', () => {
    const plain = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) => {
      const { mean, variance } = tf.moments(x, 1, true);
      return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), scale), offset);
    };
    const givens = { x: scaled(3, 6, 4), scale: float(4), offset: float(4), direction: float(6, 4) };
    const derived = onReference(givens, withGradients(plain, ['x', 'scale', 'offset']));
    expectSame(onReference(givens, program), derived, 1e-4);
  });
});

describe('attention', () => {
  const [steps, batch, heads, size] = [5, 3, 2, 4];
  const units = heads * size;
  const shape = { steps, batch, heads };
  const masked = (t: Record<string, tf.Tensor>) =>
    withGradients((qkv) => attention(qkv, tf.mul(tf.cast(t.hidden, 'float32'), -1e9), shape), ['qkv'])(t);
  const givens = () => ({ qkv: scaled(2, steps * batch, 3 * units), direction: float(steps * batch, units) });

  test('value and gradient', async () => {
    await expectRecorded(
      givens(),
      withGradients((qkv) => attention(qkv, null, shape), ['qkv']),
      1e-4,
    );
  });

  test('value and gradient with hidden steps', async () => {
    await expectRecorded({ ...givens(), hidden: bool(batch, 1, 1, steps) }, masked, 1e-4);
  });

  test('one step, one row, one head', async () => {
    const one = { qkv: float(1, 6), direction: float(1, 2) };
    const program = (qkv: tf.Tensor) => attention(qkv, null, { steps: 1, batch: 1, heads: 1 });
    await expectRecorded(one, withGradients(program, ['qkv']));
  });

  test('is the textbook formula, head by head, and so is its gradient', () => {
    const textbook = (qkv: tf.Tensor) => {
      const by = tf.transpose(tf.reshape(qkv, [steps, batch, 3, heads, size]), [2, 1, 3, 0, 4]);
      const [q, k, v] = tf.unstack(by);
      const weights = tf.softmax(tf.div(tf.matMul(q, k, false, true), Math.sqrt(size)));
      return tf.reshape(tf.transpose(tf.matMul(weights, v), [2, 0, 1, 3]), [steps * batch, units]);
    };
    const tensors = givens();
    const expected = onReference(tensors, withGradients(textbook, ['qkv']));
    expectSame(
      onReference(
        tensors,
        withGradients((qkv) => attention(qkv, null, shape), ['qkv']),
      ),
      expected,
      1e-4,
    );
  });
});

describe('tokens', () => {
  test('what is no place in the table has the mean of its vectors', async () => {
    const x = { shape: [6], dtype: 'float32' as const, values: Float32Array.of(0, 4, 5, -1, NaN, 2) };
    const table = { shape: [5, 2], dtype: 'float32' as const, values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 15) };
    await expectRecorded({ table, x }, (t) => embed(t.table, t.x));
    const [{ values }] = onReference({ table, x }, (t) => embed(t.table, t.x));
    expect(values).toEqual([1, 2, 9, 15, 5, 7, 5, 7, 5, 7, 5, 6]);
  });

  test('mean and maximum leave masked steps out; without any step they are zero', () => {
    const x = { shape: [4, 1], dtype: 'float32' as const, values: Float32Array.of(1, 2, 3, 4) };
    const missing = { shape: [4], dtype: 'bool' as const, values: Uint8Array.of(0, 1, 0, 1) };
    const masked = (join: typeof meanOverSteps) =>
      onReference({ x, missing }, (t) => join(t.x, 2, StepMask.of(t.missing, 2)))[0].values.map((value) => value + 0);
    expect([masked(meanOverSteps), masked(maximumOverSteps)]).toEqual([
      [2, 0],
      [3, 0],
    ]);
    expect(onReference({ x }, (t) => meanOverSteps(t.x, 2, null))[0].values).toEqual([2, 3]);
  });

  test('sinusoidal positions are sines and cosines of one angle per pair', () => {
    void tf.setBackend('cpu');
    const values = sinusoidalPositions(3, 4).dataSync();
    const angle = 2 / 10_000 ** (2 / 4);
    expect(Array.from(values.slice(8))).toEqual(
      [Math.sin(2), Math.cos(2), Math.sin(angle), Math.cos(angle)].map((v) => expect.closeTo(v, 5)),
    );
  });

  test('dropout of steps: the same mask on both executors, another one for every step', async () => {
    const givens = {
      x: { ...float(12, 16), values: new Float32Array(192).fill(1) },
      keys: int(-(2 ** 30), 2 ** 30, 3),
    };
    const program = (t: Record<string, tf.Tensor>) => dropoutSteps(t.x, 0.5, { rowKeys: t.keys, steps: 4, stream: 1 });
    await expectRecorded(givens, program);
    const [{ values }] = onReference(givens, program);
    const rows = Array.from({ length: 12 }, (_, i) => values.slice(i * 16, (i + 1) * 16).join());
    expect(new Set(rows).size).toBe(12);
  });
});

test('the features of a column are one step: their vectors, weighed and summed', async () => {
  await tf.setBackend('cpu');
  const settings = fillParameters('transformer', { width: 8, heads: 2, feed: 8, layers: 1, dropout: 0 }, 10);
  const { program } = findGradientFamily('transformer');
  const dimensions = { task: 'regression' as const, outputs: 1 };
  const grouped = program(settings, { ...dimensions, width: 4, columns: [0, 1, 0, 0] });
  const single = program(settings, { ...dimensions, width: 2 });
  const shapes = ({ parameters }: typeof grouped) => parameters.slice(0, 2).map(({ shape }) => shape);
  expect([shapes(grouped), shapes(single)]).toEqual([
    [
      [2, 3, 8],
      [2, 1, 8],
    ],
    [
      [2, 1, 8],
      [2, 1, 8],
    ],
  ]);
  const values = Object.fromEntries(
    grouped.parameters.map(({ name, shape }) => [name, tf.randomUniform(shape, -1, 1, 'float32', 5)]),
  );
  const [a, b, c, d] = [0.5, 2, -1.5, 3];
  const [first, second] = tf.unstack(values.kernel_0 as tf.Tensor3D);
  const sum = tf.matMul(tf.tensor2d([[a, c, d]]), first as tf.Tensor2D);
  const summed = { ...values, kernel_0: tf.stack([sum, tf.slice(second, [0, 0], [1, 8])]) };
  const expected = single.forward(summed, tf.tensor2d([[1, b]]), null).dataSync()[0];
  expect(grouped.forward(values, tf.tensor2d([[a, b, c, d]]), null).dataSync()[0]).toBeCloseTo(expected, 4);
});

test.each([3, 4000])('sums by %i segments are exact on two threads, whatever repeats', async (segments) => {
  const [x, ids] = [int(-3, 4, 4096, 64), int(0, segments, 4096)];
  const graph = new GraphBuilder();
  const inputs = {
    x: { name: graph.input('x', 'float32', x.shape), shape: x.shape, dtype: 'float32' as const },
    ids: { name: graph.input('ids', 'int32', ids.shape), shape: ids.shape, dtype: 'int32' as const },
  };
  const { y } = record(graph, inputs, (t) => ({ y: tf.unsortedSegmentSum(t.x, t.ids as tf.Tensor1D, segments) }));
  graph.output(graph.call('Identity', [y.name], {}, { outputs: ['y'] }), 'float32', [segments, 64]);
  const expected = new Float32Array(segments * 64);
  x.values.forEach((value, i) => (expected[ids.values[Math.floor(i / 64)] * 64 + (i % 64)] += value));
  const session = await OrtSession.create(encodeModel(graph), { threads: 2 });
  const feeds = {
    x: { type: 'float32' as const, dims: x.shape, data: Float32Array.from(x.values) },
    ids: { type: 'int32' as const, dims: ids.shape, data: ids.values },
  };
  // As bytes: a matcher takes a second for so many numbers.
  const bytes = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  for (let i = 0; i < 20; i++) {
    const { data } = (await session.run(feeds)).y;
    expect(bytes(data as Float32Array).equals(bytes(expected))).toBe(true);
  }
  await session.release();
});

/** Rows of token ids whose class is whether the token that follows the marker 1 is even; NaN pads to the end. */
function marked(rows: number, seed: number): Matrix {
  const random = randomSource(seed);
  const below = (n: number) => Math.floor(((random() + 1) / 2) * n);
  const width = 8;
  const x = new Float32Array(rows * width).fill(NaN);
  const y = new Float32Array(rows);
  for (let i = 0; i < rows; i++) {
    const length = 3 + below(width - 2);
    for (let j = 0; j < length; j++) x[i * width + j] = 2 + below(6);
    const at = below(length - 1);
    x[i * width + at] = 1;
    y[i] = Number(x[i * width + at + 1] % 2 === 0);
  }
  return { rows, width, x, y, weight: null };
}

const shared = { input: 'tokens', vocabulary: 8, width: 16, heads: 2, feed: 32, layers: 1, dropout: 0.05 };
const requestOf = (parameters: Record<string, unknown>, train: Matrix, validation: Matrix) => ({
  family: 'transformer',
  parameters,
  task: 'binary' as const,
  outputs: 2,
  ...{ train, validation, seed: 1, resume: null },
});

async function accuracyOf(request: ReturnType<typeof requestOf>, test: Matrix): Promise<number> {
  const model = await fit(request, listen());
  const output = await model.predict(test.x, test.rows);
  await model.release();
  return test.y.reduce((sum, label, i) => sum + Number(output[2 * i + label] > 0.5), 0) / test.rows;
}

test('the order of tokens is learned with positions, and cannot be without', async () => {
  const [train, validation, rest] = [marked(1500, 1), marked(300, 2), marked(500, 3)];
  const parameters = { ...shared, layers: 2, learningRate: 0.005, batchSize: 50, epochs: 40 };
  expect(await accuracyOf(requestOf(parameters, train, validation), rest)).toBeGreaterThan(0.95);
  const blind = { ...parameters, positions: 'none', epochs: 10 };
  expect(await accuracyOf(requestOf(blind, train, validation), rest)).toBeLessThan(0.85);
});

test('padded steps change nothing: a row answers the same with more padding', async () => {
  const program = findGradientFamily('transformer').program;
  const settings = fillParameters('transformer', { ...shared, positions: 'sinusoidal' }, 100);
  const forward = (width: number) => program(settings, { task: 'binary', width, outputs: 2 });
  const shapes = forward(4).parameters.map(({ name, shape }) => [name, float(...shape)] as const);
  const parameters = Object.fromEntries(shapes);
  const rows = { shape: [2, 4], dtype: 'float32' as const, values: Float32Array.of(3, 1, NaN, NaN, 5, 6, 7, NaN) };
  const padded = {
    ...rows,
    shape: [2, 6],
    values: Float32Array.of(3, 1, ...Array(4).fill(NaN), 5, 6, 7, NaN, NaN, NaN),
  };
  const answer = (x: typeof rows) =>
    onGraph({ ...parameters, x }, ({ x: input, ...t }) => forward(x.shape[1]).forward(t, input, null));
  expectSame(await answer(padded), await answer(rows), 1e-4);
});

test('a sequence: missing steps are left out, and the graph takes any number of rows', async () => {
  const settings = fillParameters('transformer', { ...shared, input: 'sequence', channels: 2 }, 100);
  const program = findGradientFamily('transformer').program(settings, { task: 'regression', width: 6, outputs: 1 });
  const parameters = Object.fromEntries(program.parameters.map(({ name, shape }) => [name, float(...shape)]));
  const x = float(4, 6);
  x.values[2] = NaN;
  const run = (t: Record<string, tf.Tensor>) => program.forward(t, t.x, null);
  const [expected] = onReference({ ...parameters, x }, run);
  const [actual] = await onGraph({ ...parameters, x }, run, { x: [BATCH, 6] });
  expectSame([{ ...actual, shape: [4, 1] }], [expected], 1e-4);
  // The other number of the missing step is of no account.
  const other = { ...x, values: Float32Array.from(x.values) };
  other.values[3] += 5;
  expectSame(onReference({ ...parameters, x: other }, run), [expected]);
  other.values[1] += 5;
  expect(onReference({ ...parameters, x: other }, run)[0].values[0]).not.toBeCloseTo(expected.values[0], 3);
});

test.each([
  [{ width: 10, heads: 4 }, 6, 'estimator.parameters.width'],
  [{ input: 'sequence', channels: 4 }, 6, 'estimator.parameters.channels'],
] as const)('%j over %i features is refused', (parameters, width, path) => {
  const settings = fillParameters('transformer', parameters, 100);
  const build = () => findGradientFamily('transformer').program(settings, { task: 'binary', width, outputs: 2 });
  expect(build).toThrow(EngineError);
  expect(build).toThrow(expect.objectContaining({ path }));
  expect(checkParameters('transformer', { heads: 0 }, null)).toHaveLength(1);
});
