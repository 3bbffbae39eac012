/** Recurrent networks over sequences of numbers: Elman network, LSTM and GRU, one or both ways, with a dense head. */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { CELLS, type Cell, type CellName } from '../../layers/recurrent/cells';
import { affine } from '../../layers/dense';
import { dropoutMask } from '../../layers/dropout';
import { recur } from '../../layers/recurrent/recurrence';
import { perStep } from '../../layers/recurrent/tokens';
import { TARGET_TASKS } from '../../tasks/registry';
import { EngineError } from '../../types';
import { forSteps } from '../advice';
import { defineGradientFamily } from '../training/gradient';
import { lossFields } from '../training/loss.schema';
import { labelsEachStep } from './labeling';
import type { ParameterSpec } from '../../layers/parameters';
import type { Dimensions, Program, TrainingParameters } from '../training/program';
import { classWeightField, trainingFields } from '../training/training.schema';

interface RecurrentParameters extends TrainingParameters {
  channels: number;
  ragged: boolean;
  units: number;
  layers: number;
  bidirectional: boolean;
  pooling: 'last' | 'mean';
  dropout: number;
}

const training = trainingFields({ optimizer: 'adam', learningRate: 0.003, schedule: 'cosine', l2: 0 });

const schema = z.strictObject({
  channels: z
    .int()
    .min(1)
    .max(4096)
    .default(1)
    .describe('Numbers per step: a row holds the channels of the first step side by side, then those of the second.'),
  ragged: z
    .boolean()
    .default(true)
    .describe(
      'Whether sequences differ in length: a step with a missing number is padding and leaves the state as it is. false ' +
        'trains faster and takes no missing numbers.',
    ),
  units: z.int().min(1).max(1024).default(64).describe('Size of the state of each layer and direction.'),
  layers: z.int().min(1).max(3).default(1).describe('Recurrent layers; each reads the outputs of the one before.'),
  bidirectional: z
    .boolean()
    .default(false)
    .describe('Whether each layer also reads from the last step to the first, with weights of its own.'),
  pooling: z
    .enum(['last', 'mean'])
    .default('last')
    .describe(
      'What the head sees: the state after the last step that counts, or the mean of the outputs. Unused where each step ' +
        'has a label of its own.',
    ),
  dropout: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe('Share of units left out at random between layers and before the head, the same ones in every step.'),
  ...classWeightField,
  ...lossFields,
  ...training,
  // Gradients through many steps now and then explode (Pascanu et al. 2013).
  clipNorm: training.clipNorm.unwrap().default(5).describe(training.clipNorm.description!),
}) satisfies z.ZodType<RecurrentParameters>;

function recurrent(name: CellName, rank: number, title: string, description: string) {
  return defineGradientFamily<RecurrentParameters>({
    name,
    title,
    description,
    data: 'sequence',
    tasks: TARGET_TASKS,
    schema,
    searchSpace: {
      units: { kind: 'choice', values: [32, 64, 128] },
      layers: { kind: 'choice', values: [1, 2] },
      bidirectional: { kind: 'choice', values: [false, true] },
      pooling: { kind: 'choice', values: ['last', 'mean'] },
      dropout: { kind: 'uniform', minimum: 0, maximum: 0.5 },
      learningRate: { kind: 'logUniform', minimum: 3e-4, maximum: 1e-2 },
    },
    advise: forSteps(rank),
    sequence: ({ channels, ragged }) => ({
      channels,
      keepMissing: ragged,
      ragged,
    }),
    program: (parameters, dimensions) => recurrentProgram(name, parameters, dimensions),
  });
}

export const rnn = recurrent(
  'rnn',
  0,
  'Recurrent network',
  'Reads a sequence of numbers step by step (Elman network). Small; for short sequences.',
);
export const lstm = recurrent(
  'lstm',
  3,
  'Long short-term memory',
  'Reads a sequence of numbers step by step, with gates that keep what matters over long stretches.',
);
export const gru = recurrent(
  'gru',
  4,
  'Gated recurrent unit',
  'Reads a sequence of numbers step by step; gated as the LSTM is, with fewer weights.',
);

