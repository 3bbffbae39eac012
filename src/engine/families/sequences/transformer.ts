/** Transformer encoder over tokens, number sequences, or the columns of a table, each a token. */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { attention } from '../../layers/attention';
import { affine } from '../../layers/dense';
import { dropoutSteps } from '../../layers/dropout';
import { relu } from '../../layers/fused';
import { layerNormalization } from '../../layers/layer-normalization';
import { embed } from '../../layers/ids';
import { meanOverSteps, perStep, sinusoidalPositions, toSteps } from '../../layers/recurrent/tokens';
import type { IdEncoding } from '../../preprocess/encoding';
import { TARGET_TASKS } from '../../tasks/registry';
import { EngineError } from '../../types';
import { forSteps } from '../advice';
import { defineGradientFamily } from '../training/gradient';
import { idCountOf, idField } from '../by-id/ids.schema';
import { labelsEachStep } from './labeling';
import { lossFields } from '../training/loss.schema';
import type { ParameterSpec } from '../../layers/parameters';
import type { Dimensions, Program, TrainingParameters } from '../training/program';
import { classWeightField, trainingFields } from '../training/training.schema';

interface TransformerParameters extends TrainingParameters {
  input: 'table' | 'tokens' | 'sequence';
  vocabulary: number | null;
  padding: number | null;
  channels: number;
  positions: 'learned' | 'sinusoidal' | 'none';
  width: number;
  heads: number;
  feed: number;
  layers: number;
  normalization: 'before' | 'after';
  dropout: number;
}

const schema = z.strictObject({
  input: z
    .enum(['table', 'tokens', 'sequence'])
    .default('table')
    .describe(
      'What a row is: columns of a table, each a step of its own; token ids, one per step; numbers in the order of steps.',
    ),
  vocabulary: idField('Tokens, where they are the input'),
  padding: z
    .int()
    .nullable()
    .default(0)
    .describe('Token id of steps that do not count, as those that are missing; null: all count. Tokens input only.'),
  channels: z
    .int()
    .min(1)
    .max(4096)
    .default(1)
    .describe('Numbers per step, side by side; sequence input only. A step with a missing number does not count.'),
  positions: z
    .enum(['learned', 'sinusoidal', 'none'])
    .default('learned')
    .describe('How the network tells steps apart; table input needs no positions and ignores it.'),
  width: z.int().min(2).max(2048).default(64).describe('Units per step; a multiple of the heads.'),
  heads: z.int().min(1).max(64).default(4).describe('Attention heads.'),
  feed: z.int().min(1).max(8192).default(128).describe('Units of the feed-forward layer inside each block.'),
  layers: z.int().min(1).max(24).default(2).describe('Encoder blocks.'),
  normalization: z
    .enum(['before', 'after'])
    .default('before')
    .describe(
      'Layer normalization before attention and feed-forward layer, which trains more steadily, or after them.',
    ),
  dropout: z.number().min(0).max(0.9).default(0.1).describe('Share of units left out at random in each step.'),
  ...classWeightField,
  ...lossFields,
  ...trainingFields({ optimizer: 'adam', learningRate: 0.001, schedule: 'cosine', l2: 0 }),
}) satisfies z.ZodType<TransformerParameters>;

export const transformer = defineGradientFamily<TransformerParameters>({
  name: 'transformer',
  title: 'Transformer encoder',
  description: 'Attention relates every step to every other: for texts as token ids, number sequences and tables.',
  data: 'any',
  tasks: TARGET_TASKS,
  schema,
  searchSpace: {
    width: { kind: 'choice', values: [32, 64, 128] },
    layers: { kind: 'choice', values: [1, 2, 3] },
    dropout: { kind: 'uniform', minimum: 0, maximum: 0.3 },
    learningRate: { kind: 'logUniform', minimum: 1e-4, maximum: 3e-3 },
  },
  advise: forSteps(2),
  sequence: ({ input, channels, padding, vocabulary }) => {
    if (input === 'table') return null;
    if (input === 'sequence') return { channels, keepMissing: true, ragged: true };
    const most = { parameter: 'vocabulary', most: vocabulary, formerCount: vocabulary };
    return { channels: 1, keepMissing: true, ids: [{ columns: Infinity, ...most, padding }], ragged: padding !== null };
  },
  program: transformerProgram,
});

type Tensors = Record<string, tf.Tensor>;

/** Rows as steps: [steps · batch, width], and which steps count, [steps, batch, 1] (null: all). */
interface Read {
  value: tf.Tensor;
  mask: tf.Tensor | null;
}

interface Reader {
  /** Steps of the longest row. */
  most: number;
  /** Steps of these rows, which may be fewer. */
  stepsOf(x: tf.Tensor): number;
  parameters: ParameterSpec[];
  read(parameters: Tensors, x: tf.Tensor, training: boolean): Read;
}

