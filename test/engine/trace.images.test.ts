/** Images stay channels first between kernels: no kernel may mistake their axes. */
import * as tf from '@tensorflow/tfjs-core';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { record } from '../../src/engine/trace/record';
import { expectRecorded, float } from './support/recorded';

type Tensors = Record<string, tf.Tensor>;

const conv = (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
const image = (t: Tensors) => conv(t.x, t.w);
const inputs = () => ({
  x: float(2, 6, 4, 3),
  w: float(3, 3, 3, 5),
  b: float(5),
  c: float(4, 1),
  d: float(2, 6, 4, 5),
});

test.each<[string, (t: Tensors) => tf.Tensor | tf.Tensor[]]>([
  ['vectors, columns, images and scalars broadcast', (t) => tf.mul(tf.add(tf.sub(image(t), t.b), t.c), tf.mul(t.d, 2))],
  [
    'an image is also at hand channels last',
    (t) => [image(t), tf.relu(image(t)), tf.reshape(image(t), [2, -1]), tf.cast(image(t), 'int32')],
  ],
  [
    'reductions',
    (t) =>
      [[1, 2], [0, 1, 2], [3], [0, 2]].flatMap((axes) => [
        tf.sum(image(t), axes),
        tf.mean(image(t), axes),
        tf.max(image(t), axes, true),
      ]),
  ],
  ['turns cancel', (t) => tf.transpose(tf.reshape(tf.transpose(image(t), [0, 3, 1, 2]), [2, 5, 6, 4]), [0, 2, 3, 1])],
  [
    'other transpositions and concatenation',
    (t) => [tf.transpose(image(t), [3, 1, 0, 2]), tf.concat([image(t), t.d], 3), tf.softmax(image(t))],
  ],
  ['comparison and choice', (t) => tf.where(tf.greater(image(t), 0), t.d, tf.zerosLike(t.d))],
  ['one axis more', (t) => tf.add(image(t), tf.reshape(t.b, [1, 1, 1, 1, 5]))],
])('%s', async (_, program) => {
  await expectRecorded(inputs(), program, 2e-5);
});

test('nothing is turned between convolution, bias, activation and pooling', () => {
  const graph = new GraphBuilder();
  const shapes = { x: [8, 6, 6, 1], w: [3, 3, 1, 4], v: [3, 3, 4, 4], b: [4] };
  const signatures = Object.entries(shapes).map(([name, shape]) => {
    graph.input(name, 'float32', shape);
    return [name, { name, shape, dtype: 'float32' as const }];
  });
  record(graph, Object.fromEntries(signatures), (t) => {
    const first = tf.maxPool(tf.relu(tf.add(conv(t.x, t.w), t.b)) as tf.Tensor4D, 2, 2, 'valid');
    const second = tf.avgPool(tf.tanh(conv(first, t.v)) as tf.Tensor4D, 3, 3, 'valid');
    return { pooled: tf.reshape(second, [8, 4]) };
  });
  // The two filters; with one channel, or one pixel, turning an image is a reshape.
  const turned = graph.nodes.filter(({ op }) => op === 'Transpose');
  expect(turned.map(({ inputs: [name] }) => name)).toEqual(['w', 'v']);
});
