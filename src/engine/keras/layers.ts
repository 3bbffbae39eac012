/** From a layer of Keras to a layer of a network. */
import type { z } from 'zod';
import type { layerSchema, LayerType } from '../network/layer.schema';
import { activationOf, exponentialOf, rectified } from './activations';
import type { KerasConfig } from './config';

type LayerInput = z.input<typeof layerSchema>;
/** The fields that the layer's kind takes; bounds are checked by the schema afterwards. */
export type Converted = LayerInput & { type: LayerType };
type Convert = (layer: KerasConfig) => Converted;

const pair = (numbers: number[]) => numbers as [number, number];
const bias = (layer: KerasConfig) => layer.flag('use_bias', true);
const LAST = 'Use data_format channels_last; channels_first models cannot be read.';
const channelsLast = (layer: KerasConfig) => layer.need('data_format', 'channels_last', LAST);

type Filters = { filters: number };
const filters = (layer: KerasConfig): Filters => ({ filters: layer.number('filters') });

function window(layer: KerasConfig, axes: 1 | 2) {
  channelsLast(layer);
  layer.need('groups', 1, 'Use groups of 1, or a depthwise convolution.');
  const along = (key: string, fallback?: number) => {
    const numbers = layer.numbers(key, axes, fallback);
    return axes === 1 ? numbers[0] : numbers;
  };
  return {
    kernelSize: along('kernel_size') as never,
    stride: along('strides', 1) as never,
    dilation: along('dilation_rate', 1) as never,
    padding: layer.text('padding', 'valid') as never,
    activation: activationOf(layer),
    bias: bias(layer),
  };
}

const multiplier = (layer: KerasConfig) => ({ multiplier: layer.number('depth_multiplier', 1) });

function transposed(layer: KerasConfig): Converted {
  layer.need('output_padding', undefined, 'Leave output_padding out.');
  const { dilation, ...rest } = window(layer, 2);
  if ([dilation].flat().some((n) => n !== 1)) throw layer.fault('is dilated', 'Use a dilation_rate of 1.');
  return { type: 'conv2dTranspose', ...filters(layer), ...rest };
}

function pooled(layer: KerasConfig, axes: 1 | 2) {
  channelsLast(layer);
  const size = layer.numbers('pool_size', axes, 2);
  const stride = layer.config['strides'] == null ? size : layer.numbers('strides', axes);
  const along = (numbers: number[]) => (axes === 1 ? numbers[0] : numbers) as never;
  return { size: along(size), stride: along(stride), padding: layer.text('padding', 'valid') as never };
}

const whole = (type: 'globalAveragePooling' | 'globalMaxPooling') => (layer: KerasConfig) => {
  channelsLast(layer);
  return { type, keepDimensions: layer.flag('keepdims', false) };
};

function recurrent(layer: KerasConfig) {
  const only = 'Build the model without it: each row is a sequence of its own.';
  for (const key of ['stateful', 'return_state', 'unit_forget_bias_only']) layer.need(key, false, only);
  return {
    units: layer.number('units'),
    returnSequences: layer.flag('return_sequences', false),
    backwards: layer.flag('go_backwards', false),
    activation: activationOf(layer, 'activation', 'tanh'),
    bias: bias(layer),
  };
}

const gates = (layer: KerasConfig, fallback: string) => ({
  recurrentActivation: activationOf(layer, 'recurrent_activation', fallback),
});

function gru(layer: KerasConfig): Converted {
  // TensorFlow.js writes no reset_after and resets before the product; Keras writes what it does.
  const resetAfter = layer.flag('reset_after', false);
  return { type: 'gru', ...recurrent(layer), ...gates(layer, 'sigmoid'), resetAfter };
}

const MERGES = new Map([
  ['concat', 'concatenate'],
  ['sum', 'add'],
  ['ave', 'average'],
  ['mul', 'multiply'],
]);

function bidirectional(layer: KerasConfig): Converted {
  const inner = convertLayer(layer.inner());
  const mode = MERGES.get(layer.text('merge_mode', ''));
  if (!mode) throw layer.fault('hands on both outputs apart', 'Use merge_mode concat, sum, ave or mul.');
  const backward = layer.config['backward_layer'];
  if (backward != null && (backward as { class_name?: string }).class_name !== layer.inner().className) {
    throw layer.fault('reads backwards by another kind of layer', 'Use one kind of layer for both directions.');
  }
  if (inner.type !== 'rnn' && inner.type !== 'lstm' && inner.type !== 'gru') {
    throw layer.fault('wraps no recurrent layer', 'Wrap SimpleRNN, LSTM or GRU.');
  }
  if (inner.backwards) throw layer.fault('wraps a layer that goes backwards', 'Set go_backwards to false.');
  return { ...inner, bidirectional: mode as never };
}

