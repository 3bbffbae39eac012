/** Dense layers as functions of their parameters. */
import * as tf from '@tensorflow/tfjs-core';

export const ACTIVATIONS = ['relu', 'tanh', 'sigmoid', 'elu'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** x [batch, inputs] · kernel [inputs, units] + bias [units]. */
export function affine(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return tf.add(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D), bias);
}
