/** Dense layers as functions of their parameters. */
import * as tf from '@tensorflow/tfjs-core';
import { relu } from './fused';

export const ACTIVATIONS = ['relu', 'tanh', 'sigmoid', 'elu'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

const APPLY: Record<Activation, (x: tf.Tensor) => tf.Tensor> = {
  relu: (x) => relu(x),
  tanh: (x) => tf.tanh(x),
  sigmoid: (x) => tf.sigmoid(x),
  elu: (x) => tf.elu(x),
};

/** x [batch, inputs] · kernel [inputs, units] + bias [units]. */
export function affine(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return tf.add(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D), bias);
}

export function activate(x: tf.Tensor, activation: Activation): tf.Tensor {
  return APPLY[activation](x);
}
