/** Scaled dot-product attention with several heads (Vaswani et al. 2017), as one operation with its own gradient. */
import * as tf from '@tensorflow/tfjs-core';

export interface AttentionShape {
  steps: number;
  batch: number;
  heads: number;
}

// Values are [steps, batch, heads, size]: ONNX Runtime multiplies them by head without moving them, because it takes these
// permutations into the product. Only results, [batch, heads, steps, size], are moved.
const BY_HEAD = [1, 2, 0, 3];
const BY_HEAD_TRANSPOSED = [1, 2, 3, 0];
const LAST_SWAPPED = [0, 1, 3, 2];

const byHead = (x: tf.Tensor) => tf.transpose(x, BY_HEAD);
const byHeadTransposed = (x: tf.Tensor) => tf.transpose(x, BY_HEAD_TRANSPOSED);
const swapped = (x: tf.Tensor) => tf.transpose(x, LAST_SWAPPED);
/** [batch, heads, steps, size] to [steps · batch, units]. */
function byRow(x: tf.Tensor): tf.Tensor {
  const [batch, heads, steps, size] = x.shape as [number, number, number, number];
  return tf.reshape(tf.transpose(x, [2, 0, 1, 3]), [steps * batch, heads * size]);
}
const product = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b);

/**
 * @param qkv queries, keys and values side by side, [steps · batch, 3 · units], rows in the order of steps
 * @param bias added to the scores, [batch, 1, 1, steps]; null adds nothing
 * @returns [steps · batch, units]
 */
export function attention(qkv: tf.Tensor, bias: tf.Tensor | null, shape: AttentionShape): tf.Tensor {
  const { steps, batch, heads } = shape;
  const units = qkv.shape[1]! / 3;
  const size = units / heads;
  const factor = 1 / Math.sqrt(size);
  const rows = [steps, batch, heads, size];
  const attend = tf.customGrad((x, save) => {
    const parts = tf.split(tf.reshape(x as tf.Tensor, [steps, batch, 3, heads, size]), 3, 2);
    const [q, k, v] = parts.map((part) => tf.reshape(part, rows));
    const scores = tf.mul(product(byHead(q), byHeadTransposed(k)), factor);
    const weights = tf.softmax(bias ? tf.add(scores, bias) : scores);
    const value = byRow(product(weights, byHead(v)));
    (save as tf.GradSaveFunc)([q, k, v, weights, tf.reshape(value, rows)]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradient(tf.reshape(dy, rows), saved, factor),
    };
  });
  return attend(qkv);
}

/** The row sums of dP · P are those of dy · output, which has fewer elements (Dao et al. 2022). */
function gradient(dy: tf.Tensor, saved: tf.Tensor[], factor: number): tf.Tensor {
  const [q, k, v, weights, heard] = saved;
  const sums = tf.transpose(tf.sum(tf.mul(dy, heard), 3, true), BY_HEAD);
  const dWeights = product(byHead(dy), byHeadTransposed(v));
  const dScores = tf.mul(weights, tf.sub(dWeights, sums));
  const dq = tf.mul(product(dScores, byHead(k)), factor);
  const dk = tf.mul(product(swapped(dScores), byHead(q)), factor);
  const dv = product(swapped(weights), byHead(dy));
  const columns = [dq, dk, dv].map((d) => byRow(d));
  return tf.concat(columns, 1);
}
