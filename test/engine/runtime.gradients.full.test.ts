/**
 * Gradients of every family against central differences of the loss, on the reference executor. Each parameter is moved
 * as a whole along a random direction, which no wrong entry survives, and in some entries alone, which say where.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Matrix } from '../../src/engine/learning/fit';
import { batchOf, eagerExecutor } from '../../src/engine/executors/eager.executor';
import type { Steps } from '../../src/engine/executors/executor';
import { stepLoss, type StepPlan } from '../../src/engine/gradient/step';
import type { Task } from '../../src/engine/types';
import { randomSource } from './support/recorded';
import { planFor, problem, startOf, stepsFor } from './support/training';

const SMALL_TRANSFORMER = { width: 4, heads: 2, feed: 6, layers: 1, dropout: 0, padding: 1 };
const CHAIN = [
  [0, 1],
  [1, 2],
];
/** Smooth ones: a maximum within the interval would make the difference inexact. */
const SMOOTH = { filters: [3, 2], kernelSize: [3, 2], pooling: 'average', activation: 'tanh' };
const CONVOLUTIONS: [string, Task, Record<string, unknown>][] = [
  ['cnn1d', 'regression', { ...SMOOTH, hidden: [3], globalPooling: 'none' }],
  ['cnn1d', 'multiclass', { ...SMOOTH, batchNormalization: false, l2: 0.1 }],
  ['cnn2d', 'binary', { ...SMOOTH, shape: [1, 5, 1], residual: true, dropout: 0.3 }],
];
/** Small, as each parameter takes two passes in plain JavaScript. */
const SEQUENCE = [
  { type: 'reshape', shape: [5, 1] },
  { type: 'conv1d', filters: 2, kernelSize: 2, activation: 'tanh' },
  { type: 'flatten' },
  { type: 'layerNormalization' },
  { type: 'dropout', rate: 0.2 },
];
const IMAGE = [
  { type: 'dense', units: 4, activation: 'tanh' },
  { type: 'reshape', shape: [2, 2, 1] },
  { type: 'conv2d', filters: 2, kernelSize: 2, padding: 'same' },
  { type: 'averagePooling2d' },
];

const TOWERS = { model: 'towers', users: 3, items: 2, factors: 3, hidden: 4, userFeatures: 1 };
const TARGETS: [string, Task, Record<string, unknown>][] = [
  ['logistic', 'multilabel', { labelSmoothing: 0.2 }],
  ['mlp', 'multilabel', { hidden: [6], activation: 'tanh', loss: 'focal' }],
  ['linear', 'multi_regression', { loss: 'huber' }],
  ['mlp', 'multi_regression', { hidden: [6], activation: 'tanh' }],
  ['cnn1d', 'sequence_labeling', { ...SMOOTH, hidden: [4], dropout: 0.3 }],
  ['transformer', 'sequence_labeling', { ...SMALL_TRANSFORMER, input: 'sequence' }],
  ['rnn', 'sequence_labeling', { units: 3, clipNorm: null, ragged: false, loss: 'focal' }],
  ['lstm', 'sequence_labeling', { units: 3, clipNorm: null, bidirectional: true, dropout: 0.4 }],
  ['gru', 'sequence_labeling', { units: 3, clipNorm: null, layers: 2 }],
  ['autoencoder', 'anomaly', { hidden: [6], code: 2, activation: 'tanh', corruption: 0.3 }],
];

const CASES: [string, Task, Record<string, unknown>][] = [
  ['linear', 'regression', {}],
  ['linear', 'regression', { l2: 0.5 }],
  ['linear', 'regression', { loss: 'mae' }],
  ['linear', 'regression', { loss: 'huber', huberDelta: 0.6 }],
  ['linear', 'regression', { loss: 'quantile', quantile: 0.8 }],
  ['logistic', 'binary', {}],
  ['logistic', 'multiclass', { labelSmoothing: 0.3 }],
  ['logistic', 'binary', { loss: 'focal', focalGamma: 0.5 }],
  ['logistic', 'multiclass', { loss: 'focal' }],
  ['logistic', 'binary', { loss: 'hinge' }],
  ['logistic', 'multiclass', { loss: 'hinge' }],
  ['logistic', 'multiclass', { loss: 'squaredHinge' }],
  ['logistic', 'multiclass', { l2: 0.5 }],
  ['svm', 'multiclass', { features: 20, loss: 'squaredHinge' }],
  ['svm', 'regression', { features: 20 }],
  ['network', 'multiclass', { layers: SEQUENCE }],
  ['network', 'binary', { layers: IMAGE }],
  ['mlp', 'regression', { hidden: [6, 4], activation: 'tanh' }],
  ['mlp', 'binary', { hidden: [6], activation: 'relu' }],
  ['mlp', 'multiclass', { hidden: [6, 4], activation: 'elu', dropout: 0.4, l2: 0.1 }],
  ['mlp', 'multiclass', { hidden: [6], activation: 'sigmoid' }],
  ['mlp', 'multiclass', { hidden: [6, 4], activation: 'tanh', loss: 'contrastive', temperature: 0.5, dropout: 0.2 }],
  ['transformer', 'binary', { ...SMALL_TRANSFORMER, width: 8, dropout: 0.2 }],
  ['transformer', 'multiclass', { ...SMALL_TRANSFORMER, input: 'tokens', vocabulary: 3, normalization: 'after' }],
  ['transformer', 'regression', { ...SMALL_TRANSFORMER, input: 'sequence', positions: 'sinusoidal', layers: 2 }],
  ['recommender', 'regression', { users: 3, items: 2, factors: 3 }],
  ['recommender', 'binary', TOWERS],
  ['recommender', 'binary', { ...TOWERS, loss: 'infoNce', temperature: 0.5 }],
  ['gcn', 'multiclass', { edges: CHAIN, units: 4 }],
  ['rnn', 'regression', { units: 3, clipNorm: null, bidirectional: true, ragged: false }],
  ['lstm', 'binary', { units: 3, clipNorm: null, dropout: 0.4 }],
  ['lstm', 'multiclass', { units: 2, clipNorm: null, layers: 2, bidirectional: true, pooling: 'mean', l2: 0.1 }],
  ['gru', 'multiclass', { units: 3, clipNorm: null, layers: 2, dropout: 0.4 }],
  ...CONVOLUTIONS,
  ...TARGETS,
];

