/** Layers that work on the last axis alone: dense, normalizations, activations, dropout, embeddings. */
import * as tf from '@tensorflow/tfjs-core';
import { activated } from '../../layers/activations';
import { batchNormalization } from '../../layers/convolution';
import { dropout, dropoutMask, dropoutSteps } from '../../layers/dropout';
import { StepMask } from '../../layers/recurrent/step-mask';
import { layerNormalization } from '../../layers/layer-normalization';
import { embed } from '../../layers/ids';
import { kernelSpec } from '../../layers/parameters';
import {
  only,
  orderOver,
  pointwise,
  sizeOf,
  vectorSpec,
  withBatch,
  type Built,
  type Builds,
  type Pass,
} from '../built';
import type { LayerOf } from '../layer.schema';
import { normalized } from './normalization';

/** [rows · places, units]: a layer over the last axis sees each place as a row. */
function places(x: tf.Tensor): tf.Tensor2D {
  const units = x.shape.at(-1)!;
  return tf.reshape(x, [x.size / units, units]) as tf.Tensor2D;
}

function dense({ units, activation, bias, initializer }: LayerOf<'dense'>, shape: number[], i: number): Built {
  const last = shape.at(-1)!;
  return {
    shape: [...shape.slice(0, -1), units],
    parameters: [
      kernelSpec(`kernel_${i}`, [last, units], initializer),
      ...(bias ? [vectorSpec(`bias_${i}`, units)] : []),
    ],
    work: sizeOf(shape) * units,
    order: orderOver(shape),
    apply: ([x], { parameters: p }) => {
      const y = tf.matMul(places(x), p[`kernel_${i}`] as tf.Tensor2D);
      const sum = bias ? tf.add(y, p[`bias_${i}`]) : y;
      return tf.reshape(activated(sum, activation), [...x.shape.slice(0, -1), units]);
    },
  };
}

function biased(shape: number[], i: number): Built {
  const [name, units] = [`bias_${i}`, shape.at(-1)!];
  const apply: Built['apply'] = ([x], { parameters: p }) => tf.add(x, p[name]);
  return { ...pointwise(shape, (x) => x), parameters: [vectorSpec(name, units)], work: sizeOf(shape), apply };
}

/** The vectors that normalizations end with, where the layer has them. */
function affineSpecs({ scale, center }: { scale: boolean; center: boolean }, units: number, i: number) {
  return [
    ...(scale ? [vectorSpec(`scale_${i}`, units, 1)] : []),
    ...(center ? [vectorSpec(`offset_${i}`, units)] : []),
  ];
}

const affineOf = ({ parameters: p }: Pass, units: number, i: number) => ({
  ...{ scale: p[`scale_${i}`] ?? tf.ones([units]), offset: p[`offset_${i}`] ?? tf.zeros([units]) },
});

function batchNormalized(layer: LayerOf<'batchNormalization'>, shape: number[], i: number): Built {
  const units = shape.at(-1)!;
  const [mean, variance] = [`mean_${i}`, `variance_${i}`];
  return {
    shape,
    parameters: [...affineSpecs(layer, units, i), vectorSpec(mean, units), vectorSpec(variance, units, 1)],
    work: sizeOf(shape),
    apply: ([x], pass) => {
      const { parameters: p, updates } = pass;
      const image = shape.length === 3 ? x : withBatch(x, [1, sizeOf(shape) / units, units]);
      const vectors = { ...affineOf(pass, units, i), mean: p[mean], variance: p[variance] };
      const moved = updates && {
        momentum: layer.momentum,
        keep: (nextMean: tf.Tensor, nextVariance: tf.Tensor) => {
          updates[mean] = nextMean;
          updates[variance] = nextVariance;
        },
      };
      return withBatch(batchNormalization(image, vectors, layer.epsilon, moved), shape);
    },
  };
}

function layerNormalized(layer: LayerOf<'layerNormalization'>, shape: number[], i: number): Built {
  const units = shape.at(-1)!;
  return {
    shape,
    parameters: affineSpecs(layer, units, i),
    work: sizeOf(shape),
    order: orderOver(shape),
    apply: ([x], pass) => {
      const { scale, offset } = affineOf(pass, units, i);
      return tf.reshape(layerNormalization(places(x), scale, offset, layer.epsilon), x.shape);
    },
  };
}

