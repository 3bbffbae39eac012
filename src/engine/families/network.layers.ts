/** The kinds of layers of a custom network: what each takes, which parameters it has and what it computes. */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { ACTIVATIONS, activate, affine } from '../layers/dense';
import { dropout } from '../layers/dropout';
import { layerNormalization } from '../layers/layer-normalization';
import type { ParameterSpec } from './program';

const size = z.int().min(1).max(4096);
const activation = z.enum(['linear', ...ACTIVATIONS]).default('linear');
const filters = { filters: size, kernelSize: z.int().min(1).max(64), stride: z.int().min(1).max(64).default(1) };
const padding = z.enum(['valid', 'same']).default('valid');
const window = { size: z.int().min(1).max(64).default(2) };

export const layerSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('dense'), units: size, activation }),
  z.strictObject({ type: z.literal('activation'), activation: z.enum(ACTIVATIONS) }),
  z.strictObject({ type: z.literal('dropout'), rate: z.number().min(0).max(0.9) }),
  z.strictObject({ type: z.literal('layerNormalization') }),
  z.strictObject({ type: z.literal('reshape'), shape: z.array(size).min(1).max(3) }),
  z.strictObject({ type: z.literal('flatten') }),
  z.strictObject({ type: z.literal('conv1d'), ...filters, padding, activation }),
  z.strictObject({ type: z.literal('conv2d'), ...filters, padding, activation }),
  z.strictObject({ type: z.literal('maxPooling2d'), ...window }),
  z.strictObject({ type: z.literal('averagePooling2d'), ...window }),
  z.strictObject({ type: z.literal('globalAveragePooling') }),
]);

export type Layer = z.output<typeof layerSchema>;
type LayerOf<T extends Layer['type']> = Extract<Layer, { type: T }>;

type Named = Record<string, tf.Tensor>;

/** A layer that knows the shape it gets; shapes are without the batch. */
export interface Built {
  shape: number[];
  parameters: ParameterSpec[];
  /** Multiply-adds per row. */
  work: number;
  apply(x: tf.Tensor, parameters: Named, rowKeys: tf.Tensor | null): tf.Tensor;
}

