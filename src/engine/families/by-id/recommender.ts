/** Recommender: scores pairs of a user and an item by matrix factorization, or by two towers over ids and features. */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { affine } from '../../layers/dense';
import { relu } from '../../layers/fused';
import { inBatchContrast, unitRows } from '../../layers/losses';
import { embed } from '../../layers/ids';
import type { IdEncoding } from '../../preprocess/encoding';
import { EngineError } from '../../types';
import { defineGradientFamily } from '../training/gradient';
import { idCountOf, idField } from './ids.schema';
import { CONTRASTIVE_LOSSES } from '../../tasks/learning/loss-names';
import { learnsNumbers } from '../../tasks/registry';
import type { ParameterSpec, Updates } from '../../layers/parameters';
import type { Dimensions, Program, TrainingParameters } from '../training/program';
import { trainingFields } from '../training/training.schema';

interface RecommenderParameters extends TrainingParameters {
  model: 'factorization' | 'towers';
  users: number | null;
  items: number | null;
  userFeatures: number;
  factors: number;
  hidden: number;
  loss: 'infoNce' | null;
  temperature: number;
}

const schema = z.strictObject({
  model: z
    .enum(['factorization', 'towers'])
    .default('factorization')
    .describe(
      'factorization knows ids only; towers are a network each for user and item, over the id and the features.',
    ),
  users: idField('Users, whose ids are the first column'),
  items: idField('Items, whose ids are the second column'),
  userFeatures: z
    .int()
    .min(0)
    .default(0)
    .describe('How many of the columns after the ids describe the user; the others describe the item. Towers only.'),
  factors: z.int().min(1).max(1024).default(16).describe('Length of the vectors whose product is the score.'),
  hidden: z.int().min(1).max(4096).default(64).describe('Units of the hidden layer of each tower.'),
  loss: z
    .enum(CONTRASTIVE_LOSSES)
    .nullable()
    .default(null)
    .describe(
      'null: cross-entropy for taken or not, the squared error for ratings. infoNce, for taken or not: the vector of a ' +
        'user has to be nearest to that of the item taken, among all items of the batch; rows not taken only add their ' +
        'items to the choice. Ranks well and needs large batches; probabilities are fitted to the validation rows afterwards.',
    ),
  temperature: z
    .number()
    .gt(0)
    .max(10)
    .default(0.1)
    .describe('Of infoNce: what the cosine of two vectors is divided by; smaller ones heed the nearest items more.'),
  ...trainingFields({ optimizer: 'adam', learningRate: 0.01, schedule: 'cosine', l2: 1e-5 }),
}) satisfies z.ZodType<RecommenderParameters>;

export const recommender = defineGradientFamily<RecommenderParameters>({
  name: 'recommender',
  title: 'Recommender',
  description: 'Predicts how a user rates an item, or whether it is taken, from ids in the first two columns.',
  data: 'ids',
  tasks: ['regression', 'binary'],
  schema,
  searchSpace: {
    factors: { kind: 'choice', values: [4, 8, 16, 32, 64] },
    learningRate: { kind: 'logUniform', minimum: 1e-3, maximum: 3e-2 },
    l2: { kind: 'logUniform', minimum: 1e-7, maximum: 1e-3 },
  },
  sequence: ({ users, items }) => ({
    channels: Infinity,
    keepMissing: false,
    ids: [
      { columns: 1, parameter: 'users', most: users, formerCount: users },
      { columns: 1, parameter: 'items', most: items, formerCount: items },
    ],
  }),
  program: recommenderProgram,
});

/** Vectors of length one; scores are their cosines over the temperature. */
function contrastiveProgram(settings: RecommenderParameters, sides: Side[]): Program {
  const scale = 1 / Math.sqrt(settings.temperature);
  const vectors = (parameters: Record<string, tf.Tensor>, x: tf.Tensor) =>
    sides.map((side) => tf.mul(unitRows(represent(parameters, x, known(side, undefined), settings).vector), scale));
  return {
    parameters: sides.flatMap((side) => sideSpecs(side, settings)),
    forward: (parameters, x) => {
      const [user, item] = vectors(parameters, x);
      const score = tf.sum(tf.mul(user, item), 1, true);
      return tf.concat([tf.zerosLike(score), score], 1);
    },
    batchLoss: (parameters, x, y, { weights, share }) => {
      const [user, item] = vectors(parameters, x);
      const rows = x.shape[0]!;
      // A missing item is no other one than another missing item.
      const itemIds = tf.slice(x, [0, 1], [rows, 1]);
      const ids = tf.where(tf.isNaN(itemIds), tf.fill([rows, 1], -1), itemIds);
      const same = tf.cast(tf.equal(ids, tf.reshape(ids, [1, rows])), 'float32');
      const taken = tf.reshape(tf.cast(y, 'float32'), [rows, 1]);
      return inBatchContrast(user, item, same, { weights: weights ? tf.mul(weights, taken) : taken, share });
    },
    random: false,
    work: settings.model === 'towers' ? sides.reduce((sum, side) => sum + towerWork(side, settings), 0) : 0,
  };
}

