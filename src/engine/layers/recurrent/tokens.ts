/** Feature matrices read as sequences. Values are laid out [steps · batch, units], rows in the order of steps. */
import * as tf from '@tensorflow/tfjs-core';

/** x [batch, steps · channels] to [steps, batch, channels]. */
export function toSteps(x: tf.Tensor, steps: number): tf.Tensor {
  const [batch, width] = x.shape as [number, number];
  return tf.transpose(tf.reshape(x, [batch, steps, width / steps]), [1, 0, 2]);
}

/** Sines and cosines of geometrically growing wavelengths (Vaswani et al. 2017), [steps, units]. */
export function sinusoidalPositions(steps: number, units: number): tf.Tensor {
  const values = Float32Array.from({ length: steps * units }, (_, i) => {
    const [step, unit] = [Math.floor(i / units), i % units];
    const angle = step / 10_000 ** ((unit - (unit % 2)) / units);
    return unit % 2 ? Math.cos(angle) : Math.sin(angle);
  });
  return tf.tensor2d(values, [steps, units]);
}

/** Mean over the steps of x [steps · batch, units]; `mask` [steps, batch, 1] is 1 for steps that count, null: all do. */
export function meanOverSteps(x: tf.Tensor, steps: number, mask: tf.Tensor | null): tf.Tensor {
  const byStep = tf.reshape(x, [steps, x.shape[0]! / steps, x.shape[1]!]);
  if (!mask) return tf.mean(byStep, 0);
  // A row without any step has the mean zero.
  return tf.div(tf.sum(tf.mul(byStep, mask), 0), tf.maximum(tf.sum(mask, 0), 1));
}

/** Rows of steps [steps · batch, units] by row: [batch, steps, units]. */
export function perStep(x: tf.Tensor, steps: number): tf.Tensor {
  const [rows, units] = x.shape as [number, number];
  return tf.transpose(tf.reshape(x, [steps, rows / steps, units]), [1, 0, 2]);
}
