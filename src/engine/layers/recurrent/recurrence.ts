/** Runs a recurrent cell over sequences [steps, batch, columns]. */
import * as tf from '@tensorflow/tfjs-core';
import type { Cell } from './cells';
import { scan, type ScanBody } from './scan';

export interface Recurrence {
  cell: Cell;
  units: number;
  /** From the last step to the first. */
  reverse: boolean;
  /** Whether the result is the output after the last step alone, [batch, units]; otherwise [steps, batch, units]. */
  last: boolean;
  /** bool [steps, batch, units]: false where a step is padding, which leaves the states as they are; null: none is. */
  mask: tf.Tensor | null;
}

/** Outputs of the cell, from states of zero. `inputs` are projected already: its pre-activations but for the recurrent part. */
export function recur(run: Recurrence, inputs: tf.Tensor[], weights: tf.Tensor[]): tf.Tensor {
  if (tf.engine().state.gradientDepth === 0) return chosen(run, forward(run, inputs, weights, false));
  const withGradient = tf.customGrad((...tensors) => {
    const save = tensors.pop() as unknown as tf.GradSaveFunc;
    const [x, w] = [tensors.slice(0, inputs.length), tensors.slice(inputs.length)] as [tf.Tensor[], tf.Tensor[]];
    const result = forward(run, x, w, true);
    const kept = [...w, ...(run.mask ? [run.mask] : []), ...result.outputs];
    save(kept);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [masks, rest] = run.mask ? [1, w.length + 1] : [0, w.length];
      const mask = masks ? saved[w.length] : null;
      return backward({ ...run, mask }, dy, { weights: saved.slice(0, w.length), outputs: saved.slice(rest) });
    };
    return { value: chosen(run, result), gradFunc };
  });
  return withGradient(...inputs, ...weights);
}

const chosen = ({ last }: Recurrence, { states, outputs }: { states: tf.Tensor[]; outputs: tf.Tensor[] }) =>
  last ? states[0] : outputs[0];

/** States after the last step, and the outputs of all steps followed by what they saved. */
function forward(run: Recurrence, inputs: tf.Tensor[], weights: tf.Tensor[], learning: boolean) {
  const { cell, mask, last, reverse } = run;
  const body: ScanBody = (states, slices) => {
    const { states: next, saved } = cell.forward(states, slices.slice(0, inputs.length), weights);
    const counts = slices[inputs.length];
    const carried = mask ? next.map((state, i) => tf.where(counts, state, states[i])) : next;
    return { states: carried, outputs: [...(learning || !last ? [carried[0]] : []), ...(learning ? saved : [])] };
  };
  return scan(zeroStates(run, inputs[0].shape[1]!), [...inputs, ...(mask ? [mask] : [])], body, reverse);
}

const zeroStates = ({ cell, units }: Recurrence, batch: number) =>
  Array.from({ length: cell.states }, () => tf.fill([batch, units], 0));

/** Gradients by the inputs and by the weights. */
function backward(
  run: Recurrence,
  dy: tf.Tensor,
  { weights, outputs: [outputs, ...saved] }: { weights: tf.Tensor[]; outputs: tf.Tensor[] },
): tf.Tensor[] {
  const { cell, mask, last, reverse } = run;
  const transposed = weights.map((each) => (each.rank === 2 ? tf.transpose(each) : each));
  const body: ScanBody = (gradients, slices) => {
    const [stepTensors, others] = [slices.slice(0, saved.length), slices.slice(saved.length)];
    const [first, ...rest] = gradients;
    const incoming = last ? gradients : [tf.add(first, others[others.length - 1]), ...rest];
    if (!mask) return step(cell.backward(incoming, stepTensors, transposed));
    const none = tf.zerosLike(first);
    const through = incoming.map((gradient) => tf.where(others[0], none, gradient));
    const { states, gates } = cell.backward(
      incoming.map((gradient) => tf.where(others[0], gradient, none)),
      stepTensors,
      transposed,
    );
    return { states: states.map((state, i) => tf.add(state, through[i])), outputs: gates };
  };
  const zeros = zeroStates(run, outputs.shape[1]!);
  const start = last ? [dy, ...zeros.slice(1)] : zeros;
  const sequences = [...saved, ...(mask ? [mask] : []), ...(last ? [] : [dy])];
  const gates = scan(start, sequences, body, !reverse).outputs;
  const flat = (x: tf.Tensor) => tf.reshape(x, [x.shape[0]! * x.shape[1]!, x.shape[2]!]);
  return [...cell.inputGradients(gates), ...cell.weightGradients(gates.map(flat), flat(previous(outputs, reverse)))];
}

const step = ({ states, gates }: { states: tf.Tensor[]; gates: tf.Tensor[] }) => ({ states, outputs: gates });

/** The outputs that each step started from. */
function previous(outputs: tf.Tensor, reverse: boolean): tf.Tensor {
  const [steps, batch, units] = outputs.shape as [number, number, number];
  const others = tf.slice(outputs, reverse ? 1 : 0, steps - 1);
  const zeros = tf.fill([1, batch, units], 0);
  return tf.concat(reverse ? [others, zeros] : [zeros, others], 0);
}
