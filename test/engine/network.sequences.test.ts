/** Networks over sequences: families as lists of layers, steps that do not count, and in which order sequences lie. */
import * as tf from '@tensorflow/tfjs-core';
import { fillParameters, findGradientFamily, sequenceLayout } from '../../src/engine/families/registry';
import type { Matrix } from '../../src/engine/learning/fit';
import { fit } from '../../src/engine/learning/create-fit';
import { placeLayers } from '../../src/engine/network/build';
import { layersOf, type GivenLayer } from '../../src/engine/network/layer.schema';
import type { IdEncoding } from '../../src/engine/preprocess/encoding';
import { EngineError, type Task } from '../../src/engine/types';
import { expectSame, float, onGraph, onReference, randomSource } from './support/recorded';
import { listen } from './support/training';

const STEPS = 6;

/** Rows of 2 to 6 steps, with a gap in every fourth; the class is whether the last step is above the first, or each step above zero. */
function sequences(task: Task, channels: number, seed = 3): Matrix {
  const random = randomSource(seed);
  const rows = 120;
  const width = STEPS * channels;
  const x = new Float32Array(rows * width).fill(NaN);
  const labels = new Float32Array(rows * STEPS);
  const y = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const steps = 2 + Math.floor(((random() + 1) / 2) * (STEPS - 1.01));
    for (let i = 0; i < steps * channels; i++) x[row * width + i] = random();
    const at = (step: number) => x[row * width + step * channels];
    y[row] = Number(at(steps - 1) > at(0));
    for (let step = 0; step < steps; step++) labels[row * STEPS + step] = Number(at(step) > 0);
    if (row % 4 === 0 && steps > 2) x[row * width + channels] = NaN;
  }
  const each = task === 'sequence_labeling';
  return { rows, width, x, y: each ? labels : y, weight: each ? labels.map((_, i) => Number(i % STEPS < 2)) : null };
}

/** Rows of 2 to 6 places of ids, the rest padding. */
function tokens(seed = 4): Matrix {
  const places = sequences('binary', 1, seed);
  return { ...places, x: places.x.map((value) => Math.floor((value + 1) * 2.999)) };
}

const vocabulary: IdEncoding = {
  ...{ columns: [], numbers: Float64Array.from([1, 2, 3, 4, 5, 6]), texts: [] },
  ...{ missing: NaN, padding: 0, complete: false },
};

async function trained(family: string, settings: object, { task, rows, ids }: Problem) {
  const parameters = { epochs: 2, batchSize: 16, learningRate: 0.01, l2: 0, ...settings };
  const targets = task === 'sequence_labeling' ? STEPS : undefined;
  const more = { task, outputs: 2, targets, ids, seed: 4, resume: null };
  const model = await fit({ family, parameters, ...more, train: rows, validation: rows }, listen());
  const output = await model.predict(rows.x, rows.rows);
  await model.release();
  return Array.from(output);
}

interface Problem {
  task: Task;
  rows: Matrix;
  ids?: IdEncoding[];
}

const START = [{ type: 'reshape', shape: [-1, 2] }, { type: 'masking' }];
const shared = (rate: number) => ({ type: 'dropout', rate, spatial: true });
const before = (rate: number, norm: GivenLayer[] = [{ type: 'layerNormalization' }]) => [
  { type: 'dropout', rate, name: 'a' },
  ...norm,
  { type: 'attention', heads: 2 },
  { type: 'dropout', rate, name: 'b' },
  { type: 'add', from: ['a', 'b'], name: 'c' },
  ...norm,
  { type: 'dense', units: 6, activation: 'relu', initializer: 'glorot' },
  { type: 'dense', units: 4, initializer: 'glorot' },
  { type: 'dropout', rate, name: 'd' },
  { type: 'add', from: ['c', 'd'] },
  ...norm,
];
const SMALL = { width: 4, heads: 2, feed: 6, layers: 1 };
const pool = { type: 'globalAveragePooling' };

const SAME: [string, Record<string, unknown>, object[], Problem][] = [
  [
    'rnn',
    { channels: 2, units: 4, layers: 2, bidirectional: true, pooling: 'mean', dropout: 0.2 },
    [
      ...START,
      { type: 'rnn', units: 4, bidirectional: 'concatenate', returnSequences: true },
      shared(0.2),
      { type: 'rnn', units: 4, bidirectional: 'concatenate', returnSequences: true },
      shared(0.2),
      pool,
    ],
    { task: 'binary', rows: sequences('binary', 2) },
  ],
  [
    'lstm',
    { channels: 2, units: 4 },
    [...START, { type: 'lstm', units: 4 }],
    { task: 'binary', rows: sequences('binary', 2) },
  ],
  [
    'gru',
    { channels: 2, units: 4, dropout: 0.3 },
    [...START, { type: 'gru', units: 4, returnSequences: true }, shared(0.3)],
    { task: 'sequence_labeling', rows: sequences('sequence_labeling', 2) },
  ],
  [
    'transformer',
    { ...SMALL, input: 'sequence', channels: 2, positions: 'sinusoidal', dropout: 0.2 },
    [
      ...START,
      { type: 'dense', units: 4, initializer: 'glorot' },
      { type: 'positions', encoding: 'sinusoidal' },
      ...before(0.2),
      pool,
    ],
    { task: 'binary', rows: sequences('binary', 2) },
  ],
  [
    'transformer',
    { ...SMALL, input: 'tokens', padding: 0, dropout: 0 },
    [{ type: 'embedding', vocabulary: 9, units: 4, spread: 1, padding: 0 }, { type: 'positions' }, ...before(0), pool],
    { task: 'binary', rows: tokens(), ids: [vocabulary] },
  ],
  [
    'transformer',
    { ...SMALL, dropout: 0.1 },
    [{ type: 'columnEmbedding', units: 4 }, ...before(0.1), pool],
    { task: 'binary', rows: { ...tokens(), x: tokens().x.map((value) => value || 0) } },
  ],
];

