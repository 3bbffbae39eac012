/** Recurrent layers over [steps, features]. */
import * as tf from '@tensorflow/tfjs-core';
import { kernelSpec, type ParameterSpec } from '../../layers/parameters';
import { activated, type LayerActivation } from '../../layers/activations';
import { CELLS, type CellName } from '../../layers/recurrent/cells';
import { affine } from '../../layers/dense';
import { recur } from '../../layers/recurrent/recurrence';
import { byStep } from '../../layers/recurrent/tokens';
import { LayerFault, only, type Built, type Builds, type LayerPass, type Named } from '../built';

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
const isCompiled = ({ cell, activation, recurrentActivation, resetAfter }: Settings) =>
  activation === 'tanh' && (cell === 'rnn' || recurrentActivation === 'sigmoid') && (cell !== 'gru' || resetAfter);

interface Weights {
  kernel: tf.Tensor;
  recurrent: tf.Tensor;
  /** [2, columns] for a GRU that resets after the product: of the input and of the recurrent part. */
  bias: tf.Tensor | undefined;
}

const twoBiases = ({ cell, resetAfter }: Settings) => cell === 'gru' && resetAfter;

/**
 * As Keras lays them out. Kernels start as Glorot & Bengio 2010 advise, recurrent weights with the variance of an orthogonal
 * matrix, forget gates open (Jozefowicz et al. 2015).
 */
function storedSpecs(settings: Settings, features: number, suffix: string): ParameterSpec[] {
  const { cell, units, bias } = settings;
  const columns = BLOCKS[cell] * units;
  const biasSpec = { name: `bias${suffix}`, shape: twoBiases(settings) ? [2, columns] : [columns] };
  const initial =
    cell === 'lstm' ? Float32Array.from({ length: columns }, (_, j) => Number(j >= units && j < 2 * units)) : undefined;
  return [
    { ...kernelSpec(`kernel${suffix}`, [features, columns]), limit: Math.sqrt(6 / (features + units)) },
    { ...kernelSpec(`recurrent${suffix}`, [units, columns]), limit: Math.sqrt(3 / units) },
    ...(bias ? [{ ...biasSpec, limit: 0, initial, penalized: false }] : []),
  ];
}

/** The groups of blocks that the cells of the engine take, in its order. */
const GROUPS: Record<CellName, { role: string; blocks: number[] }[]> = {
  rnn: [{ role: '', blocks: [0] }],
  lstm: [
    { role: 'Gates', blocks: [1, 0, 3] },
    { role: 'Candidate', blocks: [2] },
  ],
  gru: [
    { role: 'Gates', blocks: [1, 0] },
    { role: 'Candidate', blocks: [2] },
  ],
};

/** What of a weight of Keras is a parameter of its own, so that no step of training has to cut it. */
interface Piece {
  role: string;
  of: 'kernel' | 'recurrent' | 'bias';
  blocks: number[];
  /** Of a bias: those that are added. */
  rows?: number[];
}

function piecesOf(settings: Settings): Piece[] {
  const [{ cell, bias }, two] = [settings, twoBiases(settings)];
  const pieces = GROUPS[cell].flatMap(({ role, blocks }, group): Piece[] => [
    { role: `kernel${role}`, of: 'kernel', blocks },
    { role: `recurrent${role}`, of: 'recurrent', blocks },
    { role: `bias${role}`, of: 'bias', blocks, rows: two && group === 0 ? [0, 1] : [0] },
  ]);
  // The candidate's recurrent bias of a GRU stays apart, as the reset gate weighs it.
  const last: Piece[] = two ? [{ role: 'recurrentBias', of: 'bias', blocks: [2], rows: [1] }] : [];
  return [...pieces, ...last].filter(({ of }) => bias || of !== 'bias');
}

function cut(values: Float32Array, { cell, units }: Settings, { blocks, rows }: Piece): Float32Array {
  const [columns, size] = [BLOCKS[cell] * units, blocks.length * units];
  const row = (i: number) => {
    const columnsOfRow = new Float32Array(size);
    blocks.forEach((block, k) =>
      columnsOfRow.set(values.subarray(i * columns + block * units).subarray(0, units), k * units),
    );
    return columnsOfRow;
  };
  if (rows) return rows.map(row).reduce((sum, other) => sum.map((value, j) => value + other[j]));
  const whole = new Float32Array((values.length / columns) * size);
  for (let i = 0; i * columns < values.length; i++) whole.set(row(i), i * size);
  return whole;
}

/** The weights of a direction as they are trained, by piece. */
function groupSpecs(settings: Settings, features: number, suffix: string): ParameterSpec[] {
  const [kernel, recurrent, bias] = storedSpecs(settings, features, suffix);
  const stored = { kernel, recurrent, bias };
  return piecesOf(settings).map((piece) => {
    const { shape, initial, ...spec } = stored[piece.of];
    const columns = piece.blocks.length * settings.units;
    return {
      ...{ ...spec, name: `${piece.role}${suffix}`, shape: piece.rows ? [columns] : [shape[0], columns] },
      ...(initial && { initial: cut(initial, settings, piece) }),
    };
  });
}

