/** Recurrent layers over [steps, features], with their weights in the layout of Keras. */
import * as tf from '@tensorflow/tfjs-core';
import { kernelSpec, type ParameterSpec } from '../layers/parameters';
import { activated, type LayerActivation } from '../layers/activations';
import { CELLS, type CellName } from '../layers/recurrent/cells';
import { recur } from '../layers/recurrent/recurrence';
import { LayerFault, only, type Built, type Builds, type Named } from './built';

interface Settings {
  cell: CellName;
  units: number;
  returnSequences: boolean;
  backwards: boolean;
  bidirectional: 'none' | 'concatenate' | 'add' | 'average' | 'multiply';
  activation: LayerActivation;
  recurrentActivation: LayerActivation;
  bias: boolean;
  resetAfter: boolean;
}

/** Blocks of columns of a kernel: LSTM i, f, c, o (Hochreiter & Schmidhuber 1997); GRU z, r, h (Cho et al. 2014). */
const BLOCKS: Record<CellName, number> = { rnn: 1, lstm: 4, gru: 3 };

/** Cells without a compiled loop become one piece of graph per step. */
const UNROLLED_STEPS_MAX = 512;

/** The recurrent cells of the engine know these nonlinearities alone. */
const compiled = ({ cell, activation, recurrentActivation, resetAfter }: Settings, steps: number) =>
  steps > 1 &&
  activation === 'tanh' &&
  (cell === 'rnn' || recurrentActivation === 'sigmoid') &&
  (cell !== 'gru' || resetAfter);

interface Weights {
  kernel: tf.Tensor;
  recurrent: tf.Tensor;
  /** [2, columns] for a GRU that resets after the product: of the input and of the recurrent part. */
  bias: tf.Tensor | undefined;
}

const twoBiases = ({ cell, resetAfter }: Settings) => cell === 'gru' && resetAfter;

function specsOf(settings: Settings, features: number, suffix: string): ParameterSpec[] {
  const { cell, units, bias } = settings;
  const columns = BLOCKS[cell] * units;
  const spec = { name: `bias${suffix}`, shape: twoBiases(settings) ? [2, columns] : [columns] };
  // Forget gates start open (Jozefowicz et al. 2015).
  const initial =
    cell === 'lstm' ? Float32Array.from({ length: columns }, (_, j) => Number(j >= units && j < 2 * units)) : undefined;
  return [
    { ...kernelSpec(`kernel${suffix}`, [features, columns]), limit: Math.sqrt(6 / (features + units)) },
    { ...kernelSpec(`recurrent${suffix}`, [units, columns]), limit: Math.sqrt(3 / units) },
    ...(bias ? [{ ...spec, limit: 0, initial, penalized: false }] : []),
  ];
}

/** The gradient of TensorFlow.js takes no split into one. */
const split = (tensor: tf.Tensor, count: number, axis: number) =>
  count === 1 ? [tensor] : tf.split(tensor, count, axis);

const joined = (blocks: tf.Tensor[], order: number[]) =>
  order.length === 1
    ? blocks[order[0]]
    : tf.concat(
        order.map((i) => blocks[i]),
        -1,
      );

/** The groups of blocks that the engine's cells take, in its order. */
const GROUPS: Record<CellName, number[][]> = { rnn: [[0]], lstm: [[1, 0, 3], [2]], gru: [[1, 0], [2]] };

/** Outputs [steps, batch, units], or the last alone; x [steps, batch, features]. */
function compiledPass(settings: Settings, x: tf.Tensor, weights: Weights, reverse: boolean): tf.Tensor {
  const { cell, units, returnSequences } = settings;
  const [steps, batch, features] = x.shape as [number, number, number];
  const cut = (tensor: tf.Tensor) => {
    const blocks = split(tensor, BLOCKS[cell], -1);
    return GROUPS[cell].map((order) => joined(blocks, order));
  };
  const [kernels, recurrents] = [cut(weights.kernel), cut(weights.recurrent)];
  const flat = tf.reshape(x, [steps * batch, features]) as tf.Tensor2D;
  const rows = weights.bias && split(weights.bias, twoBiases(settings) ? 2 : 1, 0);
  const biases = rows?.map((bias) => cut(tf.reshape(bias, [-1])));
  const inputs = kernels.map((kernel, i) => {
    // The candidate's recurrent bias of a GRU stays apart, as the reset gate weighs it.
    const inputBias = biases && (twoBiases(settings) && i === 0 ? tf.add(biases[0][0], biases[1][0]) : biases[0][i]);
    const projected = tf.matMul(flat, kernel as tf.Tensor2D);
    return tf.reshape(inputBias ? tf.add(projected, inputBias) : projected, [steps, batch, kernel.shape[1]!]);
  });
  const last = twoBiases(settings) ? [biases ? biases[1][1] : tf.zeros([units])] : [];
  const run = { cell: CELLS[cell], units, reverse, last: !returnSequences, mask: null };
  return recur(run, inputs, [...recurrents, ...last]);
}

type State = tf.Tensor[];
type StepOf = (settings: Settings, weights: Weights) => (x: tf.Tensor, states: State) => State;

const product = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D);
const plus = (a: tf.Tensor, bias: tf.Tensor | undefined) => (bias ? tf.add(a, bias) : a);

