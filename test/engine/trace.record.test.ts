import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { decodeModel, encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { BATCH, record, type Tensors } from '../../src/engine/trace/record';
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
