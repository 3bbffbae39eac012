/** Kernels on images, for the table of trace.kernels.test.ts. */
import * as tf from '@tensorflow/tfjs-core';
import { float, positive, type TensorValues } from './recorded';

export type Case = [Record<string, TensorValues>, (t: Record<string, tf.Tensor>) => tf.Tensor | tf.Tensor[]];

export const run = (kernel: string, inputs: tf.NamedTensorMap, attributes: tf.NamedAttrMap = {}) =>
  tf.engine().runKernel(kernel, inputs, attributes) as tf.Tensor;

type Window = [size: [number, number], stride: [number, number], pad: 'same' | 'valid' | number];

const WINDOWS: Window[] = [
  [[3, 3], [1, 1], 'same'],
  [[2, 2], [2, 2], 'valid'],
  [[3, 2], [2, 1], 'same'],
  [[2, 3], [3, 3], 'valid'],
  [[3, 3], [2, 2], 1],
  [[1, 5], [1, 1], 'same'],
  [[7, 6], [1, 1], 'valid'],
];

/** Images [batch, height, width, channels] of several sizes, one of them of one channel. */
const IMAGES = [
  [2, 7, 6, 3],
  [3, 9, 7, 1],
];

const windowed = (make: (image: number[], window: Window) => Case) => (): Case[] =>
  IMAGES.flatMap((image) => WINDOWS.map((window) => make(image, window)));

const outOf = (image: number[], [size, strides, pad]: Window, outputs: number, byChannel = false) =>
  tf.backend_util.computeConv2DInfo(
    image as [number, number, number, number],
    [...size, image[3], outputs],
    strides,
    1,
    pad,
    undefined,
    byChannel,
  ).outShape;

const pool = (kernel: string) =>
  windowed((image, [filterSize, strides, pad]) => [
    { x: float(...image) },
    (t) => run(kernel, t, { filterSize, strides, pad }),
  ]);

const gradientOfMax = windowed((image, window) => {
  const [filterSize, strides, pad] = window;
  const attributes = { filterSize, strides, pad };
  return [
    { x: float(...image), dy: float(...outOf(image, window, image[3])) },
    (t) => {
      const output = run('MaxPool', { x: t.x }, attributes);
      return run('MaxPoolGrad', { dy: t.dy, input: t.x, output }, attributes);
    },
  ];
});

/** Averaging is linear: its gradient is the matrix of what it makes of unit images. (The kernel of tfjs counts padding.) */
function averageGradient(t: Record<string, tf.Tensor>, attributes: tf.NamedAttrMap): tf.Tensor {
  const [batch, height, width, channels] = t.x.shape;
  const pixels = height * width;
  const units = tf.reshape(tf.eye(pixels), [pixels, height, width, 1]);
  const matrix = tf.reshape(run('AvgPool', { x: units }, attributes), [1, pixels, -1]);
  const dy = tf.reshape(t.dy, [batch, -1, channels]);
  return tf.reshape(tf.matMul(tf.tile(matrix, [batch, 1, 1]), dy), t.x.shape);
}

const gradientOfAverage = windowed((image, window) => {
  const [filterSize, strides, pad] = window;
  const attributes = { filterSize, strides, pad };
  return [
    { x: float(...image), dy: float(...outOf(image, window, image[3])) },
    (t) =>
      tf.getBackend() === 'cpu'
        ? averageGradient(t, attributes)
        : run('AvgPoolGrad', { dy: t.dy, input: t.x }, attributes),
  ];
});

const conv = (t: Record<string, tf.Tensor>, strides: [number, number], pad: Window[2]) =>
  tf.conv2d(t.x as tf.Tensor4D, t.w as tf.Tensor4D, strides, pad);

const dilated: Case = [
  { x: float(2, 9, 8, 3), w: float(3, 2, 3, 4) },
  (t) => tf.conv2d(t.x as tf.Tensor4D, t.w as tf.Tensor4D, 1, 'same', 'NHWC', [2, 3]),
];
const alongSteps: Case = [
  { x: float(2, 9, 3), w: float(4, 3, 5) },
  (t) => tf.conv1d(t.x as tf.Tensor3D, t.w as tf.Tensor3D, 2, 'same'),
];

type Vector = tf.Tensor1D;

export const IMAGE_CASES: Record<string, () => Case[]> = {
  Conv2D: () => [
    ...windowed((image, [size, strides, pad]) => [
      { x: float(...image), w: float(...size, image[3], 4) },
      (t) => conv(t, strides, pad),
    ])(),
    dilated,
    alongSteps,
  ],
  FusedConv2D: () =>
    (['linear', 'relu', 'elu', 'sigmoid', 'relu6'] as const).map((activation): Case => [
      { x: float(2, 6, 5, 3), filter: float(3, 3, 3, 4), bias: float(4) },
      (t) => tf.fused.conv2d({ ...t, strides: 1, pad: 'same', activation } as Parameters<typeof tf.fused.conv2d>[0]),
    ]),
  DepthwiseConv2dNative: windowed((image, [size, , pad]) => [
    { x: float(...image), w: float(...size, image[3], 2) },
    (t) => tf.depthwiseConv2d(t.x as tf.Tensor4D, t.w as tf.Tensor4D, 1, pad),
  ]),
  Conv2DBackpropInput: windowed((image, window) => [
    { dy: float(...outOf(image, window, 4)), filter: float(...window[0], image[3], 4) },
    (t) => run('Conv2DBackpropInput', t, { strides: window[1], pad: window[2], dataFormat: 'NHWC', inputShape: image }),
  ]),
  Conv2DBackpropFilter: windowed((image, window) => [
    { x: float(...image), dy: float(...outOf(image, window, 4)) },
    (t) => {
      const filterShape = [...window[0], image[3], 4];
      return run('Conv2DBackpropFilter', t, { strides: window[1], pad: window[2], dataFormat: 'NHWC', filterShape });
    },
  ]),
  DepthwiseConv2dNativeBackpropInput: windowed((image, window) => [
    { dy: float(...outOf(image, window, 2, true)), filter: float(...window[0], image[3], 2) },
    (t) => {
      const attributes = { strides: window[1], pad: window[2], dilations: [1, 1], inputShape: image };
      return run('DepthwiseConv2dNativeBackpropInput', t, attributes);
    },
  ]),
  DepthwiseConv2dNativeBackpropFilter: windowed((image, window) => [
    { x: float(...image), dy: float(...outOf(image, window, 2, true)) },
    (t) => {
      const filterShape = [...window[0], image[3], 2];
      const attributes = { strides: window[1], pad: window[2], dilations: [1, 1], filterShape };
      return run('DepthwiseConv2dNativeBackpropFilter', t, attributes);
    },
  ]),
  FusedBatchNorm: () => [
    [
      { x: float(2, 4, 3, 5), m: float(5), v: positive(5), o: float(5), s: float(5) },
      (t) => tf.batchNorm(t.x, t.m as Vector, t.v as Vector, t.o as Vector, t.s as Vector, 0.01),
    ],
    [{ x: float(2, 4, 3, 5), m: float(5), v: positive(5) }, (t) => tf.batchNorm(t.x, t.m as Vector, t.v as Vector)],
  ],
  MaxPool: pool('MaxPool'),
  AvgPool: pool('AvgPool'),
  MaxPoolGrad: gradientOfMax,
  AvgPoolGrad: gradientOfAverage,
};