/** One step in the words of the papers, with any nonlinearity; x [batch, features]. */
const STEPS: Record<CellName, StepOf> = {
  rnn:
    ({ activation }, { kernel, recurrent, bias }) =>
    (x, [h]) => [activated(plus(tf.add(product(x, kernel), product(h, recurrent)), bias), activation)],
  lstm:
    ({ activation, recurrentActivation: gate }, { kernel, recurrent, bias }) =>
    (x, [h, c]) => {
      const all = plus(tf.add(product(x, kernel), product(h, recurrent)), bias);
      const [i, f, n, o] = tf.split(all, 4, 1);
      const kept = tf.mul(activated(f, gate), c);
      const cell = tf.add(kept, tf.mul(activated(i, gate), activated(n, activation)));
      return [tf.mul(activated(o, gate), activated(cell, activation)), cell];
    },
  gru: (settings, { kernel, recurrent, bias }) => {
    const { activation, recurrentActivation: gate, units } = settings;
    const [inputBias, other] = biasRows(settings, bias);
    const [gates, candidate] = tf.split(recurrent, [2 * units, units], 1);
    const after = other && tf.split(other, [2 * units, units], 0);
    return (x, [h]) => {
      const [xz, xr, xh] = tf.split(plus(product(x, kernel), inputBias), 3, 1);
      const [hz, hr] = tf.split(plus(product(h, gates), after?.[0]), 2, 1);
      const [z, r] = [activated(tf.add(xz, hz), gate), activated(tf.add(xr, hr), gate)];
      const past = settings.resetAfter
        ? tf.mul(r, plus(product(h, candidate), after?.[1]))
        : product(tf.mul(r, h), candidate);
      const n = activated(tf.add(xh, past), activation);
      return [tf.add(tf.mul(z, h), tf.mul(tf.sub(1, z), n))];
    };
  },
};

function biasRows(settings: Settings, bias: tf.Tensor | undefined): (tf.Tensor | undefined)[] {
  if (!bias || !twoBiases(settings)) return [bias, undefined];
  return tf.split(bias, 2, 0).map((row) => tf.reshape(row, [-1]));
}

function unrolledPass(settings: Settings, x: tf.Tensor, weights: Weights, reverse: boolean): tf.Tensor {
  const { cell, units, returnSequences } = settings;
  const step = STEPS[cell](settings, weights);
  const slices = tf.unstack(x);
  let states: State = Array.from({ length: CELLS[cell].states }, () => tf.fill([x.shape[1]!, units], 0));
  const outputs = new Array<tf.Tensor>(slices.length);
  for (let i = 0; i < slices.length; i++) {
    const at = reverse ? slices.length - 1 - i : i;
    states = step(slices[at], states);
    outputs[at] = states[0];
  }
  return returnSequences ? tf.stack(outputs) : states[0];
}

const MERGES = {
  concatenate: ([a, b]: tf.Tensor[]) => tf.concat([a, b], -1),
  add: ([a, b]: tf.Tensor[]) => tf.add(a, b),
  average: ([a, b]: tf.Tensor[]) => tf.mul(tf.add(a, b), 0.5),
  multiply: ([a, b]: tf.Tensor[]) => tf.mul(a, b),
};

const weightsOf = (p: Named, suffix: string): Weights => ({
  ...{ kernel: p[`kernel${suffix}`], recurrent: p[`recurrent${suffix}`], bias: p[`bias${suffix}`] },
});

function recurrent(settings: Settings, inputs: number[][], i: number): Built {
  const [steps, features] = only(settings.cell, inputs, 2);
  const { units, bidirectional, returnSequences, backwards } = settings;
  const both = bidirectional !== 'none';
  const passes = both ? ['_forward', '_backward'] : [''];
  const run = compiled(settings, steps) ? compiledPass : unrolledPass;
  if (run === unrolledPass && steps > UNROLLED_STEPS_MAX) {
    throw new LayerFault(
      '',
      `${settings.cell} with these activations takes at most ${UNROLLED_STEPS_MAX} steps and gets ${steps}`,
      'Use activation tanh, recurrentActivation sigmoid and, for a gru, resetAfter.',
    );
  }
  const size = bidirectional === 'concatenate' ? 2 * units : units;
  const stepWork = (features + units) * BLOCKS[settings.cell] * units;
  const apply: Built['apply'] = ([x], { parameters: p }) => {
    const bySteps = tf.transpose(x, [1, 0, 2]);
    const results = passes.map((suffix, k) =>
      run(settings, bySteps, weightsOf(p, `${suffix}_${i}`), both ? k === 1 : backwards),
    );
    const y = both ? MERGES[bidirectional](results) : results[0];
    if (!returnSequences) return y;
    // Keras hands the outputs of a backwards layer on in the order in which it made them.
    return tf.transpose(backwards && !both ? tf.reverse(y, 0) : y, [1, 0, 2]);
  };
  return {
    shape: returnSequences ? [steps, size] : [size],
    parameters: passes.flatMap((suffix) => specsOf(settings, features, `${suffix}_${i}`)),
    work: passes.length * steps * stepWork,
    // Each step in time is operations of its own.
    workAtOnce: stepWork,
    apply,
  };
}

const plain = { recurrentActivation: 'sigmoid', resetAfter: false } as const;

export const RECURRENT: Builds<'rnn' | 'lstm' | 'gru'> = {
  rnn: (layer, inputs, i) => recurrent({ ...layer, ...plain, cell: 'rnn' }, inputs, i),
  lstm: (layer, inputs, i) => recurrent({ ...layer, resetAfter: false, cell: 'lstm' }, inputs, i),
  gru: (layer, inputs, i) => recurrent({ ...layer, cell: 'gru' }, inputs, i),
};
