/** Losses summed over the batch times `share` (1 / rows: the mean), with gradients in few operations. Weights are [batch, 1], or null for all ones. */
import * as tf from '@tensorflow/tfjs-core';
import { logSoftmax } from './fused';

type CustomGradient = { value: tf.Tensor; gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor };

const weighted = (x: tf.Tensor, weights: tf.Tensor | null | undefined) => (weights ? tf.mul(x, weights) : x);

/** What a gradient needs must be saved: other tensors are gone when it runs. */
const listOf = (weights: tf.Tensor | null) => (weights ? [weights] : []);

/** -share · sum(weight · log softmax(logits)[class]); logits [batch, classes], targets one-hot of the same shape. */
export function softmaxCrossEntropy(
  logits: tf.Tensor,
  targets: tf.Tensor,
  weights: tf.Tensor | null,
  share: number,
): tf.Tensor {
  const loss = tf.customGrad((x, save): CustomGradient => {
    const logs = logSoftmax(x as tf.Tensor);
    (save as tf.GradSaveFunc)([logs, targets, ...listOf(weights)]);
    return {
      value: tf.mul(tf.sum(weighted(tf.mul(logs, targets), weights)), -share),
      gradFunc: (dy, [savedLogs, savedTargets, savedWeights]) => {
        const difference = weighted(tf.sub(tf.exp(savedLogs), savedTargets), savedWeights);
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
    (save as tf.GradSaveFunc)([difference, ...listOf(weights)]);
    return {
      value: tf.mul(tf.sum(weighted(tf.square(difference), weights)), share),
      gradFunc: (dy, [saved, savedWeights]) => tf.mul(dy, tf.mul(weighted(saved, savedWeights), 2 * share)),
    };
  });
  return loss(output);
}

/** One-hot rows of class indices (int32 [batch]): rows of the identity, which is one Gather. */
export function classTargets(classes: tf.Tensor, count: number): tf.Tensor {
  return tf.gather(tf.eye(count), classes as tf.Tensor1D);
}
