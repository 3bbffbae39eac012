/** Operations ONNX has as one node and TensorFlow.js composes of several. */
import * as tf from '@tensorflow/tfjs-core';
import { RECORDER } from '../trace/recorder.backend';

/** Whether operations are being recorded rather than computed. */
export const recording = () => tf.engine().backendName === RECORDER;

const kernel = (name: string, inputs: tf.NamedTensorMap, attributes: tf.NamedAttrMap) =>
  tf.engine().runKernel(name, inputs, attributes) as tf.Tensor;

/** Log of the softmax over the last axis. Has no gradient of its own: use it inside a custom one. */
export function logSoftmax(logits: tf.Tensor): tf.Tensor {
  return recording() ? kernel('LogSoftmax', { logits }, { axis: -1 }) : tf.logSoftmax(logits);
}

/** max(x, 0) whose gradient reads the output: the input is free, so ONNX Runtime fuses product, bias and relu. */
export const relu = tf.customGrad((x, save) => {
  const y = tf.relu(x as tf.Tensor);
  (save as tf.GradSaveFunc)([y]);
  return { value: y, gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, tf.step(saved)) };
});
