/** The layers of a network as data: what each kind takes. Shapes are without the batch, channels last. */
import { z } from 'zod';
import { LAYER_ACTIVATIONS } from '../layers/activations';
import { INITIALIZERS } from '../layers/parameters';

const size = z.int().min(1).max(65_536);
const amount = z.int().min(0).max(1024);
const activation = z.enum(LAYER_ACTIVATIONS).default('linear');
const bias = z.boolean().default(true);
const initializer = z.enum(INITIALIZERS).default('he');
const padding = z.enum(['valid', 'same']).default('valid');
const extent = z.int().min(1).max(512);
/** One number for both axes, or one for each. */
const pair = z.union([extent, z.tuple([extent, extent])]);

const place = {
  name: z.string().min(1).max(200).optional(),
  from: z.array(z.string().min(1).max(200)).min(1).max(64).optional(),
};
const filters1d = { kernelSize: extent, stride: extent.default(1), dilation: extent.default(1) };
const filters2d = { kernelSize: pair, stride: pair.default(1), dilation: pair.default(1) };
const window1d = { size: size.default(2), stride: extent.nullable().default(null), padding };
const window2d = {
  size: z.union([size, z.tuple([size, size])]).default(2),
  stride: pair.nullable().default(null),
  padding,
};
const epsilon = z.number().gt(0).max(1).default(1e-3);
const affine = { center: z.boolean().default(true), scale: z.boolean().default(true) };
const ends = z.tuple([amount, amount]);
const recurrent = {
  units: z.int().min(1).max(4096),
  returnSequences: z.boolean().default(false),
  backwards: z.boolean().default(false),
  bidirectional: z.enum(['none', 'concatenate', 'add', 'average', 'multiply']).default('none'),
  activation: z.enum(LAYER_ACTIVATIONS).default('tanh'),
  bias,
};
const recurrentActivation = z.enum(LAYER_ACTIVATIONS).default('sigmoid');

const kind = <T extends string, S extends z.ZodRawShape>(type: T, fields: S) =>
  z.strictObject({ type: z.literal(type), ...place, ...fields });

export const layerSchema = z.discriminatedUnion('type', [
  kind('dense', { units: size, activation, bias, initializer }),
  kind('bias', {}),
  kind('activation', { activation: z.enum(LAYER_ACTIVATIONS) }),
  kind('leakyRelu', { alpha: z.number().min(0).max(10).default(0.3) }),
  kind('prelu', { shared: z.array(z.int().min(1).max(3)).max(3).default([]) }),
  kind('rescaling', { scale: z.number(), offset: z.number().default(0) }),
  kind('dropout', { rate: z.number().min(0).max(0.99), spatial: z.boolean().default(false) }),
  kind('batchNormalization', { epsilon, momentum: z.number().min(0).max(1).default(0.99), ...affine }),
  kind('layerNormalization', { epsilon: epsilon.default(1e-5), ...affine }),
  /** By the mean and variance of the data along `axes`: given ones, or parameters that training leaves as they are. */
  kind('normalization', {
    axes: z.array(z.int().min(-4).max(4)).max(4).default([-1]),
    mean: z.array(z.number()).min(1).max(65_536).nullable().default(null),
    variance: z.array(z.number().min(0)).min(1).max(65_536).nullable().default(null),
    invert: z.boolean().default(false),
  }),
  /** One size may be -1: what is left. */
  kind('reshape', {
    shape: z
      .array(z.union([size, z.literal(-1)]))
      .min(1)
      .max(4),
  }),
  kind('flatten', {}),
  kind('permute', { axes: z.array(z.int().min(1).max(4)).min(1).max(4) }),
  kind('repeat', { times: size }),
  kind('zeroPadding1d', { padding: ends }),
  kind('zeroPadding2d', { padding: z.tuple([ends, ends]) }),
  kind('cropping1d', { cropping: ends }),
  kind('cropping2d', { cropping: z.tuple([ends, ends]) }),
  kind('upSampling1d', { size: extent.default(2) }),
  kind('upSampling2d', { size: pair.default(2) }),
  kind('conv1d', {
    filters: size,
    ...filters1d,
    padding: z.enum(['valid', 'same', 'causal']).default('valid'),
    activation,
    bias,
    initializer,
  }),
  kind('conv2d', { filters: size, ...filters2d, padding, activation, bias, initializer }),
  kind('depthwiseConv2d', { multiplier: extent.default(1), ...filters2d, padding, activation, bias }),
  kind('separableConv1d', { filters: size, multiplier: extent.default(1), ...filters1d, padding, activation, bias }),
  kind('separableConv2d', { filters: size, multiplier: extent.default(1), ...filters2d, padding, activation, bias }),
  kind('conv2dTranspose', { filters: size, kernelSize: pair, stride: pair.default(1), padding, activation, bias }),
  kind('maxPooling1d', window1d),
  kind('averagePooling1d', window1d),
  kind('maxPooling2d', window2d),
  kind('averagePooling2d', window2d),
  kind('globalAveragePooling', { keepDimensions: z.boolean().default(false) }),
  kind('globalMaxPooling', { keepDimensions: z.boolean().default(false) }),
  /** Vectors start within ± spread. With a padding, steps of this id and of missing ones do not count. */
  kind('embedding', {
    vocabulary: z.int().min(1).max(10_000_000),
    units: size,
    spread: z.number().gt(0).max(10).default(0.05),
    padding: z.int().nullable().default(null),
  }),
  /** Each column of the table as a step; `columns` gives that of each feature, and follows from the table when left out. */
  kind('columnEmbedding', { units: size, columns: z.array(z.int().min(0)).min(1).nullable().default(null) }),
  /** A step with a missing number does not count. */
  kind('masking', {}),
  kind('positions', { encoding: z.enum(['learned', 'sinusoidal']).default('learned') }),
  /** Of each step to all steps, with projections of its own before and after. */
  kind('attention', { heads: z.int().min(1).max(64).default(4) }),
  kind('rnn', recurrent),
  kind('lstm', { ...recurrent, recurrentActivation }),
  kind('gru', { ...recurrent, recurrentActivation, resetAfter: z.boolean().default(true) }),
  kind('add', {}),
  kind('subtract', {}),
  kind('multiply', {}),
  kind('average', {}),
  kind('maximum', {}),
  kind('minimum', {}),
  kind('concatenate', { axis: z.int().min(-4).max(4).default(-1) }),
]);

export type Layer = z.output<typeof layerSchema>;
/** With what has a default left out. */
export type GivenLayer = z.input<typeof layerSchema>;
export type LayerType = Layer['type'];
export type LayerOf<T extends LayerType> = Extract<Layer, { type: T }>;

export const layersOf = (layers: readonly GivenLayer[]): Layer[] => layers.map((layer) => layerSchema.parse(layer));
