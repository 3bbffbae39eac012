/** Convolutions. Those of sequences are convolutions of images of height one. */
import * as tf from '@tensorflow/tfjs-core';
import { activated, type LayerActivation } from '../../layers/activations';
import { kernelSpec, type Initializer } from '../../layers/parameters';
import { both, LayerFault, only, sizeOf, vectorSpec, withBatch, type Built, type Builds } from '../built';

type Size = [height: number, width: number];

interface Window {
  kernel: Size;
  stride: Size;
  dilation: Size;
  padding: 'valid' | 'same' | 'causal';
}

interface Ending {
  activation: LayerActivation;
  bias: boolean;
}

type Given2d = {
  kernelSize: number | Size;
  stride: number | Size;
  dilation?: number | Size;
  padding: Window['padding'];
};

const window2d = ({ kernelSize, stride, dilation = 1, padding }: Given2d): Window => ({
  ...{ kernel: both(kernelSize), stride: both(stride), dilation: both(dilation), padding },
});

type Given1d = { kernelSize: number; stride: number; dilation: number; padding: Window['padding'] };

const window1d = ({ kernelSize, stride, dilation, padding }: Given1d): Window => ({
  ...{ kernel: [1, kernelSize], stride: [1, stride], dilation: [1, dilation], padding },
});

/** Size along an axis after a window has gone over it. */
export function slid(length: number, axis: { field: string; size: number; stride: number; padding: string }): number {
  const { field, size, stride, padding } = axis;
  if (padding !== 'valid') return Math.ceil(length / stride);
  if (size > length) {
    const what = field === 'kernelSize' ? 'kernel' : 'window';
    throw new LayerFault(
      field,
      `a ${what} of ${size} does not fit into ${length}`,
      'Make it smaller, or set padding to same.',
    );
  }
  return Math.floor((length - size) / stride) + 1;
}

function outer([height, width]: number[], { kernel, stride, dilation, padding }: Window): Size {
  const along = (length: number, axis: 0 | 1) => {
    const size = (kernel[axis] - 1) * dilation[axis] + 1;
    return slid(length, { field: 'kernelSize', size, stride: stride[axis], padding });
  };
  return [along(height, 0), along(width, 1)];
}

/** The same taps with zeros between them: the gradients of TensorFlow.js know no dilation. */
function spread(filter: tf.Tensor, [tall, wide]: Size): tf.Tensor4D {
  if (tall === 1 && wide === 1) return filter as tf.Tensor4D;
  const [height, width, ...rest] = filter.shape as [number, number, number, number];
  const split = tf.reshape(filter, [height, 1, width, 1, sizeOf(rest)]);
  const none: [number, number] = [0, 0];
  const padded = tf.pad(split, [none, [0, tall - 1], none, [0, wide - 1], none]);
  const whole = tf.reshape(padded, [height * tall, width * wide, ...rest]);
  return tf.slice(whole, [0, 0, 0, 0], [(height - 1) * tall + 1, (width - 1) * wide + 1, ...rest]) as tf.Tensor4D;
}

/** Zeros before the first step only, so that no step sees a later one. */
function padded(x: tf.Tensor, { kernel, dilation, padding }: Window): [tf.Tensor4D, 'valid' | 'same'] {
  if (padding !== 'causal') return [x as tf.Tensor4D, padding];
  const none: [number, number] = [0, 0];
  return [tf.pad(x, [none, none, [(kernel[1] - 1) * dilation[1], 0], none]) as tf.Tensor4D, 'valid'];
}

const biasSpecs = (i: number, units: number, { bias }: Ending) => (bias ? [vectorSpec(`bias_${i}`, units)] : []);

function ended(y: tf.Tensor, bias: tf.Tensor | undefined, { activation }: Ending): tf.Tensor {
  return activated(bias ? tf.add(y, bias) : y, activation);
}

type Convolution = Ending & { filters: number; initializer: Initializer };

function convolution(layer: Convolution, window: Window, shape: number[], i: number): Built {
  const kernel = kernelSpec(`kernel_${i}`, [...window.kernel, shape[2], layer.filters], layer.initializer);
  const places = outer(shape, window);
  return {
    shape: [...places, layer.filters],
    parameters: [kernel, ...biasSpecs(i, layer.filters, layer)],
    work: sizeOf(kernel.shape) * sizeOf(places),
    apply: ([x], { parameters: p }) => {
      const [image, pad] = padded(x, window);
      const inputs = { x: image, filter: spread(p[`kernel_${i}`], window.dilation), strides: window.stride, pad };
      // ONNX adds the bias in the convolution itself.
      const y = layer.bias
        ? tf.fused.conv2d({ ...inputs, bias: p[`bias_${i}`] })
        : tf.conv2d(image, inputs.filter, window.stride, pad);
      return activated(y, layer.activation);
    },
  };
}

