/** Losses summed over the batch times `share` (1 / rows: the mean), with gradients in few operations. Weights are [batch, 1], or null for all ones. */
import * as tf from '@tensorflow/tfjs-core';
import { logSoftmax } from './fused';

type CustomGradient = { value: tf.Tensor; gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor };

const weighted = (x: tf.Tensor, weights: tf.Tensor | null) => (weights ? tf.mul(x, weights) : x);

/** -share · sum(weight · log softmax(logits)[class]); logits [batch, classes], targets one-hot of the same shape. */
export function softmaxCrossEntropy(
  logits: tf.Tensor,
  targets: tf.Tensor,
  weights: tf.Tensor | null,
  share: number,
): tf.Tensor {
  const loss = tf.customGrad((x, save): CustomGradient => {
    const logs = logSoftmax(x as tf.Tensor);
    (save as tf.GradSaveFunc)([logs]);
    return {
      value: tf.mul(tf.sum(weighted(tf.mul(logs, targets), weights)), -share),
      gradFunc: (dy, [saved]) => {
        const difference = weighted(tf.sub(tf.exp(saved), targets), weights);
        return tf.mul(dy, tf.mul(difference, share));
      },
    };
  });
  return loss(logits);
}

/** share · sum(weight · (output - target)²); output and target [batch, 1]. */
export function squaredError(
  output: tf.Tensor,
  target: tf.Tensor,
  weights: tf.Tensor | null,
  share: number,
): tf.Tensor {
  const loss = tf.customGrad((x, save): CustomGradient => {
    const difference = tf.sub(x as tf.Tensor, target);
    (save as tf.GradSaveFunc)([difference]);
    return {
      value: tf.mul(tf.sum(weighted(tf.square(difference), weights)), share),
      gradFunc: (dy, [saved]) => tf.mul(dy, tf.mul(weighted(saved, weights), 2 * share)),
    };
  });
  return loss(output);
}

/** One-hot rows of class indices (int32 [batch]): rows of the identity, which is one Gather. */
export function classTargets(classes: tf.Tensor, count: number): tf.Tensor {
  return tf.gather(tf.eye(count), classes as tf.Tensor1D);
}
