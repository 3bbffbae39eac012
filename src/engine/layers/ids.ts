/** Vectors of ids. An id is the place of its vector in a table; what is no place (−1, NaN) is an id that is not known. */
import * as tf from '@tensorflow/tfjs-core';

/**
 * The vectors [x.size, units] of ids x of any shape out of a table [ids, units]; an unknown id has the mean of all vectors.
 * `complete`: every id is known, so that no mean needs to be computed.
 */
export function embed(table: tf.Tensor, x: tf.Tensor, complete = false): tf.Tensor {
  const flat = tf.reshape(x, [x.size]);
  if (complete) return tf.gather(table, tf.cast(flat, 'int32') as tf.Tensor1D);
  const known = tf.logicalAnd(tf.greaterEqual(flat, 0), tf.less(flat, table.shape[0]!));
  const place = tf.cast(tf.where(known, flat, tf.zerosLike(flat)), 'int32');
  const share = tf.reshape(tf.cast(known, 'float32'), [x.size, 1]);
  const mean = tf.mul(tf.sub(1, share), tf.mean(table, 0, true));
  return tf.add(tf.mul(tf.gather(table, place as tf.Tensor1D), share), mean);
}