function transformerProgram(settings: TransformerParameters, dimensions: Dimensions): Program {
  const { width, layers, normalization, dropout } = settings;
  const reader = readerOf(settings, dimensions);
  const labeling = labelsEachStep(dimensions, settings.input === 'table' ? null : reader.most);
  const blocks = Array.from({ length: layers }, (_, i) => `block_${i}`);
  return {
    parameters: [
      ...reader.parameters,
      ...blocks.flatMap((name) => blockSpecs(name, settings)),
      ...(normalization === 'before' ? normSpecs('norm', width) : []),
      ...denseSpecs('head', width, dimensions.outputs),
    ],
    forward: (parameters, x, rowKeys, updates) => {
      const { value, mask } = reader.read(parameters, x, updates !== undefined);
      const steps = reader.stepsOf(x);
      const shape = { steps, batch: x.shape[0]!, heads: settings.heads };
      const bias = mask && scoreBias(mask);
      let stream = 0;
      const drop = (t: tf.Tensor) =>
        rowKeys && dropout > 0 ? dropoutSteps(t, dropout, { rowKeys, steps, stream: stream++ }) : t;
      const last = blocks.reduce((input, name) => {
        const attend = (t: tf.Tensor) =>
          dense(parameters, `${name}_output`, attention(dense(parameters, `${name}_attention`, t), bias, shape));
        const feed = (t: tf.Tensor) =>
          dense(parameters, `${name}_feed_1`, relu(dense(parameters, `${name}_feed_0`, t)));
        const norms = [0, 1].map((i) => (t: tf.Tensor) => norm(parameters, `${name}_norm_${i}`, t));
        return [attend, feed].reduce((t, part, i) => {
          if (normalization === 'after') return norms[i](tf.add(t, drop(part(t))));
          return tf.add(t, drop(part(norms[i](t))));
        }, input);
      }, drop(value));
      const final = normalization === 'before' ? norm(parameters, 'norm', last) : last;
      if (labeling) return perStep(dense(parameters, 'head', final), steps);
      return dense(parameters, 'head', meanOverSteps(final, steps, mask));
    },
    random: dropout > 0,
    work: workOf(settings, reader.most),
  };
}

/** Projections, scores and feed-forward layers of all steps of a row. */
function workOf({ width, feed, layers }: TransformerParameters, steps: number): number {
  return layers * steps * (4 * width ** 2 + 2 * steps * width + 2 * width * feed);
}

const dense = (parameters: Tensors, name: string, x: tf.Tensor) =>
  affine(x, parameters[`${name}_kernel`], parameters[`${name}_bias`]);

const norm = (parameters: Tensors, name: string, x: tf.Tensor) =>
  layerNormalization(x, parameters[`${name}_scale`], parameters[`${name}_offset`]);

/** Steps that do not count get a score that softmax makes zero: [batch, 1, 1, steps]. */
function scoreBias(mask: tf.Tensor): tf.Tensor {
  const [steps, batch] = mask.shape as [number, number];
  const byRow = tf.reshape(tf.transpose(mask, [1, 2, 0]), [batch, 1, 1, steps]);
  return tf.mul(tf.sub(byRow, 1), 1e9);
}

/** Glorot & Bengio 2010. */
function denseSpecs(name: string, inputs: number, units: number): ParameterSpec[] {
  return [
    { name: `${name}_kernel`, shape: [inputs, units], limit: Math.sqrt(6 / (inputs + units)), penalized: true },
    { name: `${name}_bias`, shape: [units], limit: 0, penalized: false },
  ];
}

function normSpecs(name: string, units: number): ParameterSpec[] {
  return [
    { name: `${name}_scale`, shape: [units], limit: 0, start: 1, penalized: false },
    { name: `${name}_offset`, shape: [units], limit: 0, penalized: false },
  ];
}

function blockSpecs(name: string, { width, feed }: TransformerParameters): ParameterSpec[] {
  return [
    ...normSpecs(`${name}_norm_0`, width),
    ...denseSpecs(`${name}_attention`, width, 3 * width),
    ...denseSpecs(`${name}_output`, width, width),
    ...normSpecs(`${name}_norm_1`, width),
    ...denseSpecs(`${name}_feed_0`, width, feed),
    ...denseSpecs(`${name}_feed_1`, feed, width),
  ];
}

