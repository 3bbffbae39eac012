/**
 * Convolutions of images and their gradients. TensorFlow.js gives filters as [height, width, inputs, outputs].
 *
 * With a batch of known size they are products of matrices: what each tap of the filter sees, [inputs · taps, pixels ·
 * batch], is cut out once for the forward pass and the gradient by the filter.
 */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Attribute } from '../../onnx/graph';
import { channelsLast, laidOut } from '../layout';
import type { KernelCall, Lowering, Value } from '../kernel';
import { activated } from './matrix';
import { inverseTable, keyOf, padsOf, pick, pixelsOf, windowTable, withZero } from './pixels';

type Info = backend_util.Conv2DInfo;
type Pair = number | [number, number];

/** Sizes, strides and padding of a call on images and filters of these shapes (channels last). */
function convInfo(k: KernelCall, image: number[], filter: number[], depthwise = false): Info {
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

const windowOf = (info: Info): Record<string, Attribute> => ({
  kernel_shape: [info.filterHeight, info.filterWidth],
  strides: [info.strideHeight, info.strideWidth],
  dilations: [info.dilationHeight, info.dilationWidth],
  pads: padsOf(info),
});

const turned = (k: KernelCall, { name }: Value, perm: number[]) => k.emit('Transpose', [name], { perm });

const convolution: Lowering = (k) => {
  const layout = k.layoutOf('x');
  const [x, filter] = [k.image('x'), k.in('filter')];
  const info = convInfo(k, channelsLast(x.shape, layout), filter.shape);
  const bias = k.has('bias') ? k.in('bias').name : null;
  const name = layout === 'batchLast' ? product(k, { x, filter, info, bias }) : operator(k, { x, filter, info, bias });
  const shape = laidOut(info.outShape, layout);
  const image = layout === 'batchLast' ? k.reshape(name, shape) : name;
  return k.outImage(k.attr('activation') === undefined ? image : activated(k, image), shape, layout);
};

interface Operands {
  x: Value;
  filter: Value;
  info: Info;
  bias: string | null;
}

const operator = (k: KernelCall, { x, filter, info, bias }: Operands) =>
  k.emit('Conv', [x.name, turned(k, filter, [3, 2, 0, 1]), ...(bias ? [bias] : [])], windowOf(info));

/** [outputs, pixels · batch]. */
function product(k: KernelCall, { x, filter, info, bias }: Operands): string {
  let sum = bias && k.reshape(bias, [info.outChannels, 1]);
  for (const taps of tapGroups(info)) {
    const operands = [weights(k, filter, taps), cuts(k, x, info, taps)];
    sum = k.emit('Gemm', sum ? [...operands, sum] : operands, { transA: 1 });
  }
  return sum!;
}

/** Of the numbers cut out at once, so that a large image does not fill the memory. */
const CUT_NUMBERS_MAX = 2 ** 23;

type Taps = [from: number, to: number];

const tapCount = (info: Info) => info.filterHeight * info.filterWidth;
const pixelCount = (info: Info) => info.outHeight * info.outWidth;

function tapGroups(info: Info): Taps[] {
  const size = Math.max(1, Math.floor(CUT_NUMBERS_MAX / (info.inChannels * pixelCount(info) * info.batchSize)));
  const count = Math.ceil(tapCount(info) / size);
  return Array.from({ length: count }, (_, i) => [i * size, Math.min(tapCount(info), (i + 1) * size)]);
}

/** What these taps see of the image, [inputs · taps, pixels · batch]. Kept for the gradient when it is all of them. */
function cuts(k: KernelCall, x: Value, info: Info, [from, to]: Taps): string {
  const make = () => {
    const numbers = windowTable(info).slice(from, to).flat();
    const shape = [info.inChannels * (to - from), pixelCount(info) * info.batchSize];
    return k.reshape(pick(k, pixelsOf(x.name, x.shape), numbers), shape);
  };
  return to - from === tapCount(info) ? k.shared(`cuts ${x.name} ${keyOf(info)}`, make) : make();
}

/** The filter at these taps, [inputs · taps, outputs]. */
function weights(k: KernelCall, { name, shape: [height, width, inputs, outputs] }: Value, [from, to]: Taps): string {
  return k.shared(`weights ${name} ${from} ${to}`, () => {
    const flat = k.reshape(name, [height * width, inputs, outputs]);
    const all = to - from === height * width;
    const bounds = [from, to, 0].map((i) => k.constant([i], 'int64'));
    const some = all ? flat : k.emit('Slice', [flat, ...bounds]);
    return k.reshape(k.emit('Transpose', [some], { perm: [1, 0, 2] }), [inputs * (to - from), outputs]);
  });
}

const gradientOfInput: Lowering = (k) => (k.layoutOf('dy') === 'batchLast' ? gatheredBack(k) : transposed(k));

/** A transposed convolution, which networks also have as a layer of its own. */
function transposed(k: KernelCall): TensorInfo {
  const [dy, filter] = [k.image('dy'), k.in('filter')];
  const inputShape = k.attr<number[]>('inputShape');
  const info = convInfo(k, inputShape, filter.shape);
  const window = { ...windowOf(info), output_padding: restOf(info) };
  const name = k.emit('ConvTranspose', [dy.name, turned(k, filter, [3, 2, 0, 1])], window);
  return k.outImage(name, laidOut(inputShape, 'channelsFirst'), 'channelsFirst');
}

/** Each pixel gathers what it gave to every window it was in. */
function gatheredBack(k: KernelCall): TensorInfo {
  const [dy, filter] = [k.image('dy'), k.in('filter')];
  const inputShape = k.attr<number[]>('inputShape');
  const info = convInfo(k, inputShape, filter.shape);
  const { inChannels: inputs, outChannels: outputs, batchSize: batch } = info;
  const table = windowTable(info);
  const slopes = withZero(k, pixelsOf(dy.name, dy.shape));
  const width = slopes.shape[1];
  const matrix = k.reshape(slopes.name, [outputs, width * batch]);
  const parts = tapGroups(info).map(([from, to]) => {
    const product = k.emit('MatMul', [weights(k, filter, [from, to]), matrix]);
    const places = inverseTable(table.slice(from, to), info.inHeight * info.inWidth, width);
    const pixels = { name: product, shape: [inputs, (to - from) * width, batch] as [number, number, number] };
    const gathered = places.map((numbers) => pick(k, pixels, numbers, width - 1));
    return gathered.length === 1 ? gathered[0] : k.emit('Sum', gathered);
  });
  const sum = parts.reduce((a, b) => k.emit('Add', [a, b]));
  const shape = laidOut(inputShape, 'batchLast');
  return k.outImage(k.reshape(sum, shape), shape, 'batchLast');
}

const gradientOfFilter: Lowering = (k) => {
  const [x, dy] = [fixed(k, 'x'), fixed(k, 'dy')];
  const shape = k.attr<number[]>('filterShape');
  const info = convInfo(k, channelsLast(x.shape, 'batchLast'), shape);
  const { inChannels: inputs, outChannels: outputs, batchSize: batch } = info;
  const slopes = k.reshape(dy.name, [outputs, pixelCount(info) * batch]);
  const parts = tapGroups(info).map((taps) => {
    const sums = k.emit('Gemm', [cuts(k, x, info, taps), slopes], { transB: 1 });
    const byInput = k.reshape(sums, [inputs, taps[1] - taps[0], outputs]);
    return k.emit('Transpose', [byInput], { perm: [1, 0, 2] });
  });
  const whole = parts.length === 1 ? parts[0] : k.emit('Concat', parts, { axis: 0 });
  return k.out(k.reshape(whole, shape), shape, 'float32');
};

function fixed(k: KernelCall, key: string): Value {
  if (k.layoutOf(key) !== 'batchLast') throw new Error('Gradients of images need a batch of known size.');
  return k.image(key);
}

const everyTap = (info: Info): Taps => [0, tapCount(info)];

/** The channels of the result stand in groups, one for each channel of the input. */
const depthwise: Lowering = (k) => {
  const layout = k.layoutOf('x');
  const [x, filter] = [k.image('x'), k.in('filter')];
  const info = convInfo(k, channelsLast(x.shape, layout), filter.shape, true);
  const [height, width, inputs, multiplier] = filter.shape;
  const shape = laidOut(info.outShape, layout);
  if (layout === 'channelsFirst') {
    const kernels = k.reshape(turned(k, filter, [2, 3, 0, 1]), [inputs * multiplier, 1, height, width]);
    return k.outImage(k.emit('Conv', [x.name, kernels], { ...windowOf(info), group: inputs }), shape, layout);
  }
  const taps = k.reshape(filter.name, [height * width, inputs, multiplier]);
  const kernels = k.emit('Transpose', [taps], { perm: [1, 2, 0] });
  const seen = k.reshape(cuts(k, x, info, everyTap(info)), [inputs, height * width, -1]);
  return k.outImage(k.reshape(k.emit('MatMul', [kernels, seen]), shape), shape, layout);
};

const gradientOfDepthwiseInput: Lowering = (k) => {
  const [dy, filter] = [k.image('dy', 'channelsFirst'), k.in('filter')];
  const inputShape = k.attr<number[]>('inputShape');
  const info = convInfo(k, inputShape, filter.shape, true);
  const [height, width, inputs, multiplier] = filter.shape;
  const kernels = k.reshape(turned(k, filter, [2, 3, 0, 1]), [inputs * multiplier, 1, height, width]);
  const window = { ...windowOf(info), group: inputs, output_padding: restOf(info) };
  const name = k.emit('ConvTranspose', [dy.name, kernels], window);
  return k.outImage(name, laidOut(inputShape, 'channelsFirst'), 'channelsFirst');
};

/** Rows and columns at the end of the image that no window reaches. */
function restOf(info: Info): number[] {
  const [top, left, bottom, right] = padsOf(info);
  const reach = (taps: number, dilation: number) => (taps - 1) * dilation + 1;
  return [
    info.inHeight +
      top +
      bottom -
      (info.outHeight - 1) * info.strideHeight -
      reach(info.filterHeight, info.dilationHeight),
    info.inWidth + left + right - (info.outWidth - 1) * info.strideWidth - reach(info.filterWidth, info.dilationWidth),
  ];
}

/** One product of matrices for each channel of the input. */
const gradientOfDepthwiseFilter: Lowering = (k) => {
  const [x, dy] = [fixed(k, 'x'), fixed(k, 'dy')];
  const shape = k.attr<number[]>('filterShape');
  const info = convInfo(k, channelsLast(x.shape, 'batchLast'), shape, true);
  const [height, width, inputs, multiplier] = shape;
  const seen = k.reshape(cuts(k, x, info, everyTap(info)), [inputs, height * width, -1]);
  const slopes = k.emit('Transpose', [k.reshape(dy.name, [inputs, multiplier, -1])], { perm: [0, 2, 1] });
  const byInput = k.emit('MatMul', [seen, slopes]);
  return k.out(k.reshape(k.emit('Transpose', [byInput], { perm: [1, 0, 2] }), shape), shape, 'float32');
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
    const x = k.image('x', 'channelsFirst');
    const vector = (key: string, value: number) =>
      k.has(key) ? k.in(key).name : k.constant(new Array<number>(x.shape[1]).fill(value), 'float32');
    const vectors = [vector('scale', 1), vector('offset', 0), k.in('mean').name, k.in('variance').name];
    const epsilon = { float: k.attr<number>('varianceEpsilon') };
    const name = k.emit('BatchNormalization', [x.name, ...vectors], { epsilon });
    return k.outImage(name, x.shape, 'channelsFirst');
  },
};
