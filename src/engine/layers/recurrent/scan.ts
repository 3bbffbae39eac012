/** A loop over the steps of sequences: one ONNX Scan where it is recorded, a loop in JavaScript where it is computed. */
import * as tf from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../../onnx/graph';
import type { RecorderBackend } from '../../trace/recorder.backend';
import { declared, type DType } from '../../trace/shapes';
import { recording } from '../fused';

export interface Scanned {
  /** After the last step. */
  states: tf.Tensor[];
  /** Of a step inside the body; of all steps, stacked along axis 0, as the result. */
  outputs: tf.Tensor[];
}

/** One step. It may read tensors from outside. */
export type ScanBody = (states: tf.Tensor[], slices: tf.Tensor[]) => Scanned;

/** Runs `body` on the slices of the sequences along axis 0, from the last to the first when `reverse`. No gradient. */
export function scan(states: tf.Tensor[], sequences: tf.Tensor[], body: ScanBody, reverse = false): Scanned {
  return recording() ? recorded(states, sequences, body, reverse) : computed(states, sequences, body, reverse);
}

function computed(states: tf.Tensor[], sequences: tf.Tensor[], body: ScanBody, reverse: boolean): Scanned {
  const slices = sequences.map((sequence) => tf.unstack(sequence));
  const steps = [...slices[0].keys()];
  const outputs: tf.Tensor[][] = [];
  for (const step of reverse ? steps.reverse() : steps) {
    const result = body(
      states,
      slices.map((list) => list[step]),
    );
    states = result.states;
    outputs[step] = result.outputs;
  }
  return { states, outputs: outputs[0].map((_, i) => tf.stack(outputs.map((list) => list[i]))) };
}

function recorded(states: tf.Tensor[], sequences: tf.Tensor[], body: ScanBody, reverse: boolean): Scanned {
  const backend = tf.backend() as RecorderBackend;
  const { graph } = backend.recording;
  const inputs = [...states, ...sequences].map((tensor) => backend.nameOf(tensor));
  const step = graph.subgraph(graph.unique('scan'));
  const shapes = [...states.map(({ shape }) => shape), ...sequences.map(({ shape }) => shape.slice(1))];
  const results = backend.within(step, () => {
    const symbols = [...states, ...sequences].map(({ dtype }, i) => {
      const name = step.input(`${step.name}_${i}`, dtype as DType, declared(shapes[i]));
      return tensorOf(backend, name, shapes[i], dtype as DType);
    });
    const result = body(symbols.slice(0, states.length), symbols.slice(states.length));
    const tensors = [...result.states, ...result.outputs];
    tensors.forEach((tensor) => declareOutput(step, backend.nameOf(tensor), tensor));
    return tensors.map(({ shape, dtype }) => ({ shape, dtype: dtype as DType }));
  });
  const direction = Number(reverse);
  const stacked = results.length - states.length;
  const attributes = {
    body: step,
    num_scan_inputs: sequences.length,
    scan_input_directions: sequences.map(() => direction),
    ...(stacked > 0 && { scan_output_directions: new Array<number>(stacked).fill(direction) }),
  };
  const [steps] = sequences[0].shape;
  const tensors = graph.node('Scan', inputs, attributes, { outputs: results.length }).map((name, i) => {
    const { shape, dtype } = results[i];
    return tensorOf(backend, name, i < states.length ? shape : [steps, ...shape], dtype);
  });
  return { states: tensors.slice(0, states.length), outputs: tensors.slice(states.length) };
}

const tensorOf = (backend: RecorderBackend, name: string, shape: number[], dtype: DType) =>
  tf.engine().makeTensorFromTensorInfo(backend.symbol(name, shape, dtype));

/** A body hands on each value once, and only what one of its nodes made. */
function declareOutput(step: GraphBuilder, name: string, { shape, dtype }: tf.Tensor): void {
  const isComputed = step.nodes.some(({ outputs }) => outputs.includes(name));
  const isOutput = step.outputs.some((output) => output.name === name);
  step.output(isComputed && !isOutput ? name : step.call('Identity', [name]), dtype as DType, declared(shape));
}
