/** Sequences laid out [steps · batch, units], rows in the order of steps. */
import * as tf from '@tensorflow/tfjs-core';
import type { StepMask } from './step-mask';

/** Sines and cosines of geometrically growing wavelengths (Vaswani et al. 2017), [steps, units]. */
export function sinusoidalPositions(steps: number, units: number): tf.Tensor {
  const values = Float32Array.from({ length: steps * units }, (_, i) => {
    const [step, unit] = [Math.floor(i / units), i % units];
    const angle = step / 10_000 ** ((unit - (unit % 2)) / units);
    return unit % 2 ? Math.cos(angle) : Math.sin(angle);
  });
  return tf.tensor2d(values, [steps, units]);
}

/** x [steps · batch, units] as [steps, batch, units]. */
export const byStep = (x: tf.Tensor, steps: number): tf.Tensor =>
  tf.reshape(x, [steps, x.shape[0]! / steps, x.shape[1]!]);

/** Mean over the steps that count, [batch, units]; a row without any has the mean zero. */
export function meanOverSteps(x: tf.Tensor, steps: number, mask: StepMask | null): tf.Tensor {
  if (!mask) return tf.mean(byStep(x, steps), 0);
  const { numbers } = mask;
  return tf.div(tf.sum(tf.mul(byStep(x, steps), numbers), 0), tf.maximum(tf.sum(numbers, 0), 1));
}

/** Of no step that counts. */
const LOWEST = 1e9;

/** Maximum over the steps that count, [batch, units]; a row without any has the maximum zero. */
export function maximumOverSteps(x: tf.Tensor, steps: number, mask: StepMask | null): tf.Tensor {
  if (!mask) return tf.max(byStep(x, steps), 0);
  const { numbers } = mask;
  const highest = tf.max(tf.add(byStep(x, steps), tf.mul(tf.sub(numbers, 1), LOWEST)), 0);
  return tf.mul(highest, tf.max(numbers, 0));
}