const byChannel = (x: tf.Tensor4D, filter: tf.Tensor, window: Window, pad: 'valid' | 'same') =>
  tf.depthwiseConv2d(x, spread(filter, window.dilation), window.stride, pad);

function depthwise(layer: Ending & { multiplier: number }, window: Window, shape: number[], i: number): Built {
  const kernel = [...window.kernel, shape[2], layer.multiplier];
  const places = outer(shape, window);
  const channels = shape[2] * layer.multiplier;
  const limit = Math.sqrt(6 / sizeOf(window.kernel));
  return {
    shape: [...places, channels],
    parameters: [{ ...kernelSpec(`depthwise_${i}`, kernel), limit }, ...biasSpecs(i, channels, layer)],
    work: sizeOf(kernel) * sizeOf(places),
    apply: ([x], { parameters: p }) => {
      const [image, pad] = padded(x, window);
      const bias = layer.bias ? p[`bias_${i}`] : undefined;
      return ended(byChannel(image, p[`depthwise_${i}`], window, pad), bias, layer);
    },
  };
}

type Separable = Ending & { multiplier: number; filters: number };

function separable(layer: Separable, window: Window, shape: number[], i: number): Built {
  const first = depthwise({ ...layer, bias: false, activation: 'linear' }, window, shape, i);
  const channels = shape[2] * layer.multiplier;
  const places = first.shape.slice(0, 2);
  return {
    shape: [...places, layer.filters],
    parameters: [
      ...first.parameters,
      kernelSpec(`pointwise_${i}`, [1, 1, channels, layer.filters]),
      ...biasSpecs(i, layer.filters, layer),
    ],
    work: first.work + sizeOf(places) * channels * layer.filters,
    apply: (inputs, pass) => {
      const { parameters: p } = pass;
      const y = first.apply(inputs, pass) as tf.Tensor4D;
      return ended(tf.conv2d(y, p[`pointwise_${i}`] as tf.Tensor4D, 1, 'valid'), p[`bias_${i}`], layer);
    },
  };
}

/** A layer of images as one of sequences. */
export function alongSteps(shape: number[], build: (image: number[]) => Built): Built {
  const image = build([1, ...shape]);
  const outside = image.shape.slice(1);
  const apply: Built['apply'] = ([x], pass) => withBatch(image.apply([withBatch(x, [1, ...shape])], pass), outside);
  return { ...image, shape: outside, apply };
}

function transposed(
  layer: Ending & Given2d & { filters: number },
  [height, width, channels]: number[],
  i: number,
): Built {
  const { kernel, stride, padding } = window2d(layer);
  const along = (length: number, axis: 0 | 1) =>
    length * stride[axis] + (padding === 'same' ? 0 : Math.max(kernel[axis] - stride[axis], 0));
  const places: Size = [along(height, 0), along(width, 1)];
  const weights = [...kernel, layer.filters, channels];
  return {
    shape: [...places, layer.filters],
    parameters: [kernelSpec(`kernel_${i}`, weights), ...biasSpecs(i, layer.filters, layer)],
    work: sizeOf(weights) * height * width,
    apply: ([x], { parameters: p }) => {
      const filter = p[`kernel_${i}`] as tf.Tensor4D;
      const whole: [number, number, number, number] = [x.shape[0]!, ...places, layer.filters];
      const y = tf.conv2dTranspose(x as tf.Tensor4D, filter, whole, stride, padding as 'valid' | 'same');
      return ended(y, p[`bias_${i}`], layer);
    },
  };
}

type Convolutions = 'conv1d' | 'conv2d' | 'depthwiseConv2d' | 'separableConv1d' | 'separableConv2d' | 'conv2dTranspose';

export const CONVOLUTIONS: Builds<Convolutions> = {
  conv1d: (layer, inputs, i) =>
    alongSteps(only('conv1d', inputs, 2), (image) => convolution(layer, window1d(layer), image, i)),
  conv2d: (layer, inputs, i) => convolution(layer, window2d(layer), only('conv2d', inputs, 3), i),
  depthwiseConv2d: (layer, inputs, i) => depthwise(layer, window2d(layer), only('depthwiseConv2d', inputs, 3), i),
  separableConv1d: (layer, inputs, i) =>
    alongSteps(only('separableConv1d', inputs, 2), (image) => separable(layer, window1d(layer), image, i)),
  separableConv2d: (layer, inputs, i) => separable(layer, window2d(layer), only('separableConv2d', inputs, 3), i),
  conv2dTranspose: (layer, inputs, i) => transposed(layer, only('conv2dTranspose', inputs, 3), i),
};
