/** Convolutional networks: against the reference, against themselves when served, and on a problem only they can solve. */
import type { FitRequest, Matrix } from '../../src/engine/learning/fit';
import { encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { eagerExecutor } from '../../src/engine/executors/eager.executor';
import type { Executor } from '../../src/engine/executors/executor';
import { fit } from '../../src/engine/learning/create-fit';
import { onnxExecutor } from '../../src/engine/executors/onnx.executor';
import { OrtSession } from '../../src/engine/executors/ort';
import { planStep } from '../../src/engine/gradient/step';
import { fillParameters } from '../../src/engine/families/registry';
import { EngineError } from '../../src/engine/types';
import { randomSource } from './support/recorded';
import { listen, planFor, startOf, stepsFor } from './support/training';

const SIDE = 7;

/** Noise of one or more channels with a diagonal stroke at a random place: rising in class 1, falling in class 0. */
function strokes(rows: number, seed: number, channels = 1): Matrix {
  const random = randomSource(seed);
  const width = SIDE * SIDE * channels;
  const x = Float32Array.from({ length: rows * width }, () => random() * 0.3);
  const y = Float32Array.from({ length: rows }, () => Number(random() > 0));
  const place = () => Math.floor(((random() + 1) / 2) * (SIDE - 3.01));
  y.forEach((label, row) => {
    const [top, left] = [place(), place()];
    for (let i = 0; i < 4; i++) {
      const pixel = (top + i) * SIDE + left + (label ? 3 - i : i);
      x[row * width + pixel * channels] += 1;
    }
  });
  return { rows, width, x, y, weight: null };
}

const request = (family: string, parameters: Record<string, unknown>): FitRequest => ({
  family,
  parameters,
  task: 'binary',
  outputs: 2,
  train: strokes(300, 1),
  validation: strokes(200, 2),
  seed: 42,
  resume: null,
});

const CASES: [Record<string, unknown>, channels: number][] = [
  [{ filters: [6, 5], hidden: [8] }, 1],
  [{ batchNormalization: false, filters: [4, 3], hidden: [] }, 1],
  [{ shape: [SIDE, SIDE, 2], filters: [4, 4, 3], pooling: 'average', residual: true, globalPooling: 'max' }, 2],
  [{ shape: [SIDE, SIDE, 2], filters: [3, 4], globalPooling: 'average', activation: 'elu', dropout: 0.3 }, 2],
  [{ shape: [SIDE, SIDE, 2], filters: [3], residual: true, batchNormalization: false, poolSize: 3, l2: 0.1 }, 2],
];

test.each(CASES)('20 steps of cnn2d %j equal the reference', async (parameters, channels) => {
  const data = strokes(60, 3, channels);
  const plan = planFor('cnn2d', parameters, 'binary', data.width);
  const steps = stepsFor(plan, { rows: 60, batch: 8, count: 20, rate: 0.003 });
  const outcome = async (executor: Executor) => {
    const runner = await executor.prepare(plan, 8);
    const { state, losses } = await runner.train(startOf(plan), steps, data);
    const score = await runner.score(state[0], data);
    await runner.release();
    return { state, losses, score };
  };
  const actual = await outcome(onnxExecutor({ threads: 2, provider: 'cpu' }));
  const expected = await outcome(eagerExecutor('reference', 'cpu'));
  const apart = (a: Float32Array, b: Float32Array) => Math.max(...a.map((v, i) => Math.abs(v - b[i])));
  expect(apart(actual.losses, expected.losses)).toBeLessThan(1e-3);
  actual.state.forEach((vector, i) => expect(apart(vector, expected.state[i])).toBeLessThan(1e-3));
  expect(Math.abs(actual.score.loss - expected.score.loss) / 60).toBeLessThan(1e-3);
  expect(actual.score.correct).toBe(expected.score.correct);
  expect(apart(expected.state[0], startOf(plan)[0])).toBeGreaterThan(1e-2);
});

test('moving averages follow the moments of the batches, and serving goes by them', async () => {
  const data = strokes(60, 3);
  const parameters = { filters: [1], kernelSize: [1], pooling: 'none', hidden: [] };
  const settings = fillParameters('cnn2d', parameters, 60);
  const plan = planStep('cnn2d', { ...settings, learningRate: 0.001 }, { task: 'binary', width: 49, outputs: 2 });
  const runner = await onnxExecutor({ threads: 1, provider: 'cpu' }).prepare(plan, 60);
  // One step with a rate of zero over all rows.
  const steps = {
    ...stepsFor(plan, { rows: 60, batch: 60, count: 1, rate: 0 }),
    order: Int32Array.from(Array(60).keys()),
  };
  const [start, ...slots] = startOf(plan);
  const { state } = await runner.train([start, ...slots], steps, data);
  await runner.release();
  // The parameters begin with: filter of one number, scale, offset, mean, variance.
  const values = data.x.map((v) => v * start[0]);
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  expect(Array.from(start.slice(1, 5))).toEqual([1, 0, 0, 1]);
  expect(Array.from(state[0].slice(1, 3))).toEqual([1, 0]);
  expect(state[0][3]).toBeCloseTo(0.1 * mean, 6);
  expect(state[0][4]).toBeCloseTo(0.9 + 0.1 * variance, 5);
});

test.each([
  ['cnn2d', { batchNormalization: true, residual: true }],
  ['cnn2d', { batchNormalization: false, pooling: 'average' }],
  ['cnn1d', { channels: 7, globalPooling: 'max', dropout: 0.2 }],
])('%s %j: the serving graph answers as predict does, for any number of rows', async (family, parameters) => {
  const trainRequest = request(family, { ...parameters, epochs: 2 });
  const model = await fit(trainRequest, listen());
  const { x, width } = trainRequest.validation;
  const expected = await model.predict(x, 200);
  const graph = new GraphBuilder('serving');
  graph.input('x', 'float32', ['batch', width]);
  graph.output(model.append(graph, 'x'), 'float32', ['batch', 2]);
  await model.release();
  const session = await OrtSession.create(encodeModel(graph));
  for (const rows of [1, 3, 200]) {
    const feed = { x: { type: 'float32' as const, dims: [rows, width], data: x.slice(0, rows * width) } };
    const [output] = Object.values(await session.run(feed));
    expect(output.dims).toEqual([rows, 2]);
    Array.from(output.data as Float32Array).forEach((v, i) => expect(v).toBeCloseTo(expected[i], 5));
  }
  await session.release();
});

test('one seed gives the same bits', async () => {
  const outcome = async () => {
    const trainRequest = request('cnn2d', { filters: [4, 4], epochs: 2, dropout: 0.2 });
    const model = await fit(trainRequest, listen());
    const output = await model.predict(trainRequest.validation.x, 200);
    await model.release();
    return output;
  };
  expect(await outcome()).toEqual(await outcome());
});

test('finds a stroke wherever it is; a linear model cannot', async () => {
  const accuracy = async (family: string, parameters: Record<string, unknown>) => {
    const trainRequest = request(family, parameters);
    const test = strokes(300, 9);
    const model = await fit(trainRequest, listen());
    const output = await model.predict(test.x, 300);
    await model.release();
    return test.y.reduce((sum, label, i) => sum + Number(output[2 * i + label] > 0.5), 0) / 300;
  };
  expect(await accuracy('cnn2d', { filters: [8, 16], hidden: [], epochs: 30, globalPooling: 'max' })).toBeGreaterThan(
    0.97,
  );
  expect(await accuracy('logistic', {})).toBeLessThan(0.8);
});

test.each([
  ['cnn2d', { shape: [7, 6, 1] }, 'estimator.parameters.shape', '7 × 6 × 1 has 42 values; a row has 49 features'],
  ['cnn1d', { channels: 3 }, 'estimator.parameters.channels', 'not a whole number of steps of 3 channels'],
  ['cnn2d', { filters: [2, 2, 2, 2] }, 'estimator.parameters.poolSize', 'After 2 poolings 1×1 are left'],
])('%s %j is refused at %s', async (family, parameters, path, message) => {
  const refused = fit(request(family, parameters), listen());
  await expect(refused).rejects.toThrow(EngineError);
  await expect(refused).rejects.toMatchObject({ path, message: expect.stringContaining(message) });
});