test.each(SAME)('%s %j is a list of layers, bit for bit', async (family, settings, layers, problem) => {
  const { clipNorm } = fillParameters(family, settings, 100);
  expect(await trained('network', { layers, clipNorm }, problem)).toEqual(await trained(family, settings, problem));
});

test.each([
  ['to the last step that counts', [...START, { type: 'gru', units: 3 }], true],
  ['with learned positions', [...START, { type: 'positions' }, { type: 'attention', heads: 1 }, pool], true],
  [
    'not before a convolution, which sees the padding',
    [...START, { type: 'conv1d', filters: 3, kernelSize: 2 }, pool],
    false,
  ],
  ['not where all steps are weighed', [...START, { type: 'flatten' }], false],
])('rows of a network are cut %s', (_, layers, ragged) => {
  expect(sequenceLayout('network', { layers })).toEqual({ channels: 2, keepMissing: true, ragged });
});

test('padding of an embedding reads as missing', () => {
  const layers = [{ type: 'embedding', vocabulary: 9, units: 4, padding: 7 }, { type: 'attention' }, pool];
  const ids = [{ columns: Infinity, parameter: 'layers', most: 9, padding: 7 }];
  expect(sequenceLayout('network', { layers })).toEqual({ channels: 1, keepMissing: true, ids, ragged: true });
});

const programOf = (layers: object[], width: number, task: Task = 'binary') =>
  findGradientFamily('network').program(fillParameters('network', { layers }, 100), {
    task,
    width,
    outputs: 2,
    targets: 3,
  });

test.each([
  ['lstm', { activation: 'relu' }],
  ['gru', { resetAfter: false }],
  ['rnn', { bidirectional: 'add' }],
])('%s %j leaves masked steps out, as a shorter row does', async (type, settings) => {
  const layers = [...START, { type, units: 3, ...settings }];
  const [long, short] = [programOf(layers, 8), programOf(layers, 4)];
  const weights = Object.fromEntries(long.parameters.map(({ name, shape }) => [name, float(...shape)]));
  const whole = float(2, 4);
  const [a, b] = [whole.values.slice(0, 4), whole.values.slice(4)];
  const values = Float32Array.of(a[0], a[1], NaN, 5, a[2], a[3], NaN, NaN, NaN, NaN, b[0], b[1], b[2], b[3], 7, NaN);
  const holes = { shape: [2, 8], dtype: 'float32' as const, values };
  const expected = onReference({ ...weights, whole }, (t) => short.forward(t, t.whole, null));
  expectSame(
    await onGraph({ ...weights, holes }, (t: Record<string, tf.Tensor>) => long.forward(t, t.holes, null)),
    expected,
  );
});

test('a sequence is turned once for layers that go by steps, before what widens it', () => {
  const orders = (layers: object[], width: number) =>
    placeLayers(layersOf(layers as GivenLayer[]), [width]).map(({ takes }) => takes);
  const embedded = [{ type: 'embedding', vocabulary: 9, units: 4 }, ...before(0), pool];
  expect(new Set(orders(embedded, 6))).toEqual(new Set(['steps']));
  const mixed = [
    { type: 'reshape', shape: [6, 2] },
    { type: 'conv1d', filters: 4, kernelSize: 2 },
    { type: 'dense', units: 3 },
    { type: 'gru', units: 3, returnSequences: true },
    { type: 'dense', units: 2 },
    { type: 'flatten' },
    { type: 'dense', units: 2 },
  ];
  expect(orders(mixed, 12)).toEqual(['rows', 'rows', 'steps', 'steps', 'steps', 'rows', 'rows']);
});

const REFUSED: [string, object[], Task, string, RegExp][] = [
  [
    'heads that do not divide the units',
    [...START, { type: 'attention', heads: 3 }, pool],
    'binary',
    'layers.2.heads',
    /2 units cannot be divided among 3 heads/,
  ],
  ['masking of what has no steps', [{ type: 'masking' }], 'binary', 'layers.0', /masking takes \[steps × channels\]/],
  [
    'steps of which some do not count, at the end',
    [...START, { type: 'dense', units: 2 }],
    'binary',
    'layers.2',
    /gives \[3, 2\] per row, steps that may not all count/,
  ],
  [
    'one answer where each step has a label',
    [...START, { type: 'gru', units: 4 }],
    'sequence_labeling',
    'layers.2',
    /gives \[4\] per row, and each of 3 steps has a label/,
  ],
  [
    'columns of other features',
    [{ type: 'columnEmbedding', units: 2, columns: [0, 1] }, pool],
    'binary',
    'layers.0.columns',
    /the columns of 2 features, and rows have 6/,
  ],
  [
    'padding of ids in a grid',
    [
      { type: 'reshape', shape: [3, 2] },
      { type: 'embedding', vocabulary: 4, units: 2, padding: 0 },
      { type: 'flatten' },
    ],
    'binary',
    'layers.1',
    /embedding with padding takes \[numbers\] per row/,
  ],
];

test.each(REFUSED)('%s: refused by its place', (...refused) => {
  const [, layers, task, path, message] = refused;
  const build = () => programOf(layers, 6, task);
  expect(build).toThrow(EngineError);
  expect(build).toThrow(message);
  expect(build).toThrow(expect.objectContaining({ path: `estimator.parameters.${path}` }));
});
