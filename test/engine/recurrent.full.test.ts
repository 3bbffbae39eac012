/** Recurrent networks: against PyTorch, padding against shorter sequences, and what they learn. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { checkParameters, fillParameters, findGradientFamily } from '../../src/engine/families/registry';
import type { Program } from '../../src/engine/families/training/program';
import type { Matrix } from '../../src/engine/learning/fit';
import { scan } from '../../src/engine/layers/recurrent/scan';
import { encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { createFit, fit } from '../../src/engine/learning/create-fit';
import { OrtSession } from '../../src/engine/executors/ort';
import { BATCH } from '../../src/engine/trace/record';
import type { Task } from '../../src/engine/types';
import {
  expectRecorded,
  expectSame,
  float,
  onGraph,
  onReference,
  randomSource,
  type TensorValues,
} from './support/recorded';
import { listen } from './support/training';

const CELLS = ['rnn', 'lstm', 'gru'] as const;
type Numbers = number | Numbers[];

interface Case {
  last: number[][];
  mean: number[][];
  parameters: Record<string, Numbers>;
  gradients: Record<'last' | 'mean', Record<string, Numbers>>;
}

const fixture = JSON.parse(readFileSync(join(__dirname, 'fixtures', 'recurrent.json'), 'utf8')) as {
  channels: number;
  units: number;
  layers: number;
  lengths: number[];
  x: number[][][];
  lastWeights: number[][];
  meanWeights: number[][];
} & Record<(typeof CELLS)[number], Case>;

function programOf(family: string, parameters: Record<string, unknown>, width: number, outputs: number): Program {
  return findGradientFamily(family).program(fillParameters(family, parameters, 100), {
    task: 'multiclass',
    width,
    outputs,
  });
}

const input = (values: number[][]): TensorValues => ({
  shape: [values.length, values[0].length],
  dtype: 'float32',
  values: Float32Array.from(values.flat()),
});

describe.each(CELLS)('%s of PyTorch', (family) => {
  const { channels, units, layers, lengths } = fixture;
  const expected = fixture[family];
  const width = 2 * units;
  const parameters = Object.fromEntries(
    Object.entries(expected.parameters).map(([name, values]) => [name, tf.tensor(values as number[])]),
  );
  const x = input(
    fixture.x.map((steps, row) => steps.flatMap((step, t) => step.map((value) => (t < lengths[row] ? value : NaN)))),
  );
  const givens = (): Record<string, TensorValues> => ({
    x,
    kernel_output: input(
      Array.from({ length: width }, (_, i) => Array.from({ length: width }, (_, j) => Number(i === j))),
    ),
    bias_output: { shape: [width], dtype: 'float32', values: new Float32Array(width) },
    ...Object.fromEntries(
      Object.entries(parameters).map(([name, tensor]) => [
        name,
        { shape: tensor.shape, dtype: 'float32' as const, values: tensor.dataSync() as Float32Array },
      ]),
    ),
  });

  test.each(['last', 'mean'] as const)('%s: values and gradients, on both executors', async (pooling) => {
    const change = { channels, units, layers, bidirectional: true, pooling };
    const { forward, parameters: specs } = programOf(family, change, x.shape[1], width);
    const weights = input(pooling === 'last' ? fixture.lastWeights : fixture.meanWeights);
    expect(specs.map(({ name }) => name).sort()).toEqual(
      Object.keys(givens())
        .filter((name) => name !== 'x')
        .sort(),
    );
    const names = Object.keys(parameters);
    const program = ({ x: rows, ...tensors }: Record<string, tf.Tensor>) => {
      const values = forward(tensors, rows, null);
      const gradients = tf.grads((...list: tf.Tensor[]) => {
        const moved = Object.fromEntries(names.map((name, i) => [name, list[i]]));
        return tf.sum(tf.mul(forward({ ...tensors, ...moved }, rows, null), tf.tensor(weights.values, weights.shape)));
      })(names.map((name) => tensors[name]));
      return [values, ...gradients];
    };
    const wanted = [expected[pooling], ...names.map((name) => expected.gradients[pooling][name])].map((values) => {
      const tensor = tf.tensor(values as number[]);
      return { shape: tensor.shape, dtype: 'float32', values: Array.from(tensor.dataSync()) };
    });
    expectSame(onReference(givens(), program), wanted, 2e-5);
    expectSame(await onGraph(givens(), program), wanted, 2e-5);
  });
});

describe.each(CELLS)('padding of %s', (family) => {
  test.each([
    ['before', [0, 1, 2], 'last'],
    ['between', [1, 3, 4], 'last'],
    ['between', [0, 2], 'mean'],
    ['after', [3, 4], 'mean'],
  ] as const)('%s the steps %j counts for nothing (%s)', async (_, padded, pooling) => {
    const parameters = { channels: 2, units: 4, layers: 2, bidirectional: true, pooling };
    const long = programOf(family, parameters, 12, 3);
    const short = programOf(family, parameters, 12 - 2 * padded.length, 3);
    const random = randomSource(4);
    const steps = Array.from({ length: 3 }, () => Array.from({ length: 6 }, () => [random(), random()]));
    const isPadded = (t: number) => (padded as readonly number[]).includes(t);
    const holes = input(steps.map((row) => row.flatMap((step, t) => (isPadded(t) ? [step[0], NaN] : step))));
    const whole = input(steps.map((row) => row.filter((_step, t) => !isPadded(t)).flat()));
    const weights = Object.fromEntries(long.parameters.map(({ name, shape }) => [name, float(...shape)]));
    const pass = (program: Program, input: 'holes' | 'whole') => (t: Record<string, tf.Tensor>) =>
      program.forward(t, t[input], null);
    const expected = onReference({ ...weights, whole }, pass(short, 'whole'));
    expectSame(onReference({ ...weights, holes }, pass(long, 'holes')), expected);
    expectSame(await onGraph({ ...weights, holes }, pass(long, 'holes')), expected);
  });

  test('a sequence of padding alone gives the bias of the head', async () => {
    const { forward, parameters } = programOf(family, { units: 3, pooling: 'mean' }, 4, 2);
    const weights = Object.fromEntries(parameters.map(({ name, shape }) => [name, float(...shape)]));
    const [{ values }] = onReference({ ...weights, x: input([[NaN, NaN, NaN, NaN]]) }, (t) => forward(t, t.x, null));
    expect(values).toEqual(Array.from(weights.bias_output.values));
  });
});

describe('scan', () => {
  const body = (states: tf.Tensor[], [x, y]: tf.Tensor[]) => {
    const next = tf.add(tf.mul(states[0], 0.5), tf.mul(x, y));
    return { states: [next, states[1]], outputs: [next, x, tf.greater(next, 0)] };
  };

  test.each([
    [1, false],
    [1, true],
    [4, false],
    [4, true],
  ])('%i steps, reverse %s: as the loop computes it', async (steps, reverse) => {
    const givens = { s: float(2, 3), c: float(1), x: float(steps, 2, 3), y: float(steps, 1, 3) };
    await expectRecorded(givens, (t) => {
      const { states, outputs } = scan([t.s, t.c], [t.x, t.y], body, reverse);
      return [...states, ...outputs];
    });
  });

  test('over a batch of any size, reading values from outside and making constants inside', async () => {
    const program = (t: Record<string, tf.Tensor>) => {
      const sum = tf.add(t.x, t.w);
      const { states, outputs } = scan([tf.fill([t.x.shape[1]!, 3], 0)], [sum], ([s], [x]) => {
        const next = tf.add(tf.add(s, tf.mul(x, t.w)), tf.fill(s.shape, 2));
        return { states: [next], outputs: [tf.mul(next, tf.tensor1d([1, 2, 3]))] };
      });
      return [...states, ...outputs, tf.add(states[0], tf.fill(states[0].shape, 2))];
    };
    const givens = { x: float(4, 2, 3), w: float(3) };
    expectSame(await onGraph(givens, program, { x: [4, BATCH, 3] }), onReference(givens, program));
  });
});

/** Whether the first or the second peak of a wave is the higher, of sequences of 6 to 12 steps with two channels. */
function peaks(rows: number, seed: number, task: Task): Matrix {
  const random = randomSource(seed);
  const steps = 12;
  const x = new Float32Array(rows * steps * 2).fill(NaN);
  const y = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const length = 6 + Math.floor(((random() + 1) / 2) * 7);
    const heights = [random(), random()];
    for (let t = 0; t < length; t++) {
      const at = (row * steps + t) * 2;
      x[at] = random() * 0.2 + (t === 1 ? heights[0] : 0) + (t === length - 2 ? heights[1] : 0);
      x[at + 1] = Number(t === 1 || t === length - 2);
    }
    const difference = heights[0] - heights[1];
    if (task === 'regression') y[row] = difference;
    else y[row] = task === 'binary' ? Number(difference > 0) : Number(difference > -0.5) + Number(difference > 0.5);
  }
  return { rows, width: steps * 2, x, y, weight: null };
}

