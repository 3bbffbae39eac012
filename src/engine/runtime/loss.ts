/** What training minimizes, chosen by name. */
import * as tf from '@tensorflow/tfjs-core';
import type { LossName, LossParameters } from '../families/program';
import {
  classTargets,
  focalCrossEntropy,
  multiclassHinge,
  RESIDUAL_LOSSES,
  residualLoss,
  softmaxCrossEntropy,
  type Counting,
  type ResidualLoss,
} from '../layers/losses';
import { learnsClasses } from '../task';
import type { Task } from '../types';

export interface Loss {
  /** The sum over the batch, weighted and times a share; `y` as a batch has it. */
  sum(output: tf.Tensor, y: tf.Tensor, counting: Counting): tf.Tensor;
  /** Whether outputs are margins: probabilities then need a calibration. */
  margins: boolean;
}

/** A family without a field of the loss has its default. */
const DEFAULTS: Omit<LossParameters, 'loss'> = {
  labelSmoothing: 0,
  focalGamma: 2,
  huberDelta: 1,
  quantile: 0.5,
  epsilon: 0.1,
};

export function createLoss(task: Task, outputs: number, parameters: Partial<LossParameters>): Loss {
  const name = parameters.loss ?? (learnsClasses(task) ? 'crossEntropy' : 'mse');
  const settings = { ...DEFAULTS, ...parameters };
  const residual = residualOf(name, settings);
  if (residual) return numberLoss(residual);
  if (task === 'multilabel') return eachTarget(classLoss(name, 2, settings), pairs);
  const loss = classLoss(name, outputs, settings);
  return task === 'sequence_labeling' ? eachTarget(loss, (output) => tf.reshape(output, [-1, outputs])) : loss;
}

/** Its program has the loss. */
function needsBatch(): never {
  throw new Error('A contrastive loss compares the rows of a batch.');
}

/** The loss of a class over every target of every row; `logits` gives [batch · targets, classes]. */
function eachTarget(loss: Loss, logits: (output: tf.Tensor) => tf.Tensor): Loss {
  return {
    ...loss,
    sum: (output, y, { weights, share }) =>
      loss.sum(logits(output), tf.reshape(y, [y.size]), {
        weights: weights && tf.reshape(weights, [y.size, 1]),
        share,
      }),
  };
}

/** A score is the logit of yes against one of 0 for no: their softmax is its sigmoid. */
function pairs(scores: tf.Tensor): tf.Tensor {
  const yes = tf.reshape(scores, [scores.size, 1]);
  return tf.concat([tf.zerosLike(yes), yes], 1);
}

type Settings = typeof DEFAULTS;

function residualOf(name: LossName, { huberDelta, quantile, epsilon }: Settings): ResidualLoss | null {
  if (name === 'mse') return RESIDUAL_LOSSES.squared();
  if (name === 'mae') return RESIDUAL_LOSSES.absolute();
  if (name === 'huber') return RESIDUAL_LOSSES.huber(huberDelta);
  if (name === 'quantile') return RESIDUAL_LOSSES.pinball(quantile);
  if (name === 'epsilonInsensitive') return RESIDUAL_LOSSES.epsilonInsensitive(epsilon);
  if (name === 'squaredEpsilonInsensitive') return RESIDUAL_LOSSES.squaredEpsilonInsensitive(epsilon);
  return null;
}

function numberLoss(residual: ResidualLoss): Loss {
  return {
    sum: (output, y, counting) => residualLoss(output, tf.reshape(y, output.shape), residual, counting),
    margins: false,
  };
}

function classLoss(name: LossName, outputs: number, { labelSmoothing, focalGamma }: Settings): Loss {
  const targets = (y: tf.Tensor) => classTargets(y, outputs);
  // That of `contrastive` beside its term, which the program has.
  if (name === 'infoNce') return { sum: needsBatch, margins: true };
  if (name === 'focal') {
    return { sum: (output, y, c) => focalCrossEntropy(output, targets(y), focalGamma, c), margins: false };
  }
  if (name === 'hinge' || name === 'squaredHinge') {
    const squared = name === 'squaredHinge';
    return { sum: (output, y, c) => multiclassHinge(output, targets(y), squared, c), margins: true };
  }
  return {
    sum: (output, y, c) => softmaxCrossEntropy(output, classTargets(y, outputs, labelSmoothing), c),
    margins: false,
  };
}
