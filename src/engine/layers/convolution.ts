/** Layers over images [batch, height, width, channels]; a series is an image of height one. */
import * as tf from '@tensorflow/tfjs-core';
import type { Updates } from '../families/program';

export const POOLINGS = ['max', 'average', 'none'] as const;
export type Pooling = (typeof POOLINGS)[number];

type Size = [height: number, width: number];

/** Same size as the input; filter [height, width, inputs, outputs], bias [outputs]. */
export function convolve(x: tf.Tensor, filter: tf.Tensor, bias?: tf.Tensor): tf.Tensor {
  const given = { x: x as tf.Tensor4D, filter: filter as tf.Tensor4D, strides: 1, pad: 'same' as const };
  return bias ? tf.fused.conv2d({ ...given, bias, activation: 'linear' }) : tf.conv2d(given.x, given.filter, 1, 'same');
}

/** Windows side by side; pixels that fill none are left out. */
export function pool(x: tf.Tensor, pooling: Pooling, size: Size): tf.Tensor {
  if (pooling === 'none') return x;
  const apply = pooling === 'max' ? tf.maxPool : tf.avgPool;
  return apply(x as tf.Tensor4D, size, size, 'valid');
}

/** [batch, channels · height · width], channels first, as the recorder keeps images. */
export function flatten(x: tf.Tensor): tf.Tensor {
  const [batch, height, width, channels] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [batch, channels! * height! * width!]);
}

const EPSILON = 1e-3;
/** Share of the moving averages that a step keeps. */
const KEPT = 0.9;
const PIXELS = [0, 1, 2];

/**
 * Batch normalization (Ioffe & Szegedy 2015). In training (`updates` given) by the moments of the batch, which also go
 * into the moving averages; else by these. `prefix` names the four parameters.
 */
export function batchNormalization(
  x: tf.Tensor,
  parameters: Record<string, tf.Tensor>,
  prefix: string,
  updates: Updates | undefined,
): tf.Tensor {
  const of = (name: string) => parameters[`${prefix}_${name}`] as tf.Tensor1D;
  const [scale, offset] = [of('scale'), of('offset')];
  if (!updates) return tf.batchNorm(x, of('mean'), of('variance'), offset, scale, EPSILON);
  const mean = tf.mean(x, PIXELS);
  const variance = tf.sub(tf.mean(tf.square(x), PIXELS), tf.square(mean));
  const moved = (name: string, now: tf.Tensor) => tf.add(tf.mul(of(name), KEPT), tf.mul(now, 1 - KEPT));
  updates[`${prefix}_mean`] = moved('mean', mean);
  updates[`${prefix}_variance`] = moved('variance', variance);
  return tf.add(tf.mul(normalized(x, mean, variance), scale), offset);
}

/** (x - mean) / deviation, with mean and variance those of x itself: their gradient is part of this one's. */
function normalized(x: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor): tf.Tensor {
  const inverse = tf.rsqrt(tf.add(variance, EPSILON));
  const apply = tf.customGrad((given, save) => {
    const y = tf.mul(tf.sub(given as tf.Tensor, mean), inverse);
    (save as tf.GradSaveFunc)([y, inverse]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, [saved, scale]: tf.Tensor[]) => {
        const along = tf.mul(saved, tf.mean(tf.mul(dy, saved), PIXELS));
        return tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, PIXELS)), along), scale);
      },
    };
  });
  return apply(x);
}
