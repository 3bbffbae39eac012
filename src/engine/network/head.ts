/** The dense layer to the classes or the number, which a network gets of its own. */
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterSpec } from '../layers/parameters';
import { affine } from '../layers/dense';
import { withBatch, type Named } from './built';

/** Starts as Glorot & Bengio 2010 advise. */
export function headSpecs(inputs: number, outputs: number): ParameterSpec[] {
  const limit = Math.sqrt(6 / (inputs + outputs));
  return [
    { name: 'kernel_output', shape: [inputs, outputs], limit, penalized: true },
    { name: 'bias_output', shape: [outputs], limit: 0, penalized: false },
  ];
}

/** Of each of these places by itself; none: of the whole value. */
export function headOf(
  value: tf.Tensor,
  { kernel_output: kernel, bias_output: bias }: Named,
  places: number[] = [],
): tf.Tensor {
  if (places.length === 0) return affine(withBatch(value, [kernel.shape[0]!]), kernel, bias);
  const logits = affine(tf.reshape(value, [-1, kernel.shape[0]!]), kernel, bias);
  return tf.reshape(logits, [value.shape[0]!, ...places, bias.shape[0]!]);
}
