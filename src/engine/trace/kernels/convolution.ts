/** Convolutions of images and their gradients. TensorFlow.js gives filters as [height, width, inputs, outputs]. */
import { backend_util } from '@tensorflow/tfjs-core';
import type { Attribute } from '../../onnx/graph';
import { channelsFirst, channelsLast } from '../layout';
import type { KernelCall, Lowering, Value } from '../kernel';
import { activated } from './matrix';

type Info = backend_util.Conv2DInfo;
type Pair = number | [number, number];

/** Sizes, strides and padding of a call on images and filters of these shapes (channels last). */
export function convInfo(k: KernelCall, image: number[], filter: number[], depthwise = false): Info {
  if (k.attr<string | undefined>('dataFormat') === 'NCHW') throw new Error('Images are recorded channels last.');
  return backend_util.computeConv2DInfo(
    image as [number, number, number, number],
    filter as [number, number, number, number],
    k.attr<Pair>('strides'),
    k.attr<Pair | undefined>('dilations') ?? 1,
    k.attr<'same' | 'valid' | number>('pad'),
    k.attr<'floor' | 'round' | 'ceil' | undefined>('dimRoundingMode'),
    depthwise,
  );
}

export const padsOf = ({ padInfo }: Pick<Info, 'padInfo'>) => [
  padInfo.top,
  padInfo.left,
  padInfo.bottom,
  padInfo.right,
];

const windowOf = (info: Info): Record<string, Attribute> => ({
  kernel_shape: [info.filterHeight, info.filterWidth],
  strides: [info.strideHeight, info.strideWidth],
  dilations: [info.dilationHeight, info.dilationWidth],
  pads: padsOf(info),
});

const turned = (k: KernelCall, { name }: Value, perm: number[]) => k.emit('Transpose', [name], { perm });

const convolution: Lowering = (k) => {
  const [x, filter] = [k.image('x'), k.in('filter')];
  const info = convInfo(k, channelsLast(x.shape), filter.shape);
  const bias = k.has('bias') ? [k.in('bias').name] : [];
  const name = k.emit('Conv', [x.name, turned(k, filter, [3, 2, 0, 1]), ...bias], windowOf(info));
  return k.outImage(k.attr('activation') === undefined ? name : activated(k, name), channelsFirst(info.outShape));
};

const depthwise: Lowering = (k) => {
  const [x, filter] = [k.image('x'), k.in('filter')];
  const info = convInfo(k, channelsLast(x.shape), filter.shape, true);
  const [height, width, inputs, multiplier] = filter.shape;
  const weights = k.reshape(turned(k, filter, [2, 3, 0, 1]), [inputs * multiplier, 1, height, width]);
  const name = k.emit('Conv', [x.name, weights], { ...windowOf(info), group: inputs });
  return k.outImage(name, channelsFirst(info.outShape));
};

/** With a stride of one, the convolution of dy with the filter turned by half a circle; else the transposed convolution. */
const gradientOfInput: Lowering = (k) => {
  const [dy, filter] = [k.image('dy'), k.in('filter')];
  const inputShape = k.attr<number[]>('inputShape');
  const info = convInfo(k, inputShape, filter.shape);
  const shape = channelsFirst(inputShape);
  const [top, left, bottom, right] = padsOf(info);
  const [height, width] = [info.filterHeight, info.filterWidth];
  if (info.strideHeight === 1 && info.strideWidth === 1) {
    const lists = [
      [-1, -1],
      [-(2 ** 31 - 1), -(2 ** 31 - 1)],
      [2, 3],
      [-1, -1],
    ].map((l) => k.constant(l, 'int64'));
    const weights = k.emit('Slice', [turned(k, filter, [2, 3, 0, 1]), ...lists]);
    const pads = [height - 1 - top, width - 1 - left, height - 1 - bottom, width - 1 - right];
    return k.outImage(k.emit('Conv', [dy.name, weights], { kernel_shape: [height, width], pads }), shape);
  }
  const covered = (i: number, stride: number, size: number) => (dy.shape[i] - 1) * stride + size;
  const rest = [
    shape[2] - covered(2, info.strideHeight, height) + top + bottom,
    shape[3] - covered(3, info.strideWidth, width) + left + right,
  ];
  const window = { ...windowOf(info), output_padding: rest };
  return k.outImage(k.emit('ConvTranspose', [dy.name, turned(k, filter, [3, 2, 0, 1])], window), shape);
};

