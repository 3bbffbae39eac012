/** The ONNX Loop against the reference executor, step by step. */
import type { Executor } from '../../src/engine/executors/executor';
import { eagerExecutor } from '../../src/engine/executors/eager.executor';
import { onnxExecutor } from '../../src/engine/executors/onnx.executor';
import { OPTIMIZERS } from '../../src/engine/families/training/program';
import type { Task } from '../../src/engine/types';
import { cut, planFor, problem, startOf, stepsFor } from './support/training';

const onnx = onnxExecutor({ threads: 2, provider: 'cpu' });
const reference = eagerExecutor('reference', 'cpu');
const BATCH = 16;
const STEPS = 20;

// Adam makes steps of rounding errors where a gradient is zero, as that of the keys' bias is.
const PLAIN = { optimizer: 'sgd' };
const SMALL_TRANSFORMER = { width: 4, heads: 2, feed: 6, layers: 1, dropout: 0, padding: 1, ...PLAIN };
/** One of each kind of layer. */
const LAYERS = [
  { type: 'reshape', shape: [5, 1] },
  { type: 'conv1d', filters: 3, kernelSize: 2, activation: 'tanh' },
  { type: 'flatten' },
  { type: 'layerNormalization' },
  { type: 'dense', units: 32, activation: 'tanh' },
  { type: 'reshape', shape: [4, 4, 2] },
  { type: 'conv2d', filters: 3, kernelSize: 3, padding: 'same' },
  { type: 'averagePooling2d' },
  { type: 'maxPooling2d' },
  { type: 'activation', activation: 'elu' },
  { type: 'globalAveragePooling' },
  { type: 'dropout', rate: 0.2 },
];

const CHAIN = [
  [0, 1],
  [1, 2],
];
const TOWERS = { model: 'towers', users: 3, items: 2, factors: 3, hidden: 4, userFeatures: 1 };
const TARGETS: [string, Task, Record<string, unknown>][] = [
  ['logistic', 'multilabel', { labelSmoothing: 0.2 }],
  ['mlp', 'multilabel', { hidden: [6], activation: 'tanh', loss: 'focal' }],
  ['linear', 'multi_regression', { loss: 'huber' }],
  ['mlp', 'multi_regression', { hidden: [6], activation: 'tanh' }],
  ['cnn1d', 'sequence_labeling', { filters: [4, 3], kernelSize: [3], hidden: [4], dropout: 0.3 }],
  ['transformer', 'sequence_labeling', { ...SMALL_TRANSFORMER, input: 'sequence' }],
  ['rnn', 'sequence_labeling', { units: 3, ragged: false, loss: 'focal' }],
  ['lstm', 'sequence_labeling', { units: 3, bidirectional: true, dropout: 0.4 }],
  ['gru', 'sequence_labeling', { units: 3, layers: 2 }],
  ['autoencoder', 'anomaly', { hidden: [6], code: 2, activation: 'tanh', corruption: 0.3 }],
];

