import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as layers from '@tensorflow/tfjs-layers';
import { decodeModel, encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { OrtSession } from '../../src/engine/executors/ort';
import { BATCH, record, recordVariables, type Tensors } from '../../src/engine/trace/record';
import { expectSame, float, int, onGraph, onReference } from './support/recorded';

describe('a symbolic batch', () => {
  const program = ({ x, i }: Tensors) => {
    const rows = x.shape[0]!;
    const pairs = tf.reshape(x, [rows * 2, 3]);
    const back = tf.reshape(tf.sum(pairs, 1), [rows, 2]);
    const padded = tf.concat([back, tf.fill([rows, 1], 0.5), tf.zerosLike(back)], 1);
    const centred = tf.sub(padded, tf.mean(padded, 1, true));
    return [
      tf.softmax(centred),
      tf.slice(x, [0, 1], [rows, 2]),
      tf.oneHot(i, 3),
      tf.tile(tf.ones([1, 2]), [rows, 1]),
      tf.add(tf.zeros([rows, 2]), 1),
    ];
  };

  test.each([1, 2, 7])('the same graph serves %i rows', async (rows) => {
    const givens = { x: float(rows, 6), i: int(0, 3, rows) };
    const actual = await onGraph(givens, program, { x: [BATCH, 6], i: [BATCH] });
    expectSame(actual, onReference(givens, program));
  });

  test('is declared by name', async () => {
    const graph = new GraphBuilder();
    graph.input('x', 'float32', ['batch', 2]);
    const { y } = record(graph, { x: { name: 'x', shape: [BATCH, 2], dtype: 'float32' } }, ({ x }) => ({
      y: tf.relu(x),
    }));
    expect(y.shape).toEqual([BATCH, 2]);
    const [input] = decodeModel(encodeModel(graph)).graph!.input!;
    expect(input.type!.tensorType!.shape!.dim![0].dimParam).toBe('batch');
  });
});

test('a program that reads a recorded value is refused, and recording works afterwards', () => {
  const graph = new GraphBuilder();
  const x = { name: graph.input('x', 'float32', [2]), shape: [2], dtype: 'float32' as const };
  expect(() => record(graph, { x }, (t) => (t.x.dataSync(), {}))).toThrow('has no value yet');
  expect(record(graph, { x }, (t) => ({ y: tf.neg(t.x) })).y.shape).toEqual([2]);
  expect(tf.getBackend()).toBe('cpu');
});

test('a kernel without a lowering is named', () => {
  const graph = new GraphBuilder();
  const x = { name: graph.input('x', 'float32', [2, 2, 2, 1]), shape: [2, 2, 2, 1], dtype: 'float32' as const };
  expect(() => record(graph, { x }, (t) => ({ y: tf.image.resizeBilinear(t.x as tf.Tensor4D, [4, 4]) }))).toThrow(
    "Kernel 'ResizeBilinear' not registered for backend 'recorder'",
  );
});

test('layers and optimizers of TensorFlow.js record: variables read are inputs, variables assigned are outputs', async () => {
  void tf.setBackend('cpu');
  const model = layers.sequential({
    layers: [
      layers.layers.dense({
        units: 5,
        activation: 'relu',
        inputShape: [3],
        kernelInitializer: layers.initializers.glorotUniform({ seed: 1 }),
      }),
      layers.layers.dense({ units: 2, kernelInitializer: layers.initializers.glorotUniform({ seed: 2 }) }),
    ],
  });
  const weights = model.trainableWeights.map((w) => w.read() as tf.Variable);
  const variables = Object.fromEntries(weights.map((v, i) => [`w${i}`, v]));
  const untouched = tf.variable(tf.scalar(2), false, 'untouched');
  const x = tf.tensor2d([0.1, -0.4, 0.7, 1, 0.2, -0.3], [2, 3]);
  const step = () =>
    tf.train
      .sgd(0.1)
      .minimize(() => tf.mul(tf.mean(tf.square(model.apply(x) as tf.Tensor)), untouched), true, weights) as tf.Scalar;

  const graph = new GraphBuilder();
  for (const [name, { shape }] of Object.entries(variables)) graph.input(name, 'float32', shape);
  graph.input('untouched', 'float32', []);
  const recorded = recordVariables(graph, { ...variables, untouched }, () => ({ loss: step() }));
  expect(recorded.variables.untouched.assigned).toBeNull();
  const outputs = [recorded.results.loss, ...Object.keys(variables).map((name) => recorded.variables[name].assigned!)];
  for (const { name } of outputs) graph.output(name, 'float32');

  const feeds = Object.fromEntries(
    [...Object.entries(variables), ['untouched', untouched] as const].map(([name, v]) => [
      name,
      { type: 'float32' as const, dims: v.shape, data: Float32Array.from(v.dataSync()) },
    ]),
  );
  const session = await OrtSession.create(encodeModel(graph));
  const values = await session.run(feeds);
  await session.release();
  const loss = step().dataSync()[0];
  const expected = [[loss], ...weights.map((v) => Array.from(v.dataSync()))];
  outputs.forEach(({ name }, i) => {
    Array.from(values[name].data as Float32Array).forEach((v, j) => expect(v).toBeCloseTo(expected[i][j], 5));
  });
});
