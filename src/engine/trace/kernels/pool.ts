/** Pooling of images and its gradients. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Attribute } from '../../onnx/graph';
import { channelsFirst, channelsLast } from '../layout';
import type { KernelCall, Lowering, Value } from '../kernel';
import { padsOf } from './convolution';

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

function pool(op: string): Lowering {
  return (k) => {
    const x = k.image('x');
    const info = poolInfo(k, channelsLast(x.shape));
    return k.outImage(k.emit(op, [x.name], windowOf(info)), channelsFirst(info.outShape));
  };
}

/** The pooling itself tells where its maxima came from; elements of overlapping windows add up. */
const gradientOfMax: Lowering = (k) => {
  const [dy, input] = [k.image('dy'), k.image('input')];
  const info = poolInfo(k, channelsLast(input.shape));
  const places = k.second(k.image('output').name);
  const apart = info.strideHeight >= info.filterHeight && info.strideWidth >= info.filterWidth;
  if (apart) {
    const name = k.emit('MaxUnpool', [dy.name, places, k.shape(input.shape)], windowOf(info));
    return k.outImage(name, input.shape);
  }
  const size = input.shape.reduce((a, b) => a * b, 1);
  const zeros = k.emit('Expand', [k.constant(0, 'float32'), k.shape([size])]);
  const flat = [places, dy.name].map((name) => k.reshape(name, [-1]));
  const name = k.emit('ScatterElements', [zeros, ...flat], { axis: 0, reduction: 'add' });
  return k.outImage(k.reshape(name, input.shape), input.shape);
};

/** Each pixel takes its share of every window it was in. */
const gradientOfAverage: Lowering = (k) => {
  const [dy, input] = [k.image('dy'), k.image('input')];
  const info = poolInfo(k, channelsLast(input.shape));
  const shares = k.emit('Mul', [dy.name, k.constant(sharesOf(info), 'float32', [1, 1, info.outHeight, info.outWidth])]);
  return whole(info) ? spread(k, shares, input) : overlapped(k, shares, input, info);
};

const whole = (info: Info) =>
  info.outHeight * info.outWidth === 1 &&
  padsOf(info).every((pad) => pad === 0) &&
  info.filterHeight === info.inHeight &&
  info.filterWidth === info.inWidth;

const spread = (k: KernelCall, shares: string, { shape }: Value): TensorInfo =>
  k.outImage(k.emit('Expand', [shares, k.shape(shape)]), shape);

function overlapped(k: KernelCall, shares: string, { shape }: Value, info: Info): TensorInfo {
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
  return k.outImage(k.emit('ConvTranspose', [shares, ones], window), shape);
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
  MaxPool: pool('MaxPool'),
  AvgPool: pool('AveragePool'),
  MaxPoolGrad: gradientOfMax,
  AvgPoolGrad: gradientOfAverage,
};
