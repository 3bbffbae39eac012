/** Nonlinearities that a layer of a network may end with. */
import * as tf from '@tensorflow/tfjs-core';
import { relu } from './fused';

const SQRT_HALF = Math.SQRT1_2;
const GELU_TANH = Math.sqrt(2 / Math.PI);

const sixth = (x: tf.Tensor) => tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6);

const APPLY = {
  linear: (x: tf.Tensor) => x,
  relu: (x: tf.Tensor) => relu(x),
  relu6: (x: tf.Tensor) => tf.relu6(x),
  elu: (x: tf.Tensor) => tf.elu(x),
  selu: (x: tf.Tensor) => tf.selu(x),
  tanh: (x: tf.Tensor) => tf.tanh(x),
  sigmoid: (x: tf.Tensor) => tf.sigmoid(x),
  /** As of Keras 2: 0.2 x + 0.5 between 0 and 1. */
  hardSigmoid: (x: tf.Tensor) => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1),
  /** As of Keras 3: relu6(x + 3) / 6. */
  hardSigmoid6: sixth,
  hardSwish: (x: tf.Tensor) => tf.mul(x, sixth(x)),
  softplus: (x: tf.Tensor) => tf.softplus(x),
  softsign: (x: tf.Tensor) => tf.div(x, tf.add(tf.abs(x), 1)),
  swish: (x: tf.Tensor) => tf.mul(x, tf.sigmoid(x)),
  mish: (x: tf.Tensor) => tf.mul(x, tf.tanh(tf.softplus(x))),
  /** Hendrycks & Gimpel 2016, exact. */
  gelu: (x: tf.Tensor) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, SQRT_HALF)), 1)),
  /** The same, by its approximation with tanh. */
  geluTanh: (x: tf.Tensor) => {
    const inner = tf.mul(tf.add(x, tf.mul(tf.mul(x, tf.square(x)), 0.044715)), GELU_TANH);
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
  },
  exponential: (x: tf.Tensor) => tf.exp(x),
  softmax: (x: tf.Tensor) => tf.softmax(x),
} as const satisfies Record<string, (x: tf.Tensor) => tf.Tensor>;

export type LayerActivation = keyof typeof APPLY;
export const LAYER_ACTIVATIONS = Object.keys(APPLY) as [LayerActivation, ...LayerActivation[]];

export const activated = (x: tf.Tensor, name: LayerActivation): tf.Tensor => APPLY[name](x);
