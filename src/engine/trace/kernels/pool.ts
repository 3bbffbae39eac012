/** Pooling of images and its gradients. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Attribute } from '../../onnx/graph';
import { channelsLast, laidOut } from '../layout';
import type { KernelCall, Lowering, Value } from '../kernel';
import { inverseTable, keyOf, padsOf, pick, pixelsOf, windowTable } from './pixels';

type Info = backend_util.Conv2DInfo;
type Pair = number | [number, number];

function poolInfo(k: KernelCall, image: number[]): Info {
  return backend_util.computePool2DInfo(
    image as [number, number, number, number],
    k.attr<Pair>('filterSize'),
    k.attr<Pair>('strides'),
    1,
    k.attr<'same' | 'valid' | number>('pad'),
    k.attr<'floor' | 'round' | 'ceil' | undefined>('dimRoundingMode'),
  );
}

const windowOf = (info: Info): Record<string, Attribute> => ({
  kernel_shape: [info.filterHeight, info.filterWidth],
  strides: [info.strideHeight, info.strideWidth],
  pads: padsOf(info),
});

/** Windows of more pixels than this are left to ONNX's own operator. */
const PIECES_MAX = 16;

/** Whether windows lie apart and within the image, so that each pixel is in one of them or in none. */
const apart = (info: Info) =>
  info.strideHeight >= info.filterHeight &&
  info.strideWidth >= info.filterWidth &&
  padsOf(info).every((pad) => pad <= 0);

const isWhole = (info: Info) => apart(info) && info.filterHeight === info.inHeight && info.filterWidth === info.inWidth;

const inPieces = (k: KernelCall, key: string, info: Info) =>
  k.layoutOf(key) === 'batchLast' && apart(info) && info.filterHeight * info.filterWidth <= PIECES_MAX;

/** The image cut up: the first pixel of each window, the second one, and so on; [channels, windows, batch] each. */
const pieces = (k: KernelCall, { name, shape }: Value, info: Info): string[] =>
  windowTable(info).map((numbers, tap) =>
    k.shared(`piece ${name} ${keyOf(info)} ${tap}`, () => pick(k, pixelsOf(name, shape), numbers)),
  );

function pool(op: string, join: (k: KernelCall, pieces: string[]) => string): Lowering {
  return (k) => {
    const info = poolInfo(k, channelsLast(k.image('x').shape, k.layoutOf('x')));
    if (inPieces(k, 'x', info)) {
      const shape = laidOut(info.outShape, 'batchLast');
      return k.outImage(k.reshape(join(k, pieces(k, k.image('x'), info)), shape), shape, 'batchLast');
    }
    if (op === 'AveragePool' && k.layoutOf('x') === 'batchLast' && isWhole(info)) return wholeMean(k, k.image('x'));
    const x = k.image('x', 'channelsFirst');
    const name = k.emit(op, [x.name], windowOf(info));
    return k.outImage(name, laidOut(info.outShape, 'channelsFirst'), 'channelsFirst');
  };
}

const largest = (k: KernelCall, list: string[]) => (list.length === 1 ? list[0] : k.emit('Max', list));

const mean = (k: KernelCall, list: string[]) =>
  k.emit('Mul', [k.emit('Sum', list), k.constant(1 / list.length, 'float32')]);

function wholeMean(k: KernelCall, { name, shape: [channels, , , batch] }: Value): TensorInfo {
  const mean = k.emit('ReduceMean', [name, k.constant([1, 2], 'int64')], { keepdims: 1 });
  return k.outImage(mean, [channels, 1, 1, batch], 'batchLast');
}

/** The first of the largest takes the gradient. */
const gradientOfMax: Lowering = (k) => {
  const info = poolInfo(k, channelsLast(k.image('input').shape, k.layoutOf('input')));
  if (!inPieces(k, 'input', info)) return placedGradient(k, info);
  const [input, dy] = [k.image('input'), k.image('dy')];
  const [channels, , , batch] = input.shape;
  const table = windowTable(info);
  const windows = table[0].length;
  const shares = shared(k, k.reshape(dy.name, [channels, windows, batch]), pieces(k, input, info));
  const whole = k.emit('Concat', shares, { axis: 1 });
  const [places] = inverseTable(table, info.inHeight * info.inWidth);
  const gathered = pick(k, { name: whole, shape: [channels, windows * table.length, batch] }, places);
  return k.outImage(k.reshape(gathered, input.shape), input.shape, 'batchLast');
};