type Tensors = Record<string, tf.Tensor>;

/** One layer in one direction. */
interface Pass {
  name: string;
  inputs: number;
  reverse: boolean;
}

function recurrentProgram(cellName: CellName, settings: RecurrentParameters, dimensions: Dimensions): Program {
  const { channels, units, layers, bidirectional, dropout } = settings;
  const cell: Cell = CELLS[cellName];
  const steps = stepsOf(dimensions.width, channels);
  const labeling = labelsEachStep(dimensions, steps);
  const pooling = labeling ? 'none' : settings.pooling;
  const features = bidirectional ? 2 * units : units;
  const directions = bidirectional ? [false, true] : [false];
  const passes = Array.from({ length: layers }, (_, i) =>
    directions.map((reverse): Pass => {
      const name = `layer_${i}${reverse ? '_reverse' : ''}`;
      return { name, inputs: i === 0 ? channels : features, reverse };
    }),
  );
  const columns = cell.inputs.reduce((a, b) => a + b) * units;
  const works = passes.flat().map(({ inputs }) => (inputs + units) * columns);
  return {
    parameters: [
      ...passes.flat().flatMap((pass) => passSpecs(cell, units, pass)),
      {
        name: 'head_kernel',
        shape: [features, dimensions.outputs],
        limit: glorot(features, dimensions.outputs),
        penalized: true,
      },
      { name: 'head_bias', shape: [dimensions.outputs], limit: 0, penalized: false },
    ],
    forward: (parameters, x, rowKeys) => {
      const read = readSteps(x, channels, settings.ragged);
      const drop = (value: tf.Tensor, stream: number) =>
        rowKeys && dropout > 0 ? dropUnits(value, dropout, rowKeys, stream) : value;
      const pooled = passes.reduce((value, layer, i) => {
        const last = i === layers - 1 && pooling === 'last';
        const outputs = layer.map((pass) =>
          runPass({ cell, units, last }, pass, parameters, { value, mask: read.mask }),
        );
        return drop(outputs.length > 1 ? tf.concat(outputs, -1) : outputs[0], i);
      }, read.value);
      if (labeling) {
        const flat = tf.reshape(pooled, [-1, features]);
        return perStep(affine(flat, parameters.head_kernel, parameters.head_bias), x.shape[1]! / channels);
      }
      const state = pooling === 'last' ? pooled : meanOfSteps(pooled, read.mask);
      return affine(state, parameters.head_kernel, parameters.head_bias);
    },
    random: dropout > 0,
    work: steps * works.reduce((sum, work) => sum + work, 0) + features * dimensions.outputs,
    // Each step in time is operations of its own.
    workAtOnce: Math.max(...works),
  };
}

function stepsOf(width: number, channels: number): number {
  if (width % channels === 0) return width / channels;
  throw new EngineError(
    `${width} features cannot be divided into steps of ${channels} channels.`,
    'estimator.parameters.channels',
    'Choose a divisor of the number of features; each step holds its channels side by side.',
  );
}

const glorot = (inputs: number, outputs: number) => Math.sqrt(6 / (inputs + outputs));

const names = (pass: Pass, i: number) => ({
  kernel: `${pass.name}_kernel_${i}`,
  recurrent: `${pass.name}_recurrent_${i}`,
  bias: `${pass.name}_bias_${i}`,
  forget: `${pass.name}_bias_forget`,
});