const POINTWISE = new Set<LayerType>(['dense', 'activation', 'dropout', 'leakyRelu', 'layerNormalization']);

function timeDistributed(layer: KerasConfig): Converted {
  const inner = convertLayer(layer.inner());
  if (POINTWISE.has(inner.type)) return inner;
  throw layer.fault(`wraps ${layer.inner().className}`, 'Only Dense, Activation, Dropout and the like are taken.');
}

function relu(layer: KerasConfig): Converted {
  const slope = layer.number('negative_slope', 0);
  const plain = slope === 0 || layer.config['max_value'] != null;
  if (plain) return { type: 'activation', activation: rectified(layer) };
  layer.need('threshold', 0, 'Use a threshold of 0.');
  return { type: 'leakyRelu', alpha: slope };
}

const leakyRelu = (layer: KerasConfig): Converted => ({
  ...{ type: 'leakyRelu', alpha: layer.number('negative_slope', layer.number('alpha', 0.3)) },
});

function embedding(layer: KerasConfig): Converted {
  layer.need('mask_zero', false, 'Masks are not supported: build the model with mask_zero false.');
  return { type: 'embedding', vocabulary: layer.number('input_dim'), units: layer.number('output_dim') };
}

/** [top, bottom] and [left, right] of one number, two, or two pairs. */
function sides(layer: KerasConfig, key: string): [[number, number], [number, number]] {
  channelsLast(layer);
  const value = layer.config[key];
  if (Array.isArray(value) && value.every(Array.isArray)) return value as [[number, number], [number, number]];
  return layer.numbers(key, 2, 1).map((n) => [n, n]) as [[number, number], [number, number]];
}

const normalization = (layer: KerasConfig) => ({
  ...{ epsilon: layer.number('epsilon', 1e-3), center: layer.flag('center', true), scale: layer.flag('scale', true) },
});

/** `axis: null` takes the moments of all numbers together. Axes count the batch as 0, so that ours begin with 1 as well. */
function byMoments(layer: KerasConfig): Converted {
  const axes = layer.config['axis'] === null ? [] : (layer.array('axis') ?? [-1]);
  if (axes.includes(0)) throw layer.fault('keeps the axis of the batch', 'Use the axis of the features, such as -1.');
  const moments = { mean: layer.array('mean'), variance: layer.array('variance') };
  return { type: 'normalization', axes, ...moments, invert: layer.flag('invert', false) };
}

function upSampled(layer: KerasConfig): Converted {
  channelsLast(layer);
  layer.need('interpolation', 'nearest', 'Use nearest.');
  return { type: 'upSampling2d', size: pair(layer.numbers('size', 2, 2)) };
}

const merge = (type: 'add' | 'subtract' | 'multiply' | 'average' | 'maximum' | 'minimum') => (): Converted => ({
  type,
});

