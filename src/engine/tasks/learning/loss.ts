/** What training minimizes, chosen by name. */
import * as tf from '@tensorflow/tfjs-core';
import {
  classTargets,
  focalCrossEntropy,
  multiclassHinge,
  RESIDUAL_LOSSES,
  residualLoss,
  softmaxCrossEntropy,
  type Counting,
  type ResidualLoss,
} from '../../layers/losses';
import type { AMOUNT_LOSSES, LossName, LossParameters, NUMBER_LOSSES, RANKING_LOSSES } from './loss-names';

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

/** Of numbers, one or several of a row. */
export function numberLoss(parameters: Partial<LossParameters>): Loss {
  const settings = { ...DEFAULTS, ...parameters };
  const { loss: name } = settings;
  const residual = RESIDUALS[(name ?? 'mse') as NumberLoss](settings);
  return {
    sum: (output, y, counting) => residualLoss(output, tf.reshape(y, output.shape), residual, counting),
    margins: false,
  };
}

/** Of one class for each row of the output. */
export function classLoss(classes: number, parameters: Partial<LossParameters>): Loss {
  const settings = { ...DEFAULTS, ...parameters };
  return CLASSES[(settings.loss ?? 'crossEntropy') as ClassLoss](classes, settings);
}

/** Its program has the loss. */
function needsBatch(): never {
  throw new Error('A contrastive loss compares the rows of a batch.');
}

/** The loss of a class over every target of every row; `logits` gives [batch · targets, classes]. */
export function eachTarget(loss: Loss, logits: (output: tf.Tensor) => tf.Tensor): Loss {
  return {
    ...loss,
    sum: (output, y, { weights, share }) =>
      loss.sum(logits(output), tf.reshape(y, [y.size]), {
        weights: weights && tf.reshape(weights, [y.size, 1]),
        share,
      }),
  };
}

type Settings = typeof DEFAULTS;
type NumberLoss = (typeof NUMBER_LOSSES)[number];
/** Of trees alone. */
type TreeLoss = (typeof AMOUNT_LOSSES)[number] | (typeof RANKING_LOSSES)[number];
type ClassLoss = Exclude<LossName, NumberLoss | TreeLoss>;

const RESIDUALS: Record<NumberLoss, (settings: Settings) => ResidualLoss> = {
  mse: () => RESIDUAL_LOSSES.squared(),
  mae: () => RESIDUAL_LOSSES.absolute(),
  huber: ({ huberDelta }) => RESIDUAL_LOSSES.huber(huberDelta),
  quantile: ({ quantile }) => RESIDUAL_LOSSES.pinball(quantile),
  epsilonInsensitive: ({ epsilon }) => RESIDUAL_LOSSES.epsilonInsensitive(epsilon),
  squaredEpsilonInsensitive: ({ epsilon }) => RESIDUAL_LOSSES.squaredEpsilonInsensitive(epsilon),
};

const crossEntropy = (classes: number, { labelSmoothing }: Settings): Loss => ({
  sum: (output, y, c) => softmaxCrossEntropy(output, classTargets(y, classes, labelSmoothing), c),
  margins: false,
});

const hinge = (classes: number, squared: boolean): Loss => ({
  sum: (output, y, c) => multiclassHinge(output, classTargets(y, classes), squared, c),
  margins: true,
});

const CLASSES: Record<ClassLoss, (classes: number, settings: Settings) => Loss> = {
  crossEntropy,
  focal: (classes, { focalGamma }) => ({
    sum: (output, y, c) => focalCrossEntropy(output, classTargets(y, classes), focalGamma, c),
    margins: false,
  }),
  hinge: (classes) => hinge(classes, false),
  squaredHinge: (classes) => hinge(classes, true),
  // The term beside it is the program's.
  contrastive: crossEntropy,
  infoNce: () => ({ sum: needsBatch, margins: true }),
};
