/** The forward pass of trained parameters, as a part of a graph. */
import * as tf from '@tensorflow/tfjs-core';
import type { Program } from '../families/training/program';
import type { GraphBuilder } from '../onnx/graph';
import { BATCH, record } from '../trace/record';

export interface Trained {
  program: Program;
  parameters: Float32Array;
  width: number;
}

/** Appends the pass from a float [batch, width] value; `answer` makes of what the program gives what is answered. */
export function appendForward(
  graph: GraphBuilder,
  features: string,
  trained: Trained,
  answer: (output: tf.Tensor) => tf.Tensor,
): string {
  const input = { name: features, shape: [BATCH, trained.width], dtype: 'float32' as const };
  const { output } = record(graph, { features: input }, (t) => ({
    output: answer(trained.program.forward(cut(trained), t.features, null)),
  }));
  return output.name;
}

/** Each parameter as a constant of its own, so that the file shows named shapes and kernels can be prepacked. */
function cut({ program, parameters }: Trained): Record<string, tf.Tensor> {
  let at = 0;
  return Object.fromEntries(
    program.parameters.map(({ name, shape }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [name, tf.tensor(parameters.slice(at, (at += size)), shape)];
    }),
  );
}
