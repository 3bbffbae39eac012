/** Losses, optimizers and schedules against PyTorch (fixtures/torch.json says how its numbers were made). */
import * as tf from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillParameters } from '../../src/engine/families/registry';
import type { PlannedTraining } from '../../src/engine/families/training/program';
import type { LossParameters } from '../../src/engine/tasks/learning/loss-names';
import type { Matrix } from '../../src/engine/learning/fit';
import { eagerExecutor } from '../../src/engine/executors/eager.executor';
import { taskOf } from '../../src/engine/tasks/registry';
import { onnxExecutor } from '../../src/engine/executors/onnx.executor';
import { scalarsOf } from '../../src/engine/gradient/optimizers';
import { afterEpoch, learningRate } from '../../src/engine/gradient/schedule';
import { planFor, startOf } from './support/training';

interface Fixture {
  x: number[][];
  y: number[];
  start: number[];
  optimizers: Record<string, { losses: number[]; end: number[] }>;
  classes: { outputs: number[][]; y: number[] };
  numbers: { outputs: number[]; y: number[] };
  losses: { parameters: Partial<LossParameters>; loss: number; gradient: number[] }[];
  schedules: { oneCycle: number[]; plateau: { losses: number[]; rates: number[] } };
}

const torch = JSON.parse(readFileSync(join(__dirname, 'fixtures', 'torch.json'), 'utf8')) as Fixture;
const STEPS = 20;

function expectClose(actual: ArrayLike<number>, expected: number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(Math.abs(actual[i] - value)).toBeLessThan(1e-5));
}

describe.each([onnxExecutor({ threads: 1, provider: 'cpu' }), eagerExecutor('reference', 'cpu')])(
  'twenty steps of $name',
  (executor) => {
    test.each(Object.keys(torch.optimizers))('%s', async (name) => {
      const options = name === 'clipped' ? { optimizer: 'sgd', clipNorm: 0.5 } : { optimizer: name };
      const plan = planFor('linear', { l2: 0, momentum: 0.8, weightDecay: 0.1, ...options }, 'regression', 3);
      const rows = torch.y.length;
      const data: Matrix = {
        rows,
        width: 3,
        x: Float32Array.from(torch.x.flat()),
        y: Float32Array.from(torch.y),
        weight: null,
      };
      const runner = await executor.prepare(plan, rows);
      const steps = {
        count: STEPS,
        order: Int32Array.from({ length: STEPS * rows }, (_, i) => i % rows),
        keys: null,
        scalars: scalarsOf(plan.optimizer, 0, new Array<number>(STEPS).fill(0.05)),
      };
      const start = [Float32Array.from(torch.start), ...startOf(plan).slice(1)];
      const { state, losses } = await runner.train(start, steps, data);
      await runner.release();
      expectClose(losses, torch.optimizers[name].losses);
      expectClose(state[0], torch.optimizers[name].end);
    });
  },
);

test.each(torch.losses)('loss $parameters: value and gradient', ({ parameters, loss, gradient }) => {
  void tf.setBackend('cpu');
  const numeric = gradient.length === torch.numbers.y.length;
  const { y, outputs } = numeric ? torch.numbers : torch.classes;
  const rows = y.length;
  const { sum } = taskOf(numeric ? 'regression' : 'multiclass').learning.loss(numeric ? 1 : 4, parameters);
  const targets = tf.tensor1d(y, numeric ? 'float32' : 'int32');
  const { value, grad } = tf.valueAndGrad((output: tf.Tensor) =>
    sum(output, targets, { weights: null, share: 1 / rows }),
  )(tf.tensor2d(outputs.flat(), [rows, numeric ? 1 : 4]));
  expectClose(value.dataSync(), [loss]);
  expectClose(grad.dataSync(), gradient);
});

describe('schedules', () => {
  const settings = (parameters: Record<string, unknown>): PlannedTraining =>
    fillParameters('mlp', { learningRate: 0.1, epochs: 10, ...parameters }, 100);

  test('one cycle', () => {
    const cycle = settings({ schedule: 'oneCycle' });
    const rates = Array.from({ length: STEPS }, (_, step) => learningRate(cycle, step, STEPS / 10));
    torch.schedules.oneCycle.forEach((rate, i) => expect(Math.abs(rates[i] - rate)).toBeLessThan(1e-7));
  });

  test('plateau', () => {
    const plateau = settings({ schedule: 'plateau', plateauEpochs: 2, stepFactor: 0.5 });
    const { losses, rates } = torch.schedules.plateau;
    let state = { factor: 1, waited: 0 };
    let best = Infinity;
    losses.forEach((loss, i) => {
      expect(learningRate(plateau, i, 1) * state.factor).toBeCloseTo(rates[i], 9);
      state = afterEpoch(state, plateau, loss < best);
      best = Math.min(best, loss);
    });
  });
});
