/** Images have a layout of their own between kernels: no kernel may mistake their axes. */
import * as tf from '@tensorflow/tfjs-core';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { BATCH, declared, record } from '../../src/engine/trace/record';
import { run } from './support/image.cases';
import { expectRecorded, expectSame, float, onGraph, onReference } from './support/recorded';

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

type Program = (t: Tensors) => tf.Tensor | tf.Tensor[];

const CASES: [string, Program][] = [
  ['vectors, columns, images and scalars broadcast', (t) => tf.mul(tf.add(tf.sub(image(t), t.b), t.c), tf.mul(t.d, 2))],
  [
    'an image is also at hand channels last',
    (t) => [image(t), tf.relu(image(t)), tf.reshape(image(t), [t.d.shape[0]!, -1]), tf.cast(image(t), 'int32')],
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
  [
    'turns cancel',
    (t) => tf.transpose(tf.reshape(tf.transpose(image(t), [0, 3, 1, 2]), [t.d.shape[0]!, 5, 6, 4]), [0, 2, 3, 1]),
  ],
  [
    'other transpositions and concatenation',
    (t) => [tf.transpose(image(t), [3, 1, 0, 2]), tf.concat([image(t), t.d], 3), tf.softmax(image(t))],
  ],
  ['comparison and choice', (t) => tf.where(tf.greater(image(t), 0), t.d, tf.zerosLike(t.d))],
  ['one axis more', (t) => tf.add(image(t), tf.reshape(t.b, [1, 1, 1, 1, 5]))],
];

test.each(CASES)('%s', async (_, program) => {
  await expectRecorded(inputs(), program, 2e-5);
});

test.each(CASES)('%s, with a symbolic batch', async (_, program) => {
  const tensors = inputs();
  const symbolic = { x: [BATCH, 6, 4, 3], d: [BATCH, 6, 4, 5] };
  expectSame(await onGraph(tensors, program, symbolic), onReference(tensors, program), 2e-5);
});

test.each([
  [1, 'same'],
  [2, 'same'],
  [2, 'valid'],
] as const)('a transposed convolution of a symbolic batch, stride %i, %s', async (strides, pad) => {
  const tensors = { dy: float(2, 4, 3, 5), filter: float(3, 2, 3, 5) };
  const image = pad === 'valid' ? [9, 6] : [4 * strides, 3 * strides];
  const program = ({ dy, filter }: Tensors) =>
    run(
      'Conv2DBackpropInput',
      { dy, filter },
      {
        ...{ strides, pad, dataFormat: 'NHWC' },
        inputShape: [dy.shape[0]!, ...image, 3],
      },
    );
  const symbolic = { dy: [BATCH, 4, 3, 5] };
  expectSame(await onGraph(tensors, program, symbolic), onReference(tensors, program), 2e-5);
});

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, v, i) => sum + v * b[i], 0);

test('large images are cut out by a few taps at a time: as the operator of ONNX, and its gradients', async () => {
  const tensors = { x: float(64, 1, 64, 512), w: float(1, 5, 512, 1), dy: float(64, 1, 64, 1) };
  const window = { strides: 1, pad: 'same', dataFormat: 'NHWC' };
  const [y, byImage, byFilter] = await onGraph(tensors, ({ x, w, dy }) => [
    conv(x, w),
    run('Conv2DBackpropInput', { dy, filter: w }, { ...window, inputShape: x.shape }),
    run('Conv2DBackpropFilter', { x, dy }, { ...window, filterShape: w.shape }),
  ]);
  const { x, w, dy } = tensors;
  expectSame([y], await onGraph({ x, w }, (t) => conv(t.x, t.w), { x: [BATCH, 1, 64, 512] }), 1e-3);
  // A convolution is linear in both, so each gradient times its argument is the same number.
  const wanted = dot(y.values, dy.values);
  expect(Math.abs(dot(byImage.values, x.values) / wanted - 1)).toBeLessThan(1e-3);
  expect(Math.abs(dot(byFilter.values, w.values) / wanted - 1)).toBeLessThan(1e-3);
});

test.each([
  // With one channel, or one pixel, turning an image is a reshape.
  ['channels first', BATCH, ['[3,2,0,1]', '[3,2,0,1]']],
  // The images come in and their features go out by a turn of a matrix.
  ['batch last', 8, ['[1,0]', '[1,0,2]', '[1,0,2]', '[1,0]']],
])('nothing is turned between convolution, bias, activation and pooling: %s', (_, batch, wanted) => {
  const graph = new GraphBuilder();
  const shapes = { x: [batch, 6, 6, 1], w: [3, 3, 1, 4], v: [3, 3, 4, 4], b: [4] };
  const signatures = Object.entries(shapes).map(([name, shape]) => {
    graph.input(name, 'float32', declared(shape));
    return [name, { name, shape, dtype: 'float32' as const }];
  });
  record(graph, Object.fromEntries(signatures), (t) => {
    const first = tf.maxPool(tf.relu(tf.add(conv(t.x, t.w), t.b)) as tf.Tensor4D, 2, 2, 'valid');
    const second = tf.avgPool(tf.tanh(conv(first, t.v)) as tf.Tensor4D, 3, 3, 'valid');
    return { pooled: tf.reshape(second, [batch, 4]) };
  });
  const turned = graph.nodes.filter(({ op }) => op === 'Transpose');
  expect(turned.map(({ attributes }) => `[${String(attributes.perm)}]`)).toEqual(wanted);
});
