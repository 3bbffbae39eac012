/** Layers that pool, pad, cut and rearrange. */
import * as tf from '@tensorflow/tfjs-core';
import { maximumOverSteps, meanOverSteps } from '../../layers/recurrent/tokens';
import { both, free, LayerFault, only, orderOver, sizeOf, withBatch, type Built, type Builds } from '../built';
import { alongSteps, slid } from './convolution';

type Size = [height: number, width: number];
type Pool = typeof tf.maxPool;

interface PoolWindow {
  size: Size;
  stride: Size;
  padding: 'valid' | 'same';
}

function pooled(pool: Pool, { size, stride, padding }: PoolWindow, [height, width, channels]: number[]): Built {
  const along = (length: number, axis: 0 | 1) =>
    slid(length, { field: 'size', size: size[axis], stride: stride[axis], padding });
  return free([along(height, 0), along(width, 1), channels], (x) => pool(x as tf.Tensor4D, size, stride, padding));
}

type Given2d = { size: number | Size; stride: number | Size | null; padding: 'valid' | 'same' };
type Given1d = { size: number; stride: number | null; padding: 'valid' | 'same' };

const overImages =
  (type: string, pool: Pool) =>
  ({ size, stride, padding }: Given2d, inputs: number[][]): Built =>
    pooled(pool, { size: both(size), stride: both(stride ?? size), padding }, only(type, inputs, 3));

const overSteps =
  (type: string, pool: Pool) =>
  ({ size, stride, padding }: Given1d, inputs: number[][]): Built =>
    alongSteps(only(type, inputs, 2), (image) =>
      pooled(pool, { size: [1, size], stride: [1, stride ?? size], padding }, image),
    );

type Joining = (x: tf.Tensor, axes: number[]) => tf.Tensor;

/** Over all places; of a sequence, over the steps that count. */
const whole =
  (type: string, overPlaces: Joining, overSteps: typeof meanOverSteps) =>
  ({ keepDimensions: keep }: { keepDimensions: boolean }, inputs: number[][]): Built => {
    const shape = only(type, inputs);
    const places = shape.slice(0, -1).map((_, axis) => axis + 1);
    const outside = keep ? [...places.map(() => 1), shape.at(-1)!] : shape.slice(-1);
    const joined = free(outside, (x, { order, mask }) => {
      if (order === 'steps') return withBatch(overSteps(x, shape[0], mask), outside);
      return places.length ? withBatch(overPlaces(x, places), outside) : x;
    });
    return { ...joined, order: orderOver(shape), gives: 'rows' };
  };

/** With the one -1 replaced by what is left. */
function filledIn(wanted: number[], shape: number[]): number[] {
  const unknown = wanted.filter((n) => n < 0).length;
  if (unknown === 0) return wanted;
  const rest = sizeOf(shape) / sizeOf(wanted.filter((n) => n > 0));
  if (unknown === 1 && Number.isInteger(rest)) return wanted.map((n) => (n < 0 ? rest : n));
  throw new LayerFault(
    'shape',
    `[${wanted.join(', ')}] does not divide the ${sizeOf(shape)} numbers that the layer gets`,
    'At most one size may be -1, and the others must divide the numbers.',
  );
}

function reshaped(declared: number[], shape: number[]): Built {
  const wanted = filledIn(declared, shape);
  if (sizeOf(wanted) !== sizeOf(shape)) {
    throw new LayerFault(
      'shape',
      `[${wanted.join(', ')}] holds ${sizeOf(wanted)} numbers, and the layer gets ${sizeOf(shape)}`,
      'The sizes must multiply to the numbers that the layer gets.',
    );
  }
  return free(wanted, (x) => withBatch(x, wanted));
}

