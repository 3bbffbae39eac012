/**
 * Dropout whose mask is a function of counters only, so that a resumed run draws the same masks.
 *
 * Each row of a batch has a random 32-bit key of its own and of the step, each column a fixed one. The element is kept
 * when square(row xor column) mod 2^32, read as a signed integer, lies below a threshold: squaring mixes all lower bits
 * into the high ones that decide (the middle-square idea of B. Widynski, "Squares: a fast counter-based RNG", 2020).
 */
import * as tf from '@tensorflow/tfjs-core';
import { Random } from '../random';
import { registerLowerings } from '../trace/kernel';
import { recording } from './fused';

const KERNEL = 'DropoutMask';

registerLowerings({
  [KERNEL]: (k) => {
    const [rows, columns] = [k.in('rows'), k.in('columns')];
    const shape = [rows.shape[0], columns.shape[0]];
    const mixed = k.emit('BitwiseXor', [k.reshape(rows.name, [shape[0], 1]), columns.name]);
    const square = k.emit('Mul', [mixed, mixed]);
    return k.out(k.emit('Less', [square, k.constant(k.attr<number>('threshold'), 'int32')]), shape, 'bool');
  },
});

/** The same mask in plain integers, for backends that compute. */
function eagerMask(rows: tf.Tensor, columns: tf.Tensor, threshold: number): tf.Tensor {
  const [r, c] = [rows.dataSync(), columns.dataSync()];
  const mask = new Uint8Array(r.length * c.length);
  for (let i = 0; i < mask.length; i++) {
    const mixed = r[Math.floor(i / c.length)] ^ c[i % c.length];
    mask[i] = Math.imul(mixed, mixed) < threshold ? 1 : 0;
  }
  return tf.tensor(mask, [r.length, c.length], 'bool');
}

/** Which elements stay: bool [rows, columns], each true with probability 1 - rate. */
export function dropoutMask(rowKeys: tf.Tensor, columns: number, rate: number, stream: number): tf.Tensor {
  const random = new Random(0x5eed, stream);
  const keys = tf.tensor1d(
    Int32Array.from({ length: columns }, () => random.uint32() | 0),
    'int32',
  );
  const threshold = Math.min(2 ** 31 - 1, Math.round((1 - rate) * 2 ** 32 - 2 ** 31));
  if (!recording()) return eagerMask(rowKeys, keys, threshold);
  return tf.engine().runKernel(KERNEL, { rows: rowKeys, columns: keys }, { threshold }) as tf.Tensor;
}

/** Zeroes elements with probability `rate` and scales the others by 1 / (1 - rate); `stream` tells layers apart. */
export function dropout(x: tf.Tensor, rate: number, rowKeys: tf.Tensor, stream: number): tf.Tensor {
  const mask = dropoutMask(rowKeys, x.shape[1]!, rate, stream);
  return tf.mul(x, tf.mul(tf.cast(mask, 'float32'), 1 / (1 - rate)));
}

/**
 * Dropout of x [steps · batch, units], rows in the order of steps: every step of a row draws a key of its own from the
 * row's, wrapping around as 32-bit integers do.
 */
export function dropoutSteps(
  x: tf.Tensor,
  rate: number,
  { rowKeys, steps, stream }: { rowKeys: tf.Tensor; steps: number; stream: number },
): tf.Tensor {
  const random = new Random(0x57e9, stream);
  const keys = tf.tensor2d(
    Int32Array.from({ length: steps }, () => random.uint32() | 0),
    [steps, 1],
    'int32',
  );
  return dropout(x, rate, tf.reshape(tf.add(keys, rowKeys), [x.shape[0]!]), stream);
}