const CONVERTERS = new Map<string, Convert>([
  [
    'Dense',
    (layer) => ({ type: 'dense', units: layer.number('units'), activation: activationOf(layer), bias: bias(layer) }),
  ],
  ['Activation', (layer) => ({ type: 'activation', activation: activationOf(layer) })],
  ['ReLU', relu],
  ['LeakyReLU', leakyRelu],
  ['ELU', (layer) => ({ type: 'activation', activation: exponentialOf(layer) })],
  [
    'PReLU',
    (layer) => ({ type: 'prelu', shared: layer.config['shared_axes'] == null ? [] : layer.numbers('shared_axes') }),
  ],
  ['Softmax', () => ({ type: 'activation', activation: 'softmax' })],
  ['Rescaling', (layer) => ({ type: 'rescaling', scale: layer.number('scale'), offset: layer.number('offset', 0) })],
  ['Dropout', (layer) => ({ type: 'dropout', rate: layer.number('rate') })],
  ['SpatialDropout1D', (layer) => ({ type: 'dropout', rate: layer.number('rate'), spatial: true })],
  ['SpatialDropout2D', (layer) => ({ type: 'dropout', rate: layer.number('rate'), spatial: true })],
  [
    'BatchNormalization',
    (layer) => ({ type: 'batchNormalization', momentum: layer.number('momentum', 0.99), ...normalization(layer) }),
  ],
  ['Normalization', byMoments],
  ['LayerNormalization', (layer) => ({ type: 'layerNormalization', ...normalization(layer) })],
  ['Reshape', (layer) => ({ type: 'reshape', shape: layer.numbers('target_shape') })],
  ['Flatten', (layer) => (channelsLast(layer), { type: 'flatten' })],
  ['Permute', (layer) => ({ type: 'permute', axes: layer.numbers('dims') })],
  ['RepeatVector', (layer) => ({ type: 'repeat', times: layer.number('n') })],
  ['ZeroPadding1D', (layer) => ({ type: 'zeroPadding1d', padding: pair(layer.numbers('padding', 2, 1)) })],
  ['ZeroPadding2D', (layer) => ({ type: 'zeroPadding2d', padding: sides(layer, 'padding') })],
  ['Cropping1D', (layer) => ({ type: 'cropping1d', cropping: pair(layer.numbers('cropping', 2, 1)) })],
  ['Cropping2D', (layer) => ({ type: 'cropping2d', cropping: sides(layer, 'cropping') })],
  ['UpSampling1D', (layer) => ({ type: 'upSampling1d', size: layer.number('size', 2) })],
  ['UpSampling2D', upSampled],
  ['Conv1D', (layer) => ({ type: 'conv1d', ...filters(layer), ...window(layer, 1) })],
  ['Conv2D', (layer) => ({ type: 'conv2d', ...filters(layer), ...window(layer, 2) })],
  ['Conv2DTranspose', transposed],
  ['DepthwiseConv2D', (layer) => ({ type: 'depthwiseConv2d', ...multiplier(layer), ...window(layer, 2) })],
  [
    'SeparableConv1D',
    (layer) => ({ type: 'separableConv1d', ...filters(layer), ...multiplier(layer), ...window(layer, 1) }),
  ],
  [
    'SeparableConv2D',
    (layer) => ({ type: 'separableConv2d', ...filters(layer), ...multiplier(layer), ...window(layer, 2) }),
  ],
  ['MaxPooling1D', (layer) => ({ type: 'maxPooling1d', ...pooled(layer, 1) })],
  ['AveragePooling1D', (layer) => ({ type: 'averagePooling1d', ...pooled(layer, 1) })],
  ['MaxPooling2D', (layer) => ({ type: 'maxPooling2d', ...pooled(layer, 2) })],
  ['AveragePooling2D', (layer) => ({ type: 'averagePooling2d', ...pooled(layer, 2) })],
  ...['1D', '2D'].flatMap((axes): [string, Convert][] => [
    [`GlobalAveragePooling${axes}`, whole('globalAveragePooling')],
    [`GlobalMaxPooling${axes}`, whole('globalMaxPooling')],
  ]),
  ['Embedding', embedding],
  ['SimpleRNN', (layer) => ({ type: 'rnn', ...recurrent(layer) })],
  ['LSTM', (layer) => ({ type: 'lstm', ...recurrent(layer), ...gates(layer, 'sigmoid') })],
  ['GRU', gru],
  ['Bidirectional', bidirectional],
  ['TimeDistributed', timeDistributed],
  ['Add', merge('add')],
  ['Subtract', merge('subtract')],
  ['Multiply', merge('multiply')],
  ['Average', merge('average')],
  ['Maximum', merge('maximum')],
  ['Minimum', merge('minimum')],
  ['Concatenate', (layer) => ({ type: 'concatenate', axis: layer.number('axis', -1) })],
]);

/** Throws EngineError, naming the layer, for a kind or a setting that is not supported. */
export function convertLayer(layer: KerasConfig): Converted {
  const convert = CONVERTERS.get(layer.className);
  if (convert) return convert(layer);
  const hint = `Supported: InputLayer, ${[...CONVERTERS.keys()].join(', ')}, and Sequential or Functional models as layers.`;
  throw layer.fault('this kind of layer is not supported', hint);
}

/** Axis of a layer that works on the last one alone; null: it names none. */
export function lastAxis({ className, config }: KerasConfig): number | null {
  if (!['BatchNormalization', 'LayerNormalization', 'Softmax'].includes(className)) return null;
  const axis = [config['axis'] ?? -1].flat();
  return axis.length === 1 && typeof axis[0] === 'number' ? axis[0] : NaN;
}
