/** Support vector machines against scikit-learn (fixtures/svm.json says how its numbers were made). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Matrix } from '../../src/engine/learning/fit';
import { fourierFeatures } from '../../src/engine/layers/fourier';
import { fitCalibration } from '../../src/engine/tasks/learning/calibration';
import { fit } from '../../src/engine/learning/create-fit';
import type { Task } from '../../src/engine/types';
import { randomSource } from './support/recorded';
import { listen } from './support/training';

interface Machine {
  margins: number[];
  probabilities: number[];
  slope: number;
  offset: number;
}
type Fixture = { l2: number; x: number[][]; y: number[]; target: number[]; tube: number[] } & Record<
  'hinge' | 'squaredHinge',
  Machine
>;

const sklearn = JSON.parse(readFileSync(join(__dirname, 'fixtures', 'svm.json'), 'utf8')) as Fixture;
const rows = sklearn.y.length;
const x = Float32Array.from(sklearn.x.flat());
const width = 4;
const none: Matrix = { rows: 0, width, x: new Float32Array(), y: new Float32Array(), weight: null };

async function outputs(task: Task, y: number[], parameters: Record<string, unknown>): Promise<Float32Array> {
  const train = { rows, width, x, y: Float32Array.from(y), weight: null };
  const converge = { epochs: 3000, batchSize: 128, learningRate: 0.03, schedule: 'cosine', patience: 0 };
  const request = { family: 'svm', parameters: { kernel: 'linear', l2: sklearn.l2, ...converge, ...parameters } };
  const model = await fit(
    { ...request, task, outputs: task === 'regression' ? 1 : 2, train, validation: none, seed: 1, resume: null },
    listen(),
  );
  const output = await model.predict(x, rows);
  await model.release();
  return output;
}

test.each(['hinge', 'squaredHinge'] as const)('%s finds the machine and its probabilities', async (loss) => {
  const output = await outputs('binary', sklearn.y, { loss });
  sklearn[loss].probabilities.forEach((p, i) => expect(Math.abs(output[2 * i + 1] - p)).toBeLessThan(5e-3));
});

test('a tube around numbers', async () => {
  const output = await outputs('regression', sklearn.target, { epsilon: 0.2 });
  sklearn.tube.forEach((value, i) => expect(Math.abs(output[i] - value)).toBeLessThan(5e-3));
});

test.each(['hinge', 'squaredHinge'] as const)('the calibration of the margins of %s is Platt scaling', (loss) => {
  const { margins, slope, offset } = sklearn[loss];
  const scores = Float32Array.from(margins.flatMap((margin) => [0, margin]));
  const fitted = fitCalibration(scores, sklearn.y, 2);
  expect(fitted.slope).toBeCloseTo(slope, 3);
  expect(fitted.offsets[0]).toBe(0);
  expect(fitted.offsets[1]).toBeCloseTo(offset, 3);
});

test('calibration of three classes lets the mean probability of each class meet its smoothed share', () => {
  const random = randomSource(4);
  const y = Array.from({ length: 300 }, () => Math.floor((random() + 1) * 1.5));
  const scores = Float32Array.from(y.flatMap((c) => [0, 1, 2].map((k) => random() * 2 + (k === c ? 1 : 0))));
  const { slope, offsets } = fitCalibration(scores, y, 3);
  const sums = [0, 0, 0];
  for (let i = 0; i < y.length; i++) {
    const odds = offsets.map((offset, k) => Math.exp(slope * scores[3 * i + k] + offset));
    const total = odds.reduce((a, b) => a + b);
    odds.forEach((o, k) => (sums[k] += o / total));
  }
  const counts = [0, 1, 2].map((k) => y.filter((c) => c === k).length);
  const share = (k: number) => counts.reduce((sum, n, c) => sum + (n * (c === k ? n + 1 : 1)) / (n + 3), 0);
  sums.forEach((sum, k) => expect(sum).toBeCloseTo(share(k), 3));
});

test('classes without validation rows do the calibration no harm', () => {
  const { slope, offsets } = fitCalibration(Float32Array.of(1, 0, 5, 0, 2, 5), [0, 1], 3);
  expect([slope, ...offsets].every(Number.isFinite)).toBe(true);
});

test('random features stand for the radial kernel', () => {
  const count = 8192;
  const gamma = 0.3;
  const { kernel, offset } = fourierFeatures({ width, count, gamma });
  const features = (row: number[]) =>
    Array.from({ length: count }, (_, j) => {
      const angle = row.reduce((sum, v, i) => sum + v * kernel[i * count + j], offset[j]);
      return Math.sqrt(2 / count) * Math.cos(angle);
    });
  const mapped = sklearn.x.slice(0, 8).map(features);
  for (let a = 0; a < 8; a++) {
    for (let b = 0; b < a; b++) {
      const distance = sklearn.x[a].reduce((sum, v, i) => sum + (v - sklearn.x[b][i]) ** 2, 0);
      const product = mapped[a].reduce((sum, v, j) => sum + v * mapped[b][j], 0);
      // Five standard deviations of a mean of 8192 products of at most 2.
      expect(Math.abs(product - Math.exp(-gamma * distance))).toBeLessThan(5 / Math.sqrt(count));
    }
  }
});

test('with the radial kernel it solves exclusive or, with the linear one it cannot', async () => {
  const random = randomSource(8);
  const points = Float32Array.from({ length: 800 }, () => random() * 1.7);
  const y = Float32Array.from({ length: 400 }, (_, i) => Number(points[2 * i] * points[2 * i + 1] > 0));
  const matrix = { rows: 400, width: 2, x: points, y, weight: null };
  const accuracy = async (kernel: string) => {
    const request = { family: 'svm', parameters: { kernel, gamma: 1 }, task: 'binary' as const, outputs: 2 };
    const model = await fit({ ...request, train: matrix, validation: matrix, seed: 1, resume: null }, listen());
    const output = await model.predict(points, 400);
    await model.release();
    return y.reduce((sum, label, i) => sum + Number(output[2 * i + label] > 0.5), 0) / 400;
  };
  expect(await accuracy('rbf')).toBeGreaterThan(0.97);
  expect(await accuracy('linear')).toBeLessThan(0.7);
});
