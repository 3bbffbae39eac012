/** Batch normalization of images [batch, height, width, channels]; a series is an image of height one. */
import * as tf from '@tensorflow/tfjs-core';

export const POOLINGS = ['max', 'average', 'none'] as const;
export type Pooling = (typeof POOLINGS)[number];

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
  const apply = tf.customGrad((input, save) => {
    const y = tf.mul(tf.sub(input as tf.Tensor, mean), inverse);
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