const outputsOf = (task: Task) => (task === 'regression' ? 1 : task === 'binary' ? 2 : 3);

function request(family: string, task: Task, change: Record<string, unknown>) {
  const parameters = { channels: 2, units: 16, learningRate: 0.01, epochs: 60, batchSize: 32, ...change };
  const [train, validation] = [peaks(600, 1, task), peaks(200, 2, task)];
  return { family, parameters, task, outputs: outputsOf(task), train, validation, seed: 5, resume: null };
}

async function outcome(trainRequest: ReturnType<typeof request>, with_ = fit) {
  const model = await with_(trainRequest, listen());
  const output = await model.predict(trainRequest.validation.x, trainRequest.validation.rows);
  await model.release();
  return output;
}

describe.each(CELLS)('%s', (family) => {
  test.each(['binary', 'multiclass'] as const)('learns %s over sequences of different length', async (task) => {
    const trainRequest = request(family, task, {
      pooling: task === 'binary' ? 'last' : 'mean',
      bidirectional: task !== 'binary',
      epochs: 100,
    });
    const output = await outcome(trainRequest);
    const classes = trainRequest.outputs;
    const right = trainRequest.validation.y.filter((label, i) => {
      const rowScores = output.subarray(i * classes, (i + 1) * classes);
      return rowScores.indexOf(Math.max(...rowScores)) === label;
    });
    expect(right.length / trainRequest.validation.rows).toBeGreaterThan(0.85);
  });

  test('learns a regression', async () => {
    const trainRequest = request(family, 'regression', {});
    const output = await outcome(trainRequest);
    const { y, rows } = trainRequest.validation;
    const mean = y.reduce((a, b) => a + b) / rows;
    const error = y.reduce((sum, v, i) => sum + (v - output[i]) ** 2, 0);
    expect(error / y.reduce((sum, v) => sum + (v - mean) ** 2, 0)).toBeLessThan(0.15);
  });

  test('one seed gives the same bits, and the reference executor the same model', async () => {
    const trainRequest = request(family, 'binary', {
      units: 4,
      layers: 2,
      bidirectional: true,
      dropout: 0.3,
      epochs: 1,
    });
    const first = await outcome(trainRequest);
    expect(await outcome(trainRequest)).toEqual(first);
    expect(await outcome({ ...trainRequest, seed: 6 })).not.toEqual(first);
    const reference = await outcome(trainRequest, createFit({ executor: 'reference' }));
    first.forEach((value, i) => expect(Math.abs(value - reference[i])).toBeLessThan(1e-3));
  });

  test.each([
    { layers: 2, bidirectional: true, pooling: 'mean' },
    { layers: 1, pooling: 'last', ragged: false },
  ])('%j: the serving graph answers as predict does, whatever the batch', async (parameters) => {
    const trainRequest = request(family, 'binary', { ...parameters, units: 5, epochs: 1 });
    if (parameters.ragged === false)
      for (const { x } of [trainRequest.train, trainRequest.validation]) x.forEach((v, i) => (x[i] = v || 0));
    const model = await fit(trainRequest, listen());
    const { x, width } = trainRequest.validation;
    const graph = new GraphBuilder('serving');
    graph.input('x', 'float32', ['batch', width]);
    graph.output(model.append(graph, 'x'), 'float32', ['batch', 2]);
    const session = await OrtSession.create(encodeModel(graph));
    for (const rows of [1, 3]) {
      const expected = await model.predict(x.slice(0, rows * width), rows);
      const feeds = { x: { type: 'float32' as const, dims: [rows, width], data: x.slice(0, rows * width) } };
      const [output] = Object.values(await session.run(feeds));
      expect(output.dims).toEqual([rows, 2]);
      expect(Array.from(output.data as Float32Array)).toEqual(Array.from(expected));
    }
    await model.release();
    await session.release();
  });
});

test('steps must divide the features; bad parameters are refused', () => {
  expect(() => programOf('lstm', { channels: 3 }, 10, 2)).toThrow('10 features cannot be divided into steps of 3');
  const paths = [{ layers: 4 }, { units: 0 }, { pooling: 'max' }].map(
    (parameters) => checkParameters('gru', parameters, 'binary')[0].path,
  );
  expect(paths).toEqual(['parameters.layers', 'parameters.units', 'parameters.pooling']);
});