interface Side {
  name: 'user' | 'item';
  ids: number;
  /** Whether training knows the id of every row. */
  complete: boolean;
  /** Where the columns of its id and its features lie. */
  column: number;
  from: number;
  features: number;
}

function recommenderProgram(settings: RecommenderParameters, { width, task, ids }: Dimensions): Program {
  const sides = sidesOf(settings, width, ids);
  if (settings.loss === 'infoNce') return contrastiveProgram(settings, sides);
  return {
    parameters: [
      ...sides.flatMap((side) => sideSpecs(side, settings)),
      { name: 'bias', shape: [1], limit: 0, penalized: false },
    ],
    forward: (parameters, x, _rowKeys, updates) => {
      const [user, item] = sides.map((side) => represent(parameters, x, known(side, updates), settings));
      const product = tf.sum(tf.mul(user.vector, item.vector), 1, true);
      const score = tf.add(tf.addN([product, user.bias!, item.bias!]), parameters.bias);
      // Two classes: the probability of the second is the sigmoid of the score.
      return learnsNumbers(task) ? score : tf.concat([tf.zerosLike(score), score], 1);
    },
    random: false,
    work: settings.model === 'towers' ? sides.reduce((sum, side) => sum + towerWork(side, settings), 0) : 0,
  };
}

/** Outside training any id may turn up. */
const known = (side: Side, updates: Updates | undefined): Side => ({
  ...side,
  complete: side.complete && updates !== undefined,
});

function sidesOf(
  { model, users, items, userFeatures }: RecommenderParameters,
  width: number,
  ids?: readonly IdEncoding[],
): Side[] {
  if (width < 2 + userFeatures) {
    throw new EngineError(
      `A recommender with ${userFeatures} user features takes at least ${2 + userFeatures} columns; there are ${width}.`,
      'estimator.parameters.userFeatures',
      'The first two columns are the ids of user and item; features of the user follow, then those of the item.',
    );
  }
  const [ofUser, others] = model === 'towers' ? [userFeatures, width - 2 - userFeatures] : [0, 0];
  return [
    { name: 'user', ...idCountOf(ids?.[0], 'users', users), column: 0, from: 2, features: ofUser },
    { name: 'item', ...idCountOf(ids?.[1], 'items', items), column: 1, from: 2 + ofUser, features: others },
  ];
}

/** Vectors start small and random, since two of zero would never move. */
function sideSpecs(
  { name, ids, features }: Side,
  { model, factors, hidden, loss }: RecommenderParameters,
): ParameterSpec[] {
  const glorot = (inputs: number, units: number) => Math.sqrt(6 / (inputs + units));
  const table = { name: `${name}_factors`, shape: [ids, factors], limit: 1 / Math.sqrt(factors), penalized: true };
  const bias = { name: `${name}_bias`, shape: [ids, 1], limit: 0, penalized: true };
  const tables = loss === 'infoNce' ? [table] : [table, bias];
  if (model === 'factorization') return tables;
  const sizes = [factors + features, hidden, factors];
  return [
    ...tables,
    ...[0, 1].flatMap((i) => [
      {
        name: `${name}_kernel_${i}`,
        shape: [sizes[i], sizes[i + 1]],
        limit: glorot(sizes[i], sizes[i + 1]),
        penalized: true,
      },
      { name: `${name}_offset_${i}`, shape: [sizes[i + 1]], limit: 0, penalized: false },
    ]),
  ];
}

const towerWork = ({ features }: Side, { factors, hidden }: RecommenderParameters) =>
  (factors + features) * hidden + hidden * factors;

function represent(
  parameters: Record<string, tf.Tensor>,
  x: tf.Tensor,
  { name, complete, column, from, features }: Side,
  { model, loss }: RecommenderParameters,
): { vector: tf.Tensor; bias: tf.Tensor | null } {
  const id = tf.slice(x, [0, column], [x.shape[0]!, 1]);
  const factors = embed(parameters[`${name}_factors`], id, complete);
  const bias = loss === 'infoNce' ? null : embed(parameters[`${name}_bias`], id, complete);
  if (model === 'factorization') return { vector: factors, bias };
  const sideFeatures = tf.slice(x, [0, from], [x.shape[0]!, features]);
  const input = features ? tf.concat([factors, sideFeatures], 1) : factors;
  const layer = (value: tf.Tensor, i: number) =>
    affine(value, parameters[`${name}_kernel_${i}`], parameters[`${name}_offset_${i}`]);
  return { vector: layer(relu(layer(input, 0)), 1), bias };
}
