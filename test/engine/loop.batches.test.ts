import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { dropoutMask } from '../../src/engine/layers/dropout';
import { epochOrder, planBatches, rowKeys } from '../../src/engine/gradient/batches';
import { createOptimizer } from '../../src/engine/gradient/optimizers';
import { learningRate } from '../../src/engine/gradient/schedule';
import { fillParameters } from '../../src/engine/families/registry';
import type { PlannedTraining } from '../../src/engine/families/training/program';
import { expectRecorded } from './support/recorded';

describe('batches', () => {
  test.each([
    [1, 32],
    [7, 32],
    [32, 32],
    [33, 32],
    [1000, 64],
    [1001, 64],
  ])('%i rows in batches of about %i: every row in each epoch, in another order', (rows, wanted) => {
    const plan = planBatches(rows, wanted);
    expect(plan.batch).toBeLessThanOrEqual(wanted);
    const [first, second] = [0, 1].map((epoch) => epochOrder(rows, plan, 9, epoch));
    for (const order of [first, second]) {
      expect(order.length).toBe(plan.batch * plan.stepsPerEpoch);
      expect(order.length - rows).toBeLessThan(plan.stepsPerEpoch);
      expect(new Set(order)).toEqual(new Set(Array.from({ length: rows }, (_, i) => i)));
    }
    if (rows > 7) expect(first).not.toEqual(second);
    expect(epochOrder(rows, plan, 9, 1)).toEqual(second);
    if (rows > 7) expect(epochOrder(rows, plan, 10, 1)).not.toEqual(second);
  });

  test('row keys depend on the step, not on where a chunk begins', () => {
    expect(rowKeys(8, 1, 5, 3).slice(8)).toEqual(rowKeys(8, 1, 6, 2));
    expect(rowKeys(8, 1, 5, 1)).not.toEqual(rowKeys(8, 2, 5, 1));
  });
});

describe('dropout masks', () => {
  const keys = (rows: number, step = 0) => ({
    shape: [rows],
    dtype: 'int32' as const,
    values: rowKeys(rows, 3, step, 1),
  });

  test('the graph and plain integers draw the same mask', async () => {
    for (const rate of [0, 0.1, 0.5, 0.9]) {
      await expectRecorded({ k: keys(64) }, (t) => tf.cast(dropoutMask(t.k, 50, rate, 2), 'int32'));
    }
  });

  test('elements stay with the right share, and rows, columns, layers and steps are uncorrelated', () => {
    void tf.setBackend('cpu');
    const mask = (step: number, stream: number) =>
      Array.from(
        tf.tidy(() => dropoutMask(tf.tensor1d(keys(256, step).values, 'int32'), 256, 0.3, stream).dataSync()),
        (kept) => (kept - 0.7) / Math.sqrt(0.21),
      );
    const product = (a: number[], b: number[]) => a.reduce((sum, v, i) => sum + v * b[i], 0) / Math.sqrt(a.length);
    const first = mask(0, 0);
    const shifted = (by: number) => first.map((_, i) => first[(i + by) % first.length]);
    // Each is a sum of 65,536 independent terms scaled to unit variance: 5 is five standard deviations.
    const ones = first.map(() => 1);
    for (const other of [ones, mask(1, 0), mask(0, 1), shifted(1), shifted(256), shifted(257)]) {
      expect(Math.abs(product(first, other))).toBeLessThan(5);
    }
    // Four corners of a rectangle: row and column keys alone would tie them together.
    const corners = first.map(
      (v, i) => v * first[(i + 1) % 65536] * first[(i + 256) % 65536] * first[(i + 257) % 65536],
    );
    expect(Math.abs(product(corners, ones))).toBeLessThan(5);
  });
});

describe('optimizers', () => {
  /** Textbook updates in float64, one parameter. */
  const TEXTBOOK: Record<string, (gradients: number[], rate: number) => number> = {
    sgd: (g, rate) => g.reduce((p, x) => p - rate * x, 1),
    momentum: (g, rate) => {
      let [p, v] = [1, 0];
      for (const x of g) p -= rate * (v = 0.9 * v + x);
      return p;
    },
    rmsprop: (g, rate) => {
      let [p, v] = [1, 0];
      for (const x of g) {
        v = 0.9 * v + 0.1 * x * x;
        p -= (rate * x) / (Math.sqrt(v) + 1e-8);
      }
      return p;
    },
    adam: (g, rate) => {
      let [p, m, v] = [1, 0, 0];
      g.forEach((x, i) => {
        m = 0.9 * m + 0.1 * x;
        v = 0.999 * v + 0.001 * x * x;
        p -= (rate * (m / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8);
      });
      return p;
    },
  };

  test.each(Object.keys(TEXTBOOK))('%s follows its formula', (name) => {
    void tf.setBackend('cpu');
    const gradients = [0.3, -0.2, 0.5, 0.1, -0.7, 0.4];
    const optimizer = createOptimizer(name as 'adam', { momentum: 0.9, weightDecay: 0 });
    let state: tf.Tensor[] = [tf.tensor1d([1]), ...Array.from({ length: optimizer.slots }, () => tf.tensor1d([0]))];
    gradients.forEach((g, i) => {
      const scalars = optimizer.scalars(i + 1, 0.05).map((value) => tf.scalar(value));
      state = optimizer.update(state[0], tf.tensor1d([g]), state.slice(1), { scalars, mask: () => tf.scalar(0) });
    });
    expect(state[0].dataSync()[0]).toBeCloseTo(TEXTBOOK[name](gradients, 0.05), 5);
  });
});

describe('learning rate', () => {
  const settings = (parameters: Record<string, unknown>): PlannedTraining =>
    fillParameters('mlp', { learningRate: 0.1, epochs: 10, ...parameters }, 100);

  test('constant, step and cosine', () => {
    expect(learningRate(settings({ schedule: 'constant' }), 55, 10)).toBe(0.1);
    const step = settings({ schedule: 'step', stepEpochs: 2, stepFactor: 0.5 });
    expect([0, 19, 20, 45].map((s) => learningRate(step, s, 10))).toEqual([0.1, 0.1, 0.05, 0.025]);
    const cosine = settings({ schedule: 'cosine' });
    expect(learningRate(cosine, 0, 10)).toBeCloseTo(0.1, 10);
    expect(learningRate(cosine, 50, 10)).toBeCloseTo(0.1 * (0.001 + 0.999 / 2), 10);
    expect(learningRate(cosine, 100, 10)).toBeCloseTo(0.0001, 10);
  });

  test('a warm-up rises linearly to the full rate', () => {
    const warm = settings({ schedule: 'constant', warmupEpochs: 2 });
    [0, 9, 19, 20].forEach((s, i) => expect(learningRate(warm, s, 10)).toBeCloseTo([0.005, 0.05, 0.1, 0.1][i], 12));
  });
});
