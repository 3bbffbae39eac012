/**
 * Recurrent cells with hand-written gradients. A step saves the factors that turn gradients by its states into gradients
 * by its pre-activations, so that a step back is a few products; gradients of weights are one product over all steps.
 */
import * as tf from '@tensorflow/tfjs-core';

type T2 = tf.Tensor2D;

export interface Cell {
  /** State vectors; the first is the output. */
  states: number;
  forward(states: tf.Tensor[], inputs: tf.Tensor[], weights: tf.Tensor[]): { states: tf.Tensor[]; saved: tf.Tensor[] };
  /**
   * From gradients by the states after the step to those by the states before it and by the pre-activations. The weights
   * are transposed: ONNX Runtime fuses a plain product with the sum that follows.
   */
  backward(
    gradients: tf.Tensor[],
    saved: tf.Tensor[],
    transposed: tf.Tensor[],
  ): { states: tf.Tensor[]; gates: tf.Tensor[] };
  /** Of `gates`, those by the projected inputs. */
  inputGradients(gates: tf.Tensor[]): tf.Tensor[];
  /** By the weights: `gates` and the outputs of the steps before, each [steps · batch, columns]. */
  weightGradients(gates: tf.Tensor[], previous: tf.Tensor): tf.Tensor[];
}

const product = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a as T2, b as T2);
const weightGradient = (previous: tf.Tensor, gate: tf.Tensor) => tf.matMul(previous as T2, gate as T2, true, false);
const columns = (list: tf.Tensor[]) => tf.concat(list as T2[], 1);
/** x (1 - x), the slope of a sigmoid of value x. */
const slope = (x: tf.Tensor) => tf.sub(x, tf.square(x));

/** h' = tanh(x + h U) (Elman 1990). */
const rnn: Cell = {
  states: 1,
  forward: ([h], [x], [u]) => {
    const next = tf.tanh(tf.add(product(h, u), x));
    return { states: [next], saved: [tf.sub(1, tf.square(next))] };
  },
  backward: ([dh], [factor], [u]) => {
    const gate = tf.mul(dh, factor);
    return { states: [product(gate, u)], gates: [gate] };
  },
  inputGradients: (gates) => gates,
  weightGradients: ([gate], previous) => [weightGradient(previous, gate)],
};

/** Gates f, i, o = sigmoid, g = tanh; c' = f c + i g, h' = o tanh(c') (Hochreiter & Schmidhuber 1997; Gers et al. 2000). */
const lstm: Cell = {
  states: 2,
  forward: ([h, c], [x, y], [u, v]) => {
    const gates = tf.sigmoid(tf.add(product(h, u), x));
    const candidate = tf.tanh(tf.add(product(h, v), y));
    const [forget, input, output] = tf.split(gates, 3, 1);
    const added = tf.mul(input, candidate);
    const cell = tf.add(tf.mul(forget, c), added);
    const bent = tf.tanh(cell);
    const next = tf.mul(output, bent);
    const saved = [
      tf.mul(slope(gates), columns([c, candidate, bent])),
      tf.sub(input, tf.mul(added, candidate)),
      tf.sub(output, tf.mul(next, bent)),
      forget,
    ];
    return { states: [next, cell], saved };
  },
  backward: ([dh, dc], [gateFactor, candidateFactor, outputFactor, forget], [u, v]) => {
    const cell = tf.add(dc, tf.mul(dh, outputFactor));
    const gates = tf.mul(columns([cell, cell, dh]), gateFactor);
    const candidate = tf.mul(cell, candidateFactor);
    return {
      states: [tf.add(product(candidate, v), product(gates, u)), tf.mul(cell, forget)],
      gates: [gates, candidate],
    };
  },
  inputGradients: (gates) => gates,
  weightGradients: (gates, previous) => gates.map((gate) => weightGradient(previous, gate)),
};

/** Gates r, z = sigmoid, n = tanh(y + r (h V + b)); h' = n + z (h - n) (Cho et al. 2014, reset after the product). */
const gru: Cell = {
  states: 1,
  forward: ([h], [x, y], [u, v, bias]) => {
    const gates = tf.sigmoid(tf.add(product(h, u), x));
    const recurrent = tf.add(product(h, v), bias);
    const [reset, update] = tf.split(gates, 2, 1);
    const candidate = tf.tanh(tf.add(tf.mul(reset, recurrent), y));
    const difference = tf.sub(h, candidate);
    const next = tf.add(candidate, tf.mul(update, difference));
    const factor = tf.mul(tf.sub(1, update), tf.sub(1, tf.square(candidate)));
    const saved = [
      tf.mul(slope(gates), columns([tf.mul(factor, recurrent), difference])),
      factor,
      tf.mul(factor, reset),
      update,
    ];
    return { states: [next], saved };
  },
  backward: ([dh], [gateFactor, candidateFactor, recurrentFactor, update], [u, v]) => {
    const gates = tf.mul(columns([dh, dh]), gateFactor);
    const recurrent = tf.mul(dh, recurrentFactor);
    const through = tf.add(product(recurrent, v), tf.mul(dh, update));
    return { states: [tf.add(product(gates, u), through)], gates: [gates, tf.mul(dh, candidateFactor), recurrent] };
  },
  inputGradients: ([gates, candidate]) => [gates, candidate],
  weightGradients: ([gates, , recurrent], previous) => [
    weightGradient(previous, gates),
    weightGradient(previous, recurrent),
    tf.sum(recurrent, 0),
  ],
};

export const CELLS = { rnn, lstm, gru };
export type CellName = keyof typeof CELLS;
