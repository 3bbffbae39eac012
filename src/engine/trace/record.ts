/** Recording: runs a TensorFlow.js program on symbols and leaves its graph behind. */
import * as tf from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../onnx/graph';
import { registerLowerings } from './kernel';
import { CONVOLUTION } from './kernels/convolution';
import { ELEMENTWISE } from './kernels/elementwise';
import { MATRIX } from './kernels/matrix';
import { POOL } from './kernels/pool';
import { REDUCE } from './kernels/reduce';
import { SHAPE } from './kernels/shape';
import { RECORDER, RecorderBackend } from './recorder.backend';
import type { Recording } from './recording';
import { isSymbolic, type DType } from './shapes';

export { registerLowerings, type Lowering } from './kernel';
export { BATCH, declared, type DType } from './shapes';

export const LOWERINGS = { ...ELEMENTWISE, ...REDUCE, ...MATRIX, ...SHAPE, ...CONVOLUTION, ...POOL };

// TensorFlow.js otherwise advises on the console to install another backend.
tf.enableProdMode();

const backend = new RecorderBackend();
tf.registerBackend(RECORDER, () => backend, 0);
registerLowerings(LOWERINGS);

/** A value of the graph as the program sees it; a dimension equal to BATCH is the symbolic batch. */
export interface Signature {
  name: string;
  shape: number[];
  dtype: DType;
}

export type Tensors = Record<string, tf.Tensor>;

/**
 * Appends the operations of `program` to `graph`. `inputs` are values the graph already has; the result names the values
 * the program returned. Variables the program reads are constants of the graph.
 * The program must not read tensor values.
 */
export function record(
  graph: GraphBuilder,
  inputs: Record<string, Signature>,
  program: (tensors: Tensors) => Tensors,
): Record<string, Signature> {
  const recording: Recording = {
    graph,
    names: new Map(),
    images: new Map(),
    batch: findBatch(inputs),
    shared: new Map(),
  };
  return onRecorder(() =>
    backend.during(recording, () => {
      const results: Record<string, Signature> = {};
      tf.tidy(() => {
        const symbols = mapValues(inputs, (input) => symbolTensor(input));
        for (const [key, tensor] of Object.entries(program(symbols))) results[key] = signatureOf(tensor);
      });
      return results;
    }),
  );
}

function symbolTensor({ name, shape, dtype }: Signature): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(backend.symbol(name, shape, dtype));
}

function signatureOf(tensor: tf.Tensor): Signature {
  return { name: backend.nameOf(tensor), shape: tensor.shape, dtype: tensor.dtype as DType };
}

function findBatch(inputs: Record<string, Signature>): Recording['batch'] {
  for (const { name, shape } of Object.values(inputs)) {
    const axis = shape.findIndex(isSymbolic);
    if (axis >= 0) return { name, axis };
  }
  return null;
}

/** setBackend answers a promise, yet switches at once for a backend without asynchronous set-up. */
function onRecorder<T>(body: () => T): T {
  const previous = tf.engine().backendName;
  void tf.setBackend(RECORDER);
  try {
    return body();
  } finally {
    if (previous) void tf.setBackend(previous);
  }
}

function mapValues<A, B>(object: Record<string, A>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
