/** Supervised contrast against its formula written out, and as the loss of a network. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { supervisedContrast, unitRows } from '../../src/engine/layers/losses';
import { createFit } from '../../src/engine/learning/create-fit';
import { checkParameters } from '../../src/engine/families/registry';
import { randomSource } from './support/recorded';
import { listen, requestFor } from './support/training';

const CLASSES = [0, 1, 0, 2, 1, 0, 1, 3];
const SIZE = 3;

/** Khosla et al. 2020, equation 2, row by row. */
function written(units: number[][], weights: number[], temperature: number): number {
  const score = (i: number, j: number) => units[i].reduce((sum, v, k) => sum + v * units[j][k], 0) / temperature;
  const rows = units.map((_, i) => i);
  return rows.reduce((total, i) => {
    const others = rows.filter((j) => j !== i);
    const same = others.filter((j) => CLASSES[j] === CLASSES[i]);
    if (same.length === 0) return total;
    const all = Math.log(others.reduce((sum, j) => sum + Math.exp(score(i, j)), 0));
    return total - (weights[i] * same.reduce((sum, j) => sum + score(i, j) - all, 0)) / same.length;
  }, 0);
}

test('it is the formula; a row alone in its class counts nothing', async () => {
  await tf.setBackend('cpu');
  const random = randomSource(4);
  const values = CLASSES.map(() => Array.from({ length: SIZE }, random));
  const weights = CLASSES.map((_, i) => 0.5 + (i % 3));
  for (const temperature of [0.05, 0.5]) {
    const units = unitRows(tf.tensor2d(values));
    const counting = { weights: tf.tensor2d(weights, [CLASSES.length, 1]), share: 0.5 };
    const loss = supervisedContrast(units, tf.tensor1d(CLASSES, 'int32'), temperature, counting);
    const rows = units.arraySync() as number[][];
    const expected = 0.5 * written(rows, weights, temperature);
    expect(Math.abs(loss.dataSync()[0] - expected)).toBeLessThan(1e-4 * expected);
  }
});

test.each(['onnx', 'reference'] as const)('a network learns classes by it on %s', async (executor) => {
  const parameters = { hidden: [8], loss: 'contrastive', epochs: 12, batchSize: 64, learningRate: 0.02, patience: 0 };
  const model = await createFit({ executor })(requestFor('multiclass', 'mlp', parameters), listen());
  // Of cross-entropy alone, as validation has it: that of guessing is 1.1.
  expect(model.validationLoss).toBeLessThan(0.9);
  const request = requestFor('multiclass', 'mlp', parameters);
  const output = await model.predict(request.validation.x, request.validation.rows);
  await model.release();
  for (let row = 0; row < request.validation.rows; row++) {
    expect(output.subarray(3 * row, 3 * row + 3).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  }
});

test('it is a loss of one class per row alone', () => {
  const issues = (task: 'regression' | 'multilabel' | 'multiclass', family = 'mlp') =>
    checkParameters(family, { loss: 'contrastive' }, task).map(({ path }) => path);
  expect(issues('multiclass')).toEqual([]);
  expect(issues('regression')).toEqual(['parameters.loss']);
  expect(issues('multilabel')).toEqual(['parameters.loss']);
  expect(issues('multiclass', 'logistic')).toEqual(['parameters.loss']);
});
