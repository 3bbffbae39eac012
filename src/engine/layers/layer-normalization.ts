/** Layer normalization over the last axis (Ba, Kiros, Hinton 2016), one node forward and few backward. */
import * as tf from '@tensorflow/tfjs-core';
import { registerLowerings } from '../trace/kernel';
import { recording } from './fused';

const KERNEL = 'LayerNormalization';
const EPSILON = 1e-5;

registerLowerings({
  [KERNEL]: (k) => {
    const [x, scale, offset] = [k.in('x'), k.in('scale'), k.in('offset')];
    const attributes = { axis: -1, epsilon: { float: k.attr<number>('epsilon') } };
    const names = k.emitMany('LayerNormalization', [x.name, scale.name, offset.name], attributes, 3);
    const row = [...x.shape.slice(0, -1), 1];
    return names.map((name, i) => k.out(name, i === 0 ? x.shape : row, 'float32'));
  },
});

/** The normalized rows, their means and the reciprocals of their standard deviations. */
function normalize(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor, epsilon: number): tf.Tensor[] {
  if (recording()) return tf.engine().runKernel(KERNEL, { x, scale, offset }, { epsilon }) as unknown as tf.Tensor[];
  const mean = tf.mean(x, -1, true);
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.squaredDifference(x, mean), -1, true), epsilon));
  return [tf.add(tf.mul(tf.mul(tf.sub(x, mean), inverse), scale), offset), mean, inverse];
}

/** x [rows, units]; scale and offset [units]. */
export function layerNormalization(
  x: tf.Tensor,
  scale: tf.Tensor,
  offset: tf.Tensor,
  epsilon: number = EPSILON,
): tf.Tensor {
  const units = scale.shape[0]!;
  const layer = tf.customGrad((...inputs) => {
    const [a, s, o, save] = inputs as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const [value, mean, inverse] = normalize(a, s, o, epsilon);
    save([a, mean, inverse, s]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [input, means, inverses, scales] = saved;
      const normal = tf.mul(tf.sub(input, means), inverses);
      const product = tf.mul(dy, normal);
      // Row means of dy · scale and of dy · scale · normal, as products with one column.
      const column = tf.reshape(tf.mul(scales, 1 / units), [units, 1]) as tf.Tensor2D;
      const [shift, slope] = [dy, product].map((t) => tf.matMul(t as tf.Tensor2D, column));
      const centred = tf.sub(tf.sub(tf.mul(dy, scales), shift), tf.mul(normal, slope));
      return [tf.mul(centred, inverses), tf.sum(product, 0), tf.sum(dy, 0)];
    };
    return { value, gradFunc };
  });
  return layer(x, scale, offset);
}