const readPieces = (settings: Settings, suffix: string, values: Map<string, Float32Array>) =>
  piecesOf(settings).map((piece): [string, Float32Array] => [
    `${piece.role}${suffix}`,
    cut(values.get(`${piece.of}${suffix}`)!, settings, piece),
  ]);

/** One direction over x [steps · batch, features]. */
interface Direction {
  suffix: string;
  reverse: boolean;
}

/** Outputs [steps, batch, units], or the last alone. */
type Run = (x: tf.Tensor, steps: number, direction: Direction, pass: LayerPass) => tf.Tensor;

const compiledRun =
  (settings: Settings): Run =>
  (x, steps, { suffix, reverse }, { parameters: p, mask }) => {
    const { cell, units, returnSequences } = settings;
    const inputs = GROUPS[cell].map(({ role }) => {
      const [kernel, bias] = [p[`kernel${role}${suffix}`], p[`bias${role}${suffix}`]];
      const projected = bias ? affine(x, kernel, bias) : tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D);
      return byStep(projected, steps);
    });
    const weights = GROUPS[cell].map(({ role }) => p[`recurrent${role}${suffix}`]);
    const last = twoBiases(settings) ? [p[`recurrentBias${suffix}`] ?? tf.zeros([units])] : [];
    const run = { cell: CELLS[cell], units, reverse, last: !returnSequences, mask: mask && mask.wide(units) };
    return recur(run, inputs, [...weights, ...last]);
  };

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

const unrolledRun =
  (settings: Settings): Run =>
  (x, steps, { suffix, reverse }, { parameters: p, mask }) => {
    const { cell, units, returnSequences } = settings;
    const step = STEPS[cell](settings, weightsOf(p, suffix));
    const slices = tf.unstack(byStep(x, steps));
    const counts = mask && tf.unstack(mask.wide(units));
    let states: State = Array.from({ length: CELLS[cell].states }, () => tf.fill([slices[0].shape[0]!, units], 0));
    const outputs = new Array<tf.Tensor>(steps);
    for (let i = 0; i < steps; i++) {
      const at = reverse ? steps - 1 - i : i;
      const next = step(slices[at], states);
      states = counts ? next.map((state, k) => tf.where(counts[at], state, states[k])) : next;
      outputs[at] = states[0];
    }
    return returnSequences ? tf.stack(outputs) : states[0];
  };

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
  const { cell, units, bidirectional, returnSequences, backwards } = settings;
  const both = bidirectional !== 'none';
  const directions = both
    ? [
        { suffix: `_forward_${i}`, reverse: false },
        { suffix: `_backward_${i}`, reverse: true },
      ]
    : [{ suffix: `_${i}`, reverse: backwards }];
  const compiled = isCompiled(settings);
  if (!compiled && steps > UNROLLED_STEPS_MAX) throw tooLong(cell, steps);
  const run = compiled ? compiledRun(settings) : unrolledRun(settings);
  const specsOf = (layout: typeof storedSpecs) =>
    directions.flatMap(({ suffix }) => layout(settings, features, suffix));
  const size = bidirectional === 'concatenate' ? 2 * units : units;
  const stepWork = (features + units) * BLOCKS[cell] * units;
  return {
    shape: returnSequences ? [steps, size] : [size],
    parameters: specsOf(compiled ? groupSpecs : storedSpecs),
    stored: compiled
      ? {
          parameters: specsOf(storedSpecs),
          read: (values) => new Map(directions.flatMap(({ suffix }) => readPieces(settings, suffix, values))),
        }
      : undefined,
    work: directions.length * steps * stepWork,
    stepWork,
    order: 'steps',
    gives: returnSequences ? undefined : 'rows',
    apply: ([x], pass) => {
      const results = directions.map((direction) => run(x, steps, direction, pass));
      const y = both ? MERGES[bidirectional](results) : results[0];
      if (!returnSequences) return y;
      // Keras hands the outputs of a backwards layer on in the order in which it made them.
      return tf.reshape(backwards && !both ? tf.reverse(y, 0) : y, [x.shape[0]!, size]);
    },
  };
}

const tooLong = (cell: CellName, steps: number) =>
  new LayerFault(
    '',
    `${cell} with these activations takes at most ${UNROLLED_STEPS_MAX} steps and gets ${steps}`,
    'Use activation tanh, recurrentActivation sigmoid and, for a gru, resetAfter.',
  );

const plain = { recurrentActivation: 'sigmoid', resetAfter: false } as const;

export const RECURRENT: Builds<'rnn' | 'lstm' | 'gru'> = {
  rnn: (layer, inputs, i) => recurrent({ ...layer, ...plain, cell: 'rnn' }, inputs, i),
  lstm: (layer, inputs, i) => recurrent({ ...layer, resetAfter: false, cell: 'lstm' }, inputs, i),
  gru: (layer, inputs, i) => recurrent({ ...layer, cell: 'gru' }, inputs, i),
};