/** Kernels start as Glorot & Bengio 2010 advise, recurrent weights with the variance of an orthogonal matrix. */
function passSpecs(cell: Cell, units: number, pass: Pass): ParameterSpec[] {
  const limit = glorot(pass.inputs, units);
  const specs = cell.inputs.flatMap((multiple, i): ParameterSpec[] => {
    const { kernel, recurrent: recurrentName } = names(pass, i);
    const size = multiple * units;
    return [
      { name: kernel, shape: [pass.inputs, size], limit, penalized: true },
      { name: recurrentName, shape: [units, size], limit: Math.sqrt(3 / units), penalized: true },
      ...biasSpecs(cell, units, pass, i),
    ];
  });
  if (!cell.recurrentBias) return specs;
  return [...specs, { name: `${pass.name}_recurrent_bias`, shape: [units], limit: 0, penalized: false }];
}

const forgets = ({ forgetGate }: Cell, i: number) => forgetGate && i === 0;

function biasSpecs(cell: Cell, units: number, pass: Pass, i: number): ParameterSpec[] {
  const { bias, forget } = names(pass, i);
  if (!forgets(cell, i)) return [{ name: bias, shape: [cell.inputs[i] * units], limit: 0, penalized: false }];
  return [
    { name: forget, shape: [units], limit: 0, start: 1, penalized: false },
    { name: bias, shape: [(cell.inputs[i] - 1) * units], limit: 0, penalized: false },
  ];
}

interface Read {
  /** [steps, batch, features]. */
  value: tf.Tensor;
  /** bool [steps, batch, 1]: which steps count; null: all. */
  mask: tf.Tensor | null;
}

/** x [batch, steps · channels] with a zero for what is missing. */
function readSteps(x: tf.Tensor, channels: number, ragged: boolean): Read {
  const [batch, width] = x.shape as [number, number];
  const value = tf.transpose(tf.reshape(x, [batch, width / channels, channels]), [1, 0, 2]);
  if (!ragged) return { value, mask: null };
  const mask = tf.logicalNot(tf.any(tf.isNaN(value), 2, true));
  return { value: tf.where(widened(mask, channels), value, tf.zerosLike(value)), mask };
}

const widened = (mask: tf.Tensor, columns: number) => tf.tile(mask, [1, 1, columns]);

/** Outputs of one layer in one direction: [steps, batch, units], or the last alone, [batch, units]. */
function runPass(
  { cell, units, last }: { cell: Cell; units: number; last: boolean },
  pass: Pass,
  parameters: Tensors,
  { value, mask }: Read,
): tf.Tensor {
  const [steps, batch, features] = value.shape as [number, number, number];
  const flat = tf.reshape(value, [steps * batch, features]);
  const inputs = cell.inputs.map((multiple, i) => {
    const { kernel, bias, forget } = names(pass, i);
    const inputBias = parameters[bias];
    const whole = forgets(cell, i) ? tf.concat([parameters[forget], inputBias]) : inputBias;
    return tf.reshape(affine(flat, parameters[kernel], whole), [steps, batch, multiple * units]);
  });
  const weights = cell.inputs.map((_, i) => parameters[names(pass, i).recurrent]);
  if (cell.recurrentBias) weights.push(parameters[`${pass.name}_recurrent_bias`]);
  const wide = mask && widened(mask, units);
  return recur({ cell, units, last, reverse: pass.reverse, mask: wide }, inputs, weights);
}

/** Leaves the same units out in every step (Gal & Ghahramani 2016). */
function dropUnits(value: tf.Tensor, rate: number, rowKeys: tf.Tensor, stream: number): tf.Tensor {
  const mask = dropoutMask(rowKeys, value.shape.at(-1)!, rate, stream);
  return tf.mul(value, tf.mul(tf.cast(mask, 'float32'), 1 / (1 - rate)));
}

/** A sequence without a step that counts has the mean zero. */
function meanOfSteps(value: tf.Tensor, mask: tf.Tensor | null): tf.Tensor {
  if (!mask) return tf.mean(value, 0);
  const counts = tf.cast(mask, 'float32');
  return tf.div(tf.sum(tf.mul(value, counts), 0), tf.maximum(tf.sum(counts, 0), 1));
}