/** Spatial: leaves out whole channels, the same ones at every place. */
function dropped({ rate, spatial }: LayerOf<'dropout'>, shape: number[], stream: number): Built {
  const channels = shape.at(-1)!;
  return pointwise(shape, (x, { rowKeys, order }) => {
    if (!rowKeys || rate === 0) return x;
    const places = order === 'steps' ? [shape[0], x.shape[0]! / shape[0], ...shape.slice(1)] : x.shape;
    if (spatial) {
      const mask = dropoutMask(rowKeys, channels, rate, stream);
      const wide = order === 'steps' ? mask : withBatch(mask, [...shape.slice(1).map(() => 1), channels]);
      const kept = tf.mul(tf.reshape(x, places), tf.mul(tf.cast(wide, 'float32'), 1 / (1 - rate)));
      return tf.reshape(kept, x.shape);
    }
    if (order === 'steps') return dropoutSteps(x, rate, { rowKeys, steps: shape[0], stream });
    return withBatch(dropout(withBatch(x, [sizeOf(shape)]), rate, rowKeys, stream), shape);
  });
}

function prelu(shared: number[], shape: number[], i: number): Built {
  const slopeShape = shape.map((length, axis) => (shared.includes(axis + 1) ? 1 : length));
  const name = `slope_${i}`;
  return {
    shape,
    parameters: [{ name, shape: slopeShape, start: 0.25, limit: 0, penalized: false }],
    work: sizeOf(shape),
    apply: ([x], { parameters: p }) => {
      const slopes = tf.reshape(p[name], [1, ...slopeShape]);
      return tf.add(tf.relu(x), tf.mul(tf.minimum(x, 0), slopes));
    },
  };
}

/** With a padding, steps of missing ids do not count; those of the padding are missing ones by then (preprocess/ids). */
function embedded(layer: LayerOf<'embedding'>, shape: number[], i: number): Built {
  const { vocabulary, units, spread, padding } = layer;
  const name = `table_${i}`;
  const masks = padding !== null;
  if (masks) only('embedding with padding', [shape], 1);
  return {
    shape: [...shape, units],
    parameters: [{ name, shape: [vocabulary, units], limit: spread, penalized: true }],
    work: sizeOf(shape) * units,
    order: masks ? 'steps' : shape.length === 1 ? 'any' : undefined,
    masks,
    apply: ([x], pass) => {
      if (masks) pass.mask = StepMask.of(tf.isNaN(x), shape[0]);
      return tf.reshape(embed(pass.parameters[name], x, pass.knownIds), [...x.shape, units]);
    },
  };
}

type Pointwise =
  | ('dense' | 'bias' | 'activation' | 'leakyRelu' | 'prelu' | 'rescaling' | 'dropout')
  | ('batchNormalization' | 'layerNormalization' | 'normalization' | 'embedding');

export const POINTWISE: Builds<Pointwise> = {
  dense: (layer, inputs, i) => dense(layer, only('dense', inputs), i),
  bias: (_, inputs, i) => biased(only('bias', inputs), i),
  activation: ({ activation }, inputs) => pointwise(only('activation', inputs), (x) => activated(x, activation)),
  leakyRelu: ({ alpha }, inputs) => pointwise(only('leakyRelu', inputs), (x) => tf.leakyRelu(x, alpha)),
  prelu: ({ shared }, inputs, i) => prelu(shared, only('prelu', inputs), i),
  rescaling: ({ scale, offset }, inputs) =>
    pointwise(only('rescaling', inputs), (x) => tf.add(tf.mul(x, scale), offset)),
  dropout: (layer, inputs, _, stream) => dropped(layer, only('dropout', inputs), stream),
  batchNormalization: (layer, inputs, i) => batchNormalized(layer, only('batchNormalization', inputs), i),
  layerNormalization: (layer, inputs, i) => layerNormalized(layer, only('layerNormalization', inputs), i),
  normalization: (layer, inputs, i) => normalized(layer, only('normalization', inputs), i),
  embedding: (layer, inputs, i) => embedded(layer, only('embedding', inputs), i),
};
