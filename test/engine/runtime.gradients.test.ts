/** Gradients of every family against central differences of the loss, on the reference executor. */
import { eagerExecutor } from '../../src/engine/runtime/eager.executor';
import type { Task } from '../../src/engine/types';
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
  ['transformer', 'binary', { ...SMALL_TRANSFORMER, width: 8, dropout: 0.2 }],
  ['transformer', 'multiclass', { ...SMALL_TRANSFORMER, input: 'tokens', vocabulary: 3, normalization: 'after' }],
  ['transformer', 'regression', { ...SMALL_TRANSFORMER, input: 'sequence', positions: 'sinusoidal', layers: 2 }],
  ['recommender', 'regression', { users: 3, items: 2, factors: 3 }],
  ['recommender', 'binary', { model: 'towers', users: 3, items: 2, factors: 3, hidden: 4, userFeatures: 1 }],
  ['gcn', 'multiclass', { edges: CHAIN, units: 4 }],
  ['rnn', 'regression', { units: 3, clipNorm: null, bidirectional: true, ragged: false }],
  ['lstm', 'binary', { units: 3, clipNorm: null, dropout: 0.4 }],
  ['lstm', 'multiclass', { units: 2, clipNorm: null, layers: 2, bidirectional: true, pooling: 'mean', l2: 0.1 }],
  ['gru', 'multiclass', { units: 3, clipNorm: null, layers: 2, dropout: 0.4 }],
  ...CONVOLUTIONS,
];

describe.each([false, true])('weighted %s', (weighted) => {
  test.each(CASES)('%s %s %j', async (family, task, parameters) => {
    const plan = planFor(family, { l2: 0, ...parameters, optimizer: 'sgd' }, task);
    const train = problem(task, 40, 5, weighted);
    const runner = await eagerExecutor('reference', 'cpu').prepare(plan, { train, validation: train, batch: 16 });
    const steps = stepsFor(plan, { rows: 40, batch: 16, count: 1, rate: 1 });
    const [start] = startOf(plan);
    start.forEach((_, i) => (start[i] += Math.sin(i) * 0.1));
    const { state } = await runner.train([start], steps);
    const at = async (i: number, h: number) => {
      const moved = Float32Array.from(start);
      moved[i] += h;
      return { loss: (await runner.train([moved], steps)).losses[0], step: moved[i] };
    };
    const penalized = plan.program.parameters.flatMap(({ shape, penalized: p }) =>
      new Array<boolean>(shape.reduce((a, b) => a * b, 1)).fill(p),
    );
    const kept = plan.program.parameters.flatMap(({ name, shape }) =>
      new Array<boolean>(shape.reduce((a, b) => a * b, 1)).fill(/_(mean|variance)$/.test(name)),
    );
    for (let i = 0; i < start.length; i++) {
      if (kept[i]) continue;
      const [up, down] = [await at(i, 0.002), await at(i, -0.002)];
      const penalty = penalized[i] ? plan.l2 * start[i] : 0;
      const numeric = (up.loss - down.loss) / (up.step - down.step) + penalty;
      // A kink of relu or elu inside the interval makes the difference inexact.
      expect(Math.abs(start[i] - state[0][i] - numeric)).toBeLessThan(0.02 * (0.1 + Math.abs(numeric)));
    }
  });
});