/** Weights, and with them missing targets, enter the loss alone, which families share. */
const DENSE = ['linear', 'logistic', 'svm', 'mlp'];
const CASES_BY_WEIGHT: [boolean, typeof CASES][] = [
  [false, CASES],
  [true, CASES.filter(([family]) => [...DENSE, 'rnn'].includes(family))],
];

beforeAll(() => tf.setBackend('cpu'));

describe.each(CASES_BY_WEIGHT)('weighted %s', (weighted, cases) => {
  test.each(cases)('%s %s %j', async (family, task, parameters) => {
    const plan = planFor(family, { l2: 0, ...parameters, optimizer: 'sgd' }, task);
    const train = problem(task, ROWS, 5, weighted);
    const runner = await eagerExecutor('reference', 'cpu').prepare(plan, BATCH);
    const steps = stepsFor(plan, { rows: ROWS, batch: BATCH, count: 1, rate: 1 });
    const [start] = startOf(plan);
    start.forEach((_, i) => (start[i] += Math.sin(i) * 0.1));
    const { state, losses } = await runner.train([start], steps, train);
    const lossOf = lossOn(plan, train, steps);
    expect(lossOf(start)).toBe(losses[0]);
    const lossAt = (direction: Float32Array, h: number) => lossOf(start.map((value, i) => value + direction[i] * h));
    let offset = 0;
    for (const { name, shape, penalized } of plan.program.parameters) {
      const size = shape.reduce((a, b) => a * b, 1);
      const from = offset;
      offset += size;
      if (MOVING.test(name)) continue;
      for (const direction of directions(start.length, from, size)) {
        // A kink of relu or elu inside the interval makes the difference inexact.
        const difference = (lossAt(direction, H) - lossAt(direction, -H)) / (2 * H);
        const along = (of: (i: number) => number) => direction.reduce((sum, d, i) => sum + (d && d * of(i)), 0);
        const numeric = difference + (penalized ? plan.l2 * along((i) => start[i]) : 0);
        const gradient = along((i) => start[i] - state[0][i]);
        expect([name, Math.abs(gradient - numeric) / (0.1 + Math.abs(numeric))]).toEqual([name, lessThan(0.02)]);
      }
    }
  });
});

/** Averages that a step moves, not the gradient. */
const MOVING = /^(mean|variance)_\d+$/;
const H = 0.002;
const ENTRIES = 3;
const ROWS = 40;
const BATCH = 16;

/** The mean loss of the step's batch as a function of the parameters. Forward alone, which takes a fraction of a step. */
function lossOn(plan: StepPlan, train: Matrix, { order, keys }: Steps) {
  const batch = batchOf(plan, train, order, keys);
  return (parameters: Float32Array): number =>
    tf.tidy(() => stepLoss(plan, tf.tensor1d(parameters), batch, {}).dataSync()[0]);
}

/** One direction of length 1 through a whole parameter, and some of its entries, the first and the last among them. */
function directions(length: number, from: number, size: number): Float32Array[] {
  const random = randomSource(from + 1);
  const whole = new Float32Array(length);
  for (let i = 0; i < size; i++) whole[from + i] = (random() < 0 ? -1 : 1) / Math.sqrt(size);
  const count = Math.min(size, ENTRIES);
  const entries = Array.from({ length: count }, (_, k) => Math.round((k * (size - 1)) / Math.max(1, count - 1)));
  return [whole, ...entries.map((i) => new Float32Array(length).fill(1, from + i, from + i + 1))];
}

const lessThan = (bound: number) => ({
  asymmetricMatch: (value: number) => value < bound,
  toString: () => `< ${bound}`,
});
