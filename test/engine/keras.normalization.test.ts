/**
 * The layer Normalization, against what Keras computes: (x - mean) / max(√variance, 1e-7), with moments along the kept axes,
 * or the inverse; and nonlinearities that are objects.
 */
import { readKerasModel } from '../../src/engine/keras/read';
import { decodeNetworkFile } from '../../src/engine/network/network-file';
import { fillParameters } from '../../src/engine/families/registry';
import { eagerExecutor } from '../../src/engine/executors/eager.executor';
import type { Executor } from '../../src/engine/executors/executor';
import { onnxExecutor } from '../../src/engine/executors/onnx.executor';
import { planStep } from '../../src/engine/gradient/step';
import { pack } from './support/keras';
import { affine, dense, drawn, expectOutputs, kernel, layer, type Named } from './support/keras-file';
import { randomSource } from './support/recorded';
import { startOf, stepsFor } from './support/training';

const normalization = (config: object, name = 'norm') => layer('Normalization', name, config);
const moments = (shape: number[], name = 'norm'): Named[] => [
  [`${name}/mean`, shape],
  [`${name}/variance`, shape],
  [`${name}/count`, []],
];
const square = layer('Reshape', 'square', { target_shape: [2, 2] });
const flat = layer('Flatten', 'flat');

type Moments = { mean: ArrayLike<number>; variance: ArrayLike<number> };
/** `placeOf` says which moments the number at each place of a row has. */
const forward =
  ({ mean, variance }: Moments, placeOf: (i: number) => number) =>
  (row: number[]) =>
    row.map((v, i) => (v - mean[placeOf(i)]) / Math.max(Math.sqrt(variance[placeOf(i)]), 1e-7));
const backward =
  ({ mean, variance }: Moments, placeOf: (i: number) => number) =>
  (row: number[]) =>
    row.map((v, i) => mean[placeOf(i)] + v * Math.max(Math.sqrt(variance[placeOf(i)]), 1e-7));

const each = (i: number) => i;
const none = () => 0;
const first = (i: number) => Math.floor(i / 2);
const second = (i: number) => i % 2;
const tuple2 = { class_name: '__tuple__', items: [1, 2] };
const tuple3 = { class_name: '__tuple__', config: { value: [1, 2] } };

test.each<[string, object[], number[], (i: number) => number]>([
  ['the last axis', [normalization({ axis: -1 })], [4], each],
  ['the last axis in a list', [normalization({ axis: [-1] })], [4], each],
  ['no axis said', [normalization({})], [4], each],
  ['no axis', [normalization({ axis: null })], [], none],
  ['the first axis of two', [square, normalization({ axis: 1 }), flat], [2], first],
  ['the second axis of two', [square, normalization({ axis: 2 }), flat], [2], second],
  ['both axes', [square, normalization({ axis: [1, 2] }), flat], [2, 2], each],
  ['both axes, a tuple of Keras 2', [square, normalization({ axis: tuple2 }), flat], [2, 2], each],
  ['both axes, a tuple of Keras 3', [square, normalization({ axis: tuple3 }), flat], [2, 2], each],
  ['no axis of two', [square, normalization({ axis: null }), flat], [], none],
])('moments that were adapted: %s', async (_, layers, shape, placeOf) => {
  const { saved, values } = drawn([...layers, dense('out', 3)], [...moments(shape), ...kernel('out', 4, 3)]);
  expect(readKerasModel(saved.json).warnings).toEqual([]);
  const normalized = forward({ mean: values[0], variance: values[1] }, placeOf);
  await expectOutputs(saved, (row) => affine(normalized(row), values.slice(3)));
});

const [mean, variance] = [
  [1, -2, 0.5, 3],
  [4, 0.25, 1, 9],
];
const numpy = (value: unknown) => ({ class_name: '__numpy__', config: { value, dtype: 'float32' } });

test.each<[string, object, Moments, (i: number) => number]>([
  ['a number for each', { mean, variance }, { mean, variance }, each],
  ['nested lists', { mean: [mean], variance: [variance] }, { mean, variance }, each],
  ['arrays of NumPy', { mean: numpy(mean), variance: numpy([variance]) }, { mean, variance }, each],
  ['one number for all', { mean: 2, variance: 4 }, { mean: [2], variance: [4] }, none],
  ['one and several', { mean: 0, variance }, { mean: [0, 0, 0, 0], variance }, each],
  ['no axis', { axis: null, mean: 2, variance: [4] }, { mean: [2], variance: [4] }, none],
  ['a constant column', { mean, variance: [1, 0, 1, 1] }, { mean, variance: [1, 0, 1, 1] }, each],
])('moments in the config: %s', async (_, config, weights, placeOf) => {
  const { saved, values } = drawn([normalization(config), dense('out', 3)], kernel('out', 4, 3));
  const row0 = forward(weights, placeOf);
  // What a constant column becomes is large, so that float32 has no digits left for the others.
  if (weights.variance[1] === 0) values[0].fill(0, 3, 6);
  saved.files = Object.fromEntries(
    Object.keys(saved.files).map((name) => [name, Buffer.concat(values.map(({ buffer }) => Buffer.from(buffer)))]),
  );
  await expectOutputs(saved, (row) => affine(row0(row), values));
});