/** Gives `slope` to the first half of the list where its maximum is not smaller, else to the other half; and so on. */
function shared(k: KernelCall, slope: string, list: string[]): string[] {
  if (list.length === 1) return [slope];
  const middle = Math.ceil(list.length / 2);
  const halves = [list.slice(0, middle), list.slice(middle)];
  const first = k.emit(
    'GreaterOrEqual',
    halves.map((half) => largest(k, half)),
  );
  const left = k.emit('Mul', [slope, k.cast(first, 'bool', 'float32')]);
  const right = k.emit('Sub', [slope, left]);
  return [...shared(k, left, halves[0]), ...shared(k, right, halves[1])];
}

/** ONNX's pooling tells where its maxima came from; elements of overlapping windows add up. */
function placedGradient(k: KernelCall, info: Info): TensorInfo {
  const [dy, input] = [k.image('dy', 'channelsFirst'), k.image('input', 'channelsFirst')];
  const [, places] = k.emitMany('MaxPool', [input.name], windowOf(info), 2);
  if (apart(info)) {
    const name = k.emit('MaxUnpool', [dy.name, places, k.shape(input.shape)], windowOf(info));
    return k.outImage(name, input.shape, 'channelsFirst');
  }
  const size = input.shape.reduce((a, b) => a * b, 1);
  const zeros = k.emit('Expand', [k.constant(0, 'float32'), k.shape([size])]);
  const flat = [places, dy.name].map((name) => k.reshape(name, [-1]));
  const name = k.emit('ScatterElements', [zeros, ...flat], { axis: 0, reduction: 'add' });
  return k.outImage(k.reshape(name, input.shape), input.shape, 'channelsFirst');
}

/** Each pixel takes its share of every window it was in. */
const gradientOfAverage: Lowering = (k) => {
  const info = poolInfo(k, channelsLast(k.image('input').shape, k.layoutOf('input')));
  return k.layoutOf('input') === 'batchLast' && apart(info) ? spread(k, info) : overlapped(k, info);
};

function spread(k: KernelCall, info: Info): TensorInfo {
  const [dy, { shape }] = [k.image('dy'), k.image('input')];
  const table = windowTable(info);
  const shares = k.emit('Mul', [dy.name, k.constant(1 / table.length, 'float32')]);
  // All taps of a window take the same number: that of the window.
  const [places] = inverseTable(table, info.inHeight * info.inWidth, 0);
  return k.outImage(k.reshape(pick(k, pixelsOf(shares, dy.shape), places), shape), shape, 'batchLast');
}

function overlapped(k: KernelCall, info: Info): TensorInfo {
  const [dy, { shape }] = [k.image('dy', 'channelsFirst'), k.image('input', 'channelsFirst')];
  const shares = k.emit('Mul', [dy.name, k.constant(sharesOf(info), 'float32', [1, 1, info.outHeight, info.outWidth])]);
  const [top, left, bottom, right] = padsOf(info);
  const channels = shape[1];
  const { filterHeight: height, filterWidth: width } = info;
  const ones = k.constant(new Array<number>(channels * height * width).fill(1), 'float32', [
    channels,
    1,
    height,
    width,
  ]);
  const rest = [
    shape[2] + top + bottom - ((info.outHeight - 1) * info.strideHeight + height),
    shape[3] + left + right - ((info.outWidth - 1) * info.strideWidth + width),
  ];
  const window = { ...windowOf(info), group: channels, output_padding: rest };
  return k.outImage(k.emit('ConvTranspose', [shares, ones], window), shape, 'channelsFirst');
}

/** One over the number of pixels in each window; padding does not count. */
function sharesOf(info: Info): number[] {
  const [top, left] = padsOf(info);
  const rows = insides(info.outHeight, {
    stride: info.strideHeight,
    size: info.filterHeight,
    pad: top,
    limit: info.inHeight,
  });
  const columns = insides(info.outWidth, {
    stride: info.strideWidth,
    size: info.filterWidth,
    pad: left,
    limit: info.inWidth,
  });
  return rows.flatMap((height) => columns.map((width) => 1 / (height * width)));
}

/** How many pixels of each window along one axis lie inside the image. */
function insides(count: number, axis: { stride: number; size: number; pad: number; limit: number }): number[] {
  const { stride, size, pad, limit } = axis;
  const from = (i: number) => i * stride - pad;
  return Array.from({ length: count }, (_, i) => Math.min(from(i) + size, limit) - Math.max(from(i), 0));
}

export const POOL: Record<string, Lowering> = {
  MaxPool: pool('MaxPool', largest),
  AvgPool: pool('AveragePool', mean),
  MaxPoolGrad: gradientOfMax,
  AvgPoolGrad: gradientOfAverage,
};