function readerOf(settings: TransformerParameters, { width: features, columns, ids }: Dimensions): Reader {
  const { width, heads, channels, input } = settings;
  if (width % heads !== 0) {
    const hint = `Choose ${heads * Math.ceil(width / heads)}, or another number of heads.`;
    throw new EngineError(`${width} units cannot be divided among ${heads} heads.`, 'estimator.parameters.width', hint);
  }
  if (input === 'table') return tableReader(settings, columns ?? [...Array(features).keys()]);
  if (input === 'tokens') return withPositions(settings, tokenReader(settings, features, ids?.[0]));
  if (features % channels !== 0) {
    throw new EngineError(
      `${features} features cannot be divided into steps of ${channels} channels.`,
      'estimator.parameters.channels',
      'Choose a divisor of the number of features; each step holds its channels side by side.',
    );
  }
  return withPositions(settings, sequenceReader(settings, features / channels));
}

/**
 * Each column is a step: its features times a vector each, plus one more (Gorishniy et al. 2021, FT-Transformer; bins as in
 * Gorishniy et al. 2022). `columns` gives that of each feature; a column with fewer features than another gets vectors
 * that do not count.
 */
function tableReader({ width }: TransformerParameters, columns: readonly number[]): Reader {
  const groups: number[][] = [];
  columns.forEach((column, feature) => (groups[column] ??= []).push(feature));
  // Without columns that have no feature.
  const members = Object.values(groups);
  const [steps, most] = [members.length, Math.max(...members.map(({ length }) => length))];
  const places = members.flatMap((features) => Array.from({ length: most }, (_, i) => features[i] ?? -1));
  const [sources, counts] = [places.map((i) => Math.max(0, i)), places.map((i) => Number(i >= 0))];
  const inOrder = places.every((feature, i) => feature === i);
  const limit = 1 / Math.sqrt(width);
  return {
    most: steps,
    stepsOf: () => steps,
    parameters: [
      { name: 'feature_kernel', shape: [steps, most, width], limit, penalized: false },
      { name: 'feature_bias', shape: [steps, 1, width], limit, penalized: false },
    ],
    read: ({ feature_kernel: kernel, feature_bias: bias }, x) => {
      const byColumn = inOrder ? x : tf.gather(x, tf.tensor1d(sources, 'int32'), 1);
      const vectors = counts.includes(0) ? tf.mul(kernel, tf.tensor(counts, [steps, most, 1])) : kernel;
      const value = tf.add(tf.matMul(toSteps(byColumn, steps), vectors), bias);
      return { value: tf.reshape(value, [steps * x.shape[0]!, width]), mask: null };
    },
  };
}

function tokenReader({ width, vocabulary, padding }: TransformerParameters, most: number, known?: IdEncoding): Reader {
  const { ids, complete } = idCountOf(known, 'vocabulary', vocabulary);
  return {
    most,
    stepsOf: (x) => x.shape[1]!,
    parameters: [{ name: 'tokens', shape: [ids, width], limit: 1, penalized: false }],
    read: (parameters, x, training) => {
      const byStep = toSteps(x, x.shape[1]!);
      const mask = padding === null ? null : counted(byStep);
      return { value: embed(parameters.tokens, byStep, complete && training), mask };
    },
  };
}

/** 1 where a step is neither padding nor missing. */
const counted = (x: tf.Tensor) => tf.cast(tf.logicalNot(tf.isNaN(x)), 'float32');

function sequenceReader({ width, channels }: TransformerParameters, most: number): Reader {
  return {
    most,
    stepsOf: (x) => x.shape[1]! / channels,
    parameters: denseSpecs('channels', channels, width),
    read: (parameters, x) => {
      const steps = x.shape[1]! / channels;
      const byStep = toSteps(x, steps);
      const missing = tf.isNaN(byStep);
      const mask = tf.cast(tf.logicalNot(tf.any(missing, 2, true)), 'float32');
      const filled = tf.where(missing, tf.zerosLike(byStep), byStep);
      return { value: dense(parameters, 'channels', tf.reshape(filled, [steps * x.shape[0]!, channels])), mask };
    },
  };
}

function withPositions({ positions, width }: TransformerParameters, reader: Reader): Reader {
  if (positions === 'none') return reader;
  const { most, stepsOf, parameters } = reader;
  const learned = positions === 'learned';
  const spec = { name: 'positions', shape: [most, width], limit: 0.1, penalized: false };
  return {
    most,
    stepsOf,
    parameters: learned ? [...parameters, spec] : parameters,
    read: (tensors, x, training) => {
      const { value, mask } = reader.read(tensors, x, training);
      const steps = stepsOf(x);
      const all = () => (steps < most ? tf.slice(tensors.positions, 0, steps) : tensors.positions);
      const places = learned ? all() : sinusoidalPositions(steps, width);
      const byStep = tf.add(tf.reshape(value, [steps, x.shape[0]!, width]), tf.reshape(places, [steps, 1, width]));
      return { value: tf.reshape(byStep, value.shape), mask };
    },
  };
}
