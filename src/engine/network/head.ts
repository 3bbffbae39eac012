/** The dense layer to the classes or the number, which a network gets of its own. */
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterSpec } from '../layers/parameters';
import { affine } from '../layers/dense';
import { withBatch, type Named } from './built';
import { inOrder, type Value } from './order';

/** Starts as Glorot & Bengio 2010 advise. */
export function headSpecs(inputs: number, outputs: number): ParameterSpec[] {
  const limit = Math.sqrt(6 / (inputs + outputs));
  return [
    { name: 'kernel_output', shape: [inputs, outputs], limit, penalized: true },
    { name: 'bias_output', shape: [outputs], limit: 0, penalized: false },
  ];
}

/** Of the value of a row as a whole. */
export const headOf = (x: tf.Tensor, { kernel_output: kernel, bias_output: bias }: Named): tf.Tensor =>
  affine(withBatch(x, [kernel.shape[0]!]), kernel, bias);

/** Of each step by itself: [batch, steps, outputs]. */
export function headOfSteps({ x, order }: Value, steps: number, { kernel_output: kernel, bias_output: bias }: Named) {
  const [inputs, outputs] = kernel.shape as [number, number];
  const logits = affine(tf.reshape(x, [x.size / inputs, inputs]), kernel, bias);
  if (order === 'rows') return tf.reshape(logits, [x.shape[0]!, steps, outputs]);
  return inOrder({ x: logits, order }, [steps, outputs], 'rows');
}