function permuted(axes: number[], shape: number[]): Built {
  if ([...axes].sort().join() !== shape.map((_, i) => i + 1).join()) {
    const wanted = shape.map((_, i) => i + 1).join(', ');
    throw new LayerFault('axes', `[${axes.join(', ')}] is not an order of the axes`, `Give each of ${wanted} once.`);
  }
  return free(
    axes.map((axis) => shape[axis - 1]),
    (x) => tf.transpose(x, [0, ...axes]),
  );
}

type Ends = [before: number, after: number];

function zeroPadded(ends: Ends[], shape: number[]): Built {
  const all: Ends[] = [[0, 0], ...ends, [0, 0]];
  const outside = shape.map((length, i) => length + all[i + 1][0] + all[i + 1][1]);
  return free(outside, (x) => tf.pad(x, all));
}

function cropped(ends: Ends[], shape: number[]): Built {
  const all: Ends[] = [...ends, [0, 0]];
  const outside = shape.map((length, i) => length - all[i][0] - all[i][1]);
  if (outside.some((length) => length < 1)) {
    throw new LayerFault('cropping', `leaves nothing of [${shape.join(', ')}]`, 'Cut less off.');
  }
  return free(outside, (x) => tf.slice(x, [0, ...all.map(([before]) => before)], [x.shape[0]!, ...outside]));
}

/** Each pixel repeated: [h, w, c] to [h, 1, w, 1, c], tiled, and back. */
function repeated([tall, wide]: Size, [height, width, channels]: number[]): Built {
  const outside = [height * tall, width * wide, channels];
  return free(outside, (x) =>
    withBatch(tf.tile(withBatch(x, [height, 1, width, 1, channels]), [1, 1, tall, 1, wide, 1]), outside),
  );
}

type Shaping =
  | ('maxPooling1d' | 'averagePooling1d' | 'maxPooling2d' | 'averagePooling2d')
  | ('globalAveragePooling' | 'globalMaxPooling' | 'reshape' | 'flatten' | 'permute' | 'repeat')
  | ('zeroPadding1d' | 'zeroPadding2d' | 'cropping1d' | 'cropping2d' | 'upSampling1d' | 'upSampling2d');

export const SHAPING: Builds<Shaping> = {
  maxPooling1d: overSteps('maxPooling1d', tf.maxPool),
  averagePooling1d: overSteps('averagePooling1d', tf.avgPool as Pool),
  maxPooling2d: overImages('maxPooling2d', tf.maxPool),
  averagePooling2d: overImages('averagePooling2d', tf.avgPool as Pool),
  globalAveragePooling: whole('globalAveragePooling', tf.mean, meanOverSteps),
  globalMaxPooling: whole('globalMaxPooling', tf.max, maximumOverSteps),
  reshape: ({ shape }, inputs) => reshaped(shape, only('reshape', inputs)),
  flatten: (_, inputs) => {
    const flat = [sizeOf(only('flatten', inputs))];
    return free(flat, (x) => withBatch(x, flat));
  },
  permute: ({ axes }, inputs) => permuted(axes, only('permute', inputs)),
  repeat: ({ times }, inputs) => {
    const [units] = only('repeat', inputs, 1);
    return free([times, units], (x) => tf.tile(withBatch(x, [1, units]), [1, times, 1]));
  },
  zeroPadding1d: ({ padding }, inputs) => zeroPadded([padding], only('zeroPadding1d', inputs, 2)),
  zeroPadding2d: ({ padding }, inputs) => zeroPadded(padding, only('zeroPadding2d', inputs, 3)),
  cropping1d: ({ cropping }, inputs) => cropped([cropping], only('cropping1d', inputs, 2)),
  cropping2d: ({ cropping }, inputs) => cropped(cropping, only('cropping2d', inputs, 3)),
  upSampling1d: ({ size }, inputs) =>
    alongSteps(only('upSampling1d', inputs, 2), (image) => repeated([1, size], image)),
  upSampling2d: ({ size }, inputs) => repeated(both(size), only('upSampling2d', inputs, 3)),
};