test('the inverse brings numbers back to their unit, behind the layer that gives them', async () => {
  const names = [...kernel('out', 4, 3), ...moments([3])];
  const { saved, values } = drawn([dense('out', 3), normalization({ invert: true })], names);
  const back = backward({ mean: values[2], variance: values[3] }, each);
  await expectOutputs(saved, (row) => back(affine(row, values)));
});

test('a small variance is no division by zero', async () => {
  const moments = { mean: [0, 0, 0, 0], variance: [1e-20, 1e-20, 1e-20, 1e-20] };
  const scale = layer('Rescaling', 'small', { scale: 1e-7 });
  const { saved, values } = drawn([scale, normalization(moments), dense('out', 3)], kernel('out', 4, 3));
  await expectOutputs(saved, (row) => affine(row, values));
});

test.each<[string, object, RegExp]>([
  ['one moment alone', { mean: [1] }, /variance: is missing/],
  ['moments of another length', { mean: [1, 2], variance: [1, 2] }, /holds 2 numbers, and the axes have 4 places/],
  ['the axis of the batch', { axis: [0, 1] }, /keeps the axis of the batch/],
  ['an axis that is not there', { axis: 3 }, /are not axes/],
  ['a text', { mean: ['a'], variance: [1] }, /mean is not an array of numbers/],
  ['a negative variance', { mean: [1], variance: [-1] }, /variance\.0/],
  ['weights of another length', {}, /weight "norm\/mean": has the shape \[3\], and layer "norm" takes \[4\]/],
])('%s is refused', (_, config, message) => {
  const { saved } = drawn([normalization(config), dense('out', 3)], [...moments([3]), ...kernel('out', 4, 3)]);
  expect(() => readKerasModel(saved.json)).toThrow(message);
});

test('training leaves the moments as they are, and is that of the reference', async () => {
  const layers = [normalization({ axis: -1 }), dense('hidden', 5, 'tanh'), dense('out', 3)];
  const names = [...moments([4]), ...kernel('hidden', 4, 5), ...kernel('out', 5, 3)];
  const { saved, values } = drawn(layers, names);
  const network = decodeNetworkFile(await pack(saved));
  const parameters = { model: 'x', replaceHead: true, learningRate: 0.01, optimizer: 'adamw', clipNorm: 1, l2: 0.1 };
  const settings = fillParameters('pretrained', parameters, 12);
  const plan = planStep('pretrained', settings, { task: 'binary', width: 4, outputs: 2, network });
  const random = randomSource(5);
  const x = Float32Array.from({ length: 48 }, random);
  const matrix = { rows: 12, width: 4, x, y: Float32Array.from({ length: 12 }, (_, i) => i % 2), weight: null };
  const trained = async (executor: Executor) => {
    const runner = await executor.prepare(plan, 4);
    const { state } = await runner.train(startOf(plan), stepsFor(plan, { rows: 12, batch: 4, count: 20 }), matrix);
    await runner.release();
    return state[0];
  };
  const actual = await trained(onnxExecutor({ threads: 1, provider: 'cpu' }));
  const expected = await trained(eagerExecutor('reference', 'cpu'));
  expect(Array.from(actual.subarray(0, 8))).toEqual([...values[0], ...values[1]]);
  actual.forEach((v, i) => expect(v).toBeCloseTo(expected[i], 3));
  expect(actual.subarray(8)).not.toEqual(startOf(plan)[0].subarray(8));
});

test.each<[string, object, (v: number) => number]>([
  ['a function of Keras 3', { class_name: 'function', config: 'relu', module: 'builtins' }, (v) => Math.max(0, v)],
  [
    'a layer',
    { class_name: 'ReLU', config: { name: 'r', max_value: null, negative_slope: 0, threshold: 0 } },
    (v) => Math.max(0, v),
  ],
  [
    'a layer with a limit',
    { class_name: 'ReLU', config: { name: 'r', max_value: 6 } },
    (v) => Math.min(6, Math.max(0, v)),
  ],
  ['an activation in an activation', { class_name: 'Activation', config: { activation: 'tanh' } }, Math.tanh],
])('a nonlinearity that is %s', async (_, activation, of) => {
  const scaled = layer('Rescaling', 'large', { scale: 10 });
  const { saved, values } = drawn([scaled, layer('Dense', 'out', { units: 3, activation })], kernel('out', 4, 3));
  await expectOutputs(saved, (row) =>
    affine(
      row.map((v) => v * 10),
      values,
    ).map(of),
  );
});

test.each<[object, RegExp]>([
  [{ class_name: 'ReLU', config: { negative_slope: 0.2 } }, /negative_slope is 0\.2/],
  [{ class_name: 'ReLU', config: { max_value: 3 } }, /max_value 3/],
  [{ class_name: 'ELU', config: { alpha: 2 } }, /alpha is 2/],
  [{ class_name: 'LeakyReLU', config: {} }, /"LeakyReLU" is not supported/],
])('the nonlinearity %j is refused, as it would be another', (activation, message) => {
  const { saved } = drawn([layer('Dense', 'out', { units: 3, activation })], kernel('out', 4, 3));
  expect(() => readKerasModel(saved.json)).toThrow(message);
});
