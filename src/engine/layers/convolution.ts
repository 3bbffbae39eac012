/** Layers over images [batch, height, width, channels]; a series is an image of height one. */
import * as tf from '@tensorflow/tfjs-core';

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

const PIXELS = [0, 1, 2];

/** Moving averages in training: the share of the old ones that a step keeps, and where the new ones go. */
export interface Moving {
  momentum: number;
  keep(mean: tf.Tensor, variance: tf.Tensor): void;
}

/**
 * Batch normalization (Ioffe & Szegedy 2015). In training (`moving` given) by the moments of the batch, which also go
 * into the moving averages; else by these. All vectors are [channels].
 */
export function batchNormalization(
  x: tf.Tensor,
  vectors: Record<'scale' | 'offset' | 'mean' | 'variance', tf.Tensor>,
  epsilon: number,
  moving: Moving | undefined,
): tf.Tensor {
  const { scale, offset, mean: oldMean, variance: oldVariance } = vectors as Record<string, tf.Tensor1D>;
  if (!moving) return tf.batchNorm(x, oldMean, oldVariance, offset, scale, epsilon);
  const mean = tf.mean(x, PIXELS);
  const variance = tf.sub(tf.mean(tf.square(x), PIXELS), tf.square(mean));
  const { momentum } = moving;
  const moved = (old: tf.Tensor, now: tf.Tensor) => tf.add(tf.mul(old, momentum), tf.mul(now, 1 - momentum));
  moving.keep(moved(oldMean, mean), moved(oldVariance, variance));
  return tf.add(tf.mul(normalized(x, { mean, variance, epsilon }), scale), offset);
}

/** (x - mean) / deviation, with mean and variance those of x itself: their gradient is part of this one's. */
function normalized(
  x: tf.Tensor,
  { mean, variance, epsilon }: { mean: tf.Tensor; variance: tf.Tensor; epsilon: number },
): tf.Tensor {
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
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