/** Every tap of the filter sees one cut of the image; cuts [batch, taps · inputs, pixels] times dy, summed over the batch. */
const gradientOfFilter: Lowering = (k) => {
  const [x, dy] = [k.image('x'), k.image('dy')];
  const shape = k.attr<number[]>('filterShape');
  const info = convInfo(k, channelsLast(x.shape), shape);
  const [batch, inputs] = x.shape;
  const pixels = info.outHeight * info.outWidth;
  const columns = k.reshape(cuts(k, x.name, info), [batch, shape[0] * shape[1] * inputs, pixels]);
  const slopes = k.emit('Transpose', [k.reshape(dy.name, [batch, shape[3], pixels])], { perm: [0, 2, 1] });
  const perImage = k.emit('MatMul', [columns, slopes]);
  const sum = k.emit('ReduceSum', [perImage, k.constant([0], 'int64')], { keepdims: 0 });
  return k.out(k.reshape(sum, shape), shape, 'float32');
};

function cuts(k: KernelCall, x: string, info: Info): string {
  const [top, left, bottom, right] = padsOf(info);
  const pads = k.constant([0, 0, top, left, 0, 0, bottom, right], 'int64');
  const padded = top + left + bottom + right > 0 ? k.emit('Pad', [x, pads], { mode: 'constant' }) : x;
  const [axes, steps] = [k.constant([2, 3], 'int64'), k.constant([info.strideHeight, info.strideWidth], 'int64')];
  const taps = Array.from({ length: info.filterHeight * info.filterWidth }, (_, i) => {
    const [row, column] = [Math.floor(i / info.filterWidth), i % info.filterWidth];
    const ends = [
      row + (info.outHeight - 1) * info.strideHeight + 1,
      column + (info.outWidth - 1) * info.strideWidth + 1,
    ];
    const bounds = [k.constant([row, column], 'int64'), k.constant(ends, 'int64')];
    return k.emit('Slice', [padded, ...bounds, axes, steps]);
  });
  return taps.length === 1 ? taps[0] : k.emit('Concat', taps, { axis: 1 });
}

/** Channels of dy stand in groups, one for each channel of the input. */
const gradientOfDepthwiseInput: Lowering = (k) => {
  const [dy, filter] = [k.image('dy'), k.in('filter')];
  const inputShape = k.attr<number[]>('inputShape');
  const info = convInfo(k, inputShape, filter.shape, true);
  const [height, width, inputs, multiplier] = filter.shape;
  const shape = channelsFirst(inputShape);
  const [top, left, bottom, right] = padsOf(info);
  const rest = [
    shape[2] + top + bottom - ((info.outHeight - 1) * info.strideHeight + height),
    shape[3] + left + right - ((info.outWidth - 1) * info.strideWidth + width),
  ];
  const weights = k.reshape(turned(k, filter, [2, 3, 0, 1]), [inputs * multiplier, 1, height, width]);
  const window = { ...windowOf(info), group: inputs, output_padding: rest };
  return k.outImage(k.emit('ConvTranspose', [dy.name, weights], window), shape);
};

/** Of each tap: the cut of the image that it sees, times dy, summed over batch and pixels by channel. */
const gradientOfDepthwiseFilter: Lowering = (k) => {
  const [x, dy] = [k.image('x'), k.image('dy')];
  const shape = k.attr<number[]>('filterShape');
  const info = convInfo(k, channelsLast(x.shape), shape, true);
  const [height, width, inputs, multiplier] = shape;
  const taps = height * width;
  const pixels = info.outHeight * info.outWidth;
  const [batch] = x.shape;
  const seen = k.reshape(cuts(k, x.name, info), [batch, taps, inputs, 1, pixels]);
  const slopes = k.reshape(dy.name, [batch, 1, inputs, multiplier, pixels]);
  const perPixel = k.emit('ReduceSum', [k.emit('Mul', [seen, slopes]), k.constant([4], 'int64')], { keepdims: 0 });
  const sum = k.emit('ReduceSum', [perPixel, k.constant([0], 'int64')], { keepdims: 0 });
  return k.out(k.reshape(sum, shape), shape, 'float32');
};

export const CONVOLUTION: Record<string, Lowering> = {
  Conv2D: convolution,
  FusedConv2D: convolution,
  DepthwiseConv2dNative: depthwise,
  Conv2DBackpropInput: gradientOfInput,
  Conv2DBackpropFilter: gradientOfFilter,
  DepthwiseConv2dNativeBackpropInput: gradientOfDepthwiseInput,
  DepthwiseConv2dNativeBackpropFilter: gradientOfDepthwiseFilter,
  FusedBatchNorm: (k) => {
    const x = k.image('x');
    const vector = (key: string, value: number) =>
      k.has(key) ? k.in(key).name : k.constant(new Array<number>(x.shape[1]).fill(value), 'float32');
    const vectors = [vector('scale', 1), vector('offset', 0), k.in('mean').name, k.in('variance').name];
    const epsilon = { float: k.attr<number>('varianceEpsilon') };
    return k.outImage(k.emit('BatchNormalization', [x.name, ...vectors], { epsilon }), x.shape);
  },
};