/** What is wrong with a layer at its place; `field` is empty for the layer as a whole. */
export class LayerFault extends Error {
  constructor(
    readonly field: string,
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

type Build<T extends Layer['type']> = (layer: LayerOf<T>, shape: number[], i: number) => Built;

export const sizeOf = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

const NAMES = ['numbers', 'steps × channels', 'height × width × channels'];

function needRank(type: string, shape: number[], rank: number): void {
  if (shape.length === rank) return;
  throw new LayerFault(
    '',
    `${type} takes [${NAMES[rank - 1]}] per row and gets [${shape.join(', ')}]`,
    rank === 1 ? 'Put a flatten layer before it.' : 'Put a reshape layer before it.',
  );
}

const free = (shape: number[], apply: Built['apply']): Built => ({ shape, parameters: [], work: 0, apply });

/** Weights as He et al. 2015 advise for rectifiers, and a bias. */
function weights(i: number, shape: number[]): ParameterSpec[] {
  const limit = Math.sqrt(6 / sizeOf(shape.slice(0, -1)));
  return [
    { name: `kernel_${i}`, shape, limit, penalized: true },
    { name: `bias_${i}`, shape: shape.slice(-1), limit: 0, penalized: false },
  ];
}

const activated = (x: tf.Tensor, name: LayerOf<'dense'>['activation']) => (name === 'linear' ? x : activate(x, name));

const withBatch = (x: tf.Tensor, shape: number[]) => tf.reshape(x, [x.shape[0]!, ...shape]);

const dense: Build<'dense'> = ({ units, activation: name }, shape, i) => {
  needRank('dense', shape, 1);
  return {
    shape: [units],
    parameters: weights(i, [shape[0], units]),
    work: shape[0] * units,
    apply: (x, p) => activated(affine(x, p[`kernel_${i}`], p[`bias_${i}`]), name),
  };
};

/** Size along an axis after a window has gone over it. */
function slid(length: number, { kernelSize, stride, padding: pad }: LayerOf<'conv1d' | 'conv2d'>): number {
  if (pad === 'same') return Math.ceil(length / stride);
  if (kernelSize > length) {
    throw new LayerFault(
      'kernelSize',
      `a kernel of ${kernelSize} does not fit into ${length}`,
      'Make it smaller, or set padding to same.',
    );
  }
  return Math.floor((length - kernelSize) / stride) + 1;
}

/** A convolution of sequences is one of images of height one. */
function convolution(layer: LayerOf<'conv1d' | 'conv2d'>, [height, width, channels]: number[], i: number): Built {
  const { kernelSize, filters: count, stride, padding: pad, activation: name } = layer;
  const flat = layer.type === 'conv1d';
  const shape = [flat ? 1 : slid(height, layer), slid(width, layer), count];
  const kernel = [flat ? 1 : kernelSize, kernelSize, channels, count];
  const strides: [number, number] = [flat ? 1 : stride, stride];
  const apply: Built['apply'] = (x, p) => {
    const filter = p[`kernel_${i}`] as tf.Tensor4D;
    return activated(tf.add(tf.conv2d(x as tf.Tensor4D, filter, strides, pad), p[`bias_${i}`]), name);
  };
  return { shape, parameters: weights(i, kernel), work: sizeOf(kernel) * shape[0] * shape[1], apply };
}

const conv1d: Build<'conv1d'> = (layer, shape, i) => {
  needRank('conv1d', shape, 2);
  const image = convolution(layer, [1, ...shape], i);
  const outer = image.shape.slice(1);
  return {
    ...image,
    shape: outer,
    apply: (x, p, keys) => withBatch(image.apply(withBatch(x, [1, ...shape]), p, keys), outer),
  };
};

const conv2d: Build<'conv2d'> = (layer, shape, i) => {
  needRank('conv2d', shape, 3);
  return convolution(layer, shape, i);
};

function pooling(type: string, pool: (x: tf.Tensor4D, size: number) => tf.Tensor) {
  return ({ size: side }: { size: number }, shape: number[]): Built => {
    needRank(type, shape, 3);
    const [height, width, channels] = shape;
    if (side > Math.min(height, width)) {
      throw new LayerFault('size', `a window of ${side} does not fit into ${height} × ${width}`, 'Make it smaller.');
    }
    const outer = [Math.floor(height / side), Math.floor(width / side), channels];
    return free(outer, (x) => pool(x as tf.Tensor4D, side));
  };
}

const reshape: Build<'reshape'> = ({ shape: wanted }, shape) => {
  if (sizeOf(wanted) !== sizeOf(shape)) {
    throw new LayerFault(
      'shape',
      `[${wanted.join(', ')}] holds ${sizeOf(wanted)} numbers, and the layer gets ${sizeOf(shape)}`,
      'The sizes must multiply to the numbers that the layer gets.',
    );
  }
  return free(wanted, (x) => withBatch(x, wanted));
};

const LAYERS: { [T in Layer['type']]: Build<T> } = {
  dense,
  activation: ({ activation: name }, shape) => free(shape, (x) => activate(x, name)),
  dropout: ({ rate }, shape, i) =>
    free(shape, (x, _, keys) => {
      if (!keys || rate === 0) return x;
      return withBatch(dropout(withBatch(x, [sizeOf(shape)]), rate, keys, i), shape);
    }),
  layerNormalization: (_, shape, i) => {
    needRank('layerNormalization', shape, 1);
    const units = shape[0];
    return {
      shape,
      parameters: [
        { name: `scale_${i}`, shape: [units], start: 1, limit: 0, penalized: false },
        { name: `offset_${i}`, shape: [units], limit: 0, penalized: false },
      ],
      work: units,
      apply: (x, p) => layerNormalization(x, p[`scale_${i}`], p[`offset_${i}`]),
    };
  },
  reshape,
  flatten: (_, shape) => free([sizeOf(shape)], (x) => withBatch(x, [sizeOf(shape)])),
  conv1d,
  conv2d,
  maxPooling2d: pooling('maxPooling2d', (x, side) => tf.maxPool(x, side, side, 'valid')),
  averagePooling2d: pooling('averagePooling2d', (x, side) => tf.avgPool(x, side, side, 'valid')),
  globalAveragePooling: (_, shape) => {
    const places = shape.slice(0, -1).map((__, axis) => axis + 1);
    return free(shape.slice(-1), (x) => (places.length ? tf.mean(x, places) : x));
  },
};

/** Throws LayerFault when the layer cannot take this shape. */
export function buildLayer(layer: Layer, shape: number[], i: number): Built {
  return (LAYERS[layer.type] as Build<Layer['type']>)(layer, shape, i);
}
