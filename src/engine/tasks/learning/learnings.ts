/** The kinds of learning that tasks are composed of. */
import * as tf from '@tensorflow/tfjs-core';
import type { Target } from '../targets/target';
import type { Learning } from './learning';
import { classLoss, eachTarget, numberLoss } from './loss';
import {
  AMOUNT_LOSSES,
  CLASS_LOSSES,
  EMBEDDING_LOSSES,
  NUMBER_LOSSES,
  RANKING_LOSSES,
  type LossName,
} from './loss-names';

const identity = (output: tf.Tensor): tf.Tensor => output;
const softmax = (output: tf.Tensor): tf.Tensor => tf.softmax(output);

/** One or several numbers of a row, each for itself. */
export const numbers: Learning = {
  learns: 'numbers',
  ending: null,
  losses: [...NUMBER_LOSSES, ...AMOUNT_LOSSES],
  loss: (_outputs, parameters) => numberLoss(parameters),
  classes: null,
  answer: identity,
  trivial: { row: (targets, train, weights) => targets.map((target) => meanOf(target, train, weights)) },
};

/** How well a row suits its group: a score, of which the order counts. */
export const grades: Learning = {
  ...numbers,
  within: true,
  losses: RANKING_LOSSES,
  // One score for all rows: any order of a group is as good as another.
  trivial: { row: () => [0] },
};

const mostLikely = (output: tf.Tensor): tf.Tensor => tf.argMax(output, output.rank - 1);

/** One of several classes for each row. */
export const classes = (more: readonly LossName[] = []): Learning => ({
  learns: 'classes',
  ending: 'softmax',
  losses: [...CLASS_LOSSES, ...EMBEDDING_LOSSES, ...more],
  loss: classLoss,
  classes: mostLikely,
  answer: (output, calibration) => {
    if (calibration === null) return tf.softmax(output);
    const { slope, offsets } = calibration;
    return tf.softmax(tf.add(tf.mul(output, slope), tf.tensor1d(offsets)));
  },
  trivial: { row: sharesOf },
});

/** Margins would need a calibration of each target. */
const PROBABILITY_LOSSES: readonly LossName[] = ['crossEntropy', 'focal'];

/** One of several classes for each step of a row. */
export const classesOfSteps: Learning = {
  learns: 'classes',
  ending: 'softmax',
  losses: PROBABILITY_LOSSES,
  loss: (outputs, parameters) =>
    eachTarget(classLoss(outputs, parameters), (output) => tf.reshape(output, [-1, outputs])),
  classes: mostLikely,
  answer: softmax,
  trivial: {
    row: (targets, train, weights) => {
      const shares = sharesOf(targets, train, weights);
      return targets.flatMap(() => shares);
    },
  },
};

/** One of two labels for each target. */
export const labels: Learning = {
  learns: 'classes',
  ending: 'sigmoid',
  losses: PROBABILITY_LOSSES,
  loss: (_outputs, parameters) => eachTarget(classLoss(2, parameters), pairs),
  classes: (output) => tf.cast(tf.greater(output, 0), 'int32'),
  answer: (output) => tf.sigmoid(output),
  trivial: { row: (targets, train, weights) => targets.map((target) => sharesOf([target], train, weights)[1]) },
};

/** The features of a row, as they are encoded. */
export const features: Learning = {
  ...numbers,
  learns: 'features',
  // One score orders no rows, and there is no threshold to it.
  trivial: { row: () => [0], metrics: ['rocAuc', 'averagePrecision'] },
};

/** A score is the logit of yes against one of 0 for no: their softmax is its sigmoid. */
function pairs(scores: tf.Tensor): tf.Tensor {
  const yes = tf.reshape(scores, [scores.size, 1]);
  return tf.concat([tf.zerosLike(yes), yes], 1);
}

function meanOf({ values }: Target, rows: Uint32Array, weights?: Float64Array): number {
  const known = rows.filter((row) => !Number.isNaN(values[row]));
  const weightAt = (row: number): number => (weights ? weights[row] : 1);
  const total = known.reduce((sum, row) => sum + weightAt(row), 0);
  return known.reduce((sum, row) => sum + weightAt(row) * values[row], 0) / total;
}

/** Of the classes of columns with one set of labels; equal where no row says. */
function sharesOf(columns: Target[], train: Uint32Array, weights?: Float64Array): number[] {
  const counts = columns[0].labels!.map(() => 0);
  for (const { values } of columns)
    for (const row of train) if (!Number.isNaN(values[row])) counts[values[row]] += weights ? weights[row] : 1;
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => (total === 0 ? 1 / counts.length : count / total));
}