const CASES: [string, Task, Record<string, unknown>][] = [
  ...OPTIMIZERS.map((optimizer): [string, Task, Record<string, unknown>] => [
    'mlp',
    'binary',
    { optimizer, hidden: [12, 8], momentum: 0.8 },
  ]),
  ['linear', 'regression', {}],
  ['linear', 'regression', { optimizer: 'adamw', clipNorm: 0.1, l2: 0.1 }],
  ...(['mae', 'huber', 'quantile'] as const).map((loss): [string, Task, Record<string, unknown>] => [
    'mlp',
    'regression',
    { loss, huberDelta: 0.7, quantile: 0.8, hidden: [12] },
  ]),
  ...(['focal', 'hinge', 'squaredHinge'] as const).map((loss): [string, Task, Record<string, unknown>] => [
    'mlp',
    'multiclass',
    { loss, hidden: [12] },
  ]),
  ['logistic', 'multiclass', { labelSmoothing: 0.2 }],
  ['logistic', 'multiclass', { l2: 0.3 }],
  ['svm', 'multiclass', { features: 20, loss: 'squaredHinge' }],
  ['svm', 'regression', { features: 20 }],
  ['network', 'multiclass', { layers: LAYERS }],
  ['mlp', 'regression', { hidden: [12], activation: 'tanh', l2: 0.01 }],
  ['mlp', 'multiclass', { hidden: [12, 8], activation: 'elu', dropout: 0.3 }],
  ['mlp', 'multiclass', { hidden: [12], activation: 'sigmoid' }],
  ['mlp', 'multiclass', { hidden: [12], activation: 'tanh', loss: 'contrastive', temperature: 0.5, dropout: 0.3 }],
  ['transformer', 'binary', { ...SMALL_TRANSFORMER, width: 8, dropout: 0.2 }],
  ['transformer', 'multiclass', { ...SMALL_TRANSFORMER, input: 'tokens', vocabulary: 3, normalization: 'after' }],
  ['transformer', 'regression', { ...SMALL_TRANSFORMER, input: 'sequence', positions: 'sinusoidal', layers: 2 }],
  ['recommender', 'regression', { users: 3, items: 2, factors: 3 }],
  ['recommender', 'binary', TOWERS],
  ['recommender', 'binary', { users: 3, items: 2, factors: 3, loss: 'infoNce', ...PLAIN }],
  ['recommender', 'binary', { ...TOWERS, hidden: 12, loss: 'infoNce', temperature: 0.5, ...PLAIN }],
  ['gcn', 'multiclass', { edges: CHAIN, units: 4 }],
  ['rnn', 'regression', { units: 6, layers: 2, pooling: 'mean' }],
  ['lstm', 'binary', { units: 6, bidirectional: true, dropout: 0.3 }],
  ['lstm', 'multiclass', { units: 6, layers: 2, ragged: false }],
  ['gru', 'multiclass', { units: 6, layers: 2, bidirectional: true, pooling: 'mean' }],
  ['gru', 'regression', { units: 6, channels: 5, ragged: false }],
  ['cnn1d', 'regression', { filters: [4, 3], kernelSize: [3], residual: true }],
  ...TARGETS,
  ['cnn1d', 'multiclass', { filters: [4], globalPooling: 'none', pooling: 'none', hidden: [6], dropout: 0.3 }],
];

async function train(
  executor: Executor,
  [family, task, parameters]: (typeof CASES)[0],
  weighted: boolean,
  cuts: number[],
) {
  const plan = planFor(family, parameters, task);
  const data = problem(task, 100, 5, weighted);
  const runner = await executor.prepare(plan, BATCH);
  const steps = stepsFor(plan, { rows: 100, batch: BATCH, count: STEPS });
  let state = startOf(plan);
  const losses: number[] = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    const result = await runner.train(state, cut(steps, BATCH, cuts[i], cuts[i + 1]), data);
    losses.push(...result.losses);
    state = result.state;
  }
  const score = await runner.score(state[0], data);
  await runner.release();
  return { losses, state, score };
}

/** The largest difference; NaN where one is, or where the lengths differ. */
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  a.length === b.length ? Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]))) : NaN;

describe.each([false, true])('weighted %s', (weighted) => {
  test.each(CASES)('%s %s %j: 20 steps equal the reference', async (...args) => {
    const actual = await train(onnx, args, weighted, [0, STEPS]);
    const expected = await train(reference, args, weighted, [0, STEPS]);
    expect(distance(actual.losses, expected.losses)).toBeLessThan(1e-3);
    expect(actual.state).toHaveLength(expected.state.length);
    actual.state.forEach((vector, i) => expect(distance(vector, expected.state[i])).toBeLessThan(1e-3));
    expect(expected.losses.at(-1)).not.toBe(expected.losses[0]);
    expect(Math.abs(actual.score.loss / 100 - expected.score.loss / 100)).toBeLessThan(1e-3);
    expect(actual.score.correct).toBeCloseTo(expected.score.correct, 3);
  });
});

test('the length of a chunk changes no bit', async () => {
  const dropping = CASES.find(([, , { dropout }]) => dropout)!;
  const whole = await train(onnx, dropping, true, [0, STEPS]);
  const parts = await train(onnx, dropping, true, [0, 1, 8, 9, STEPS]);
  expect(parts.losses).toEqual(whole.losses);
  expect(parts.state).toEqual(whole.state);
});
