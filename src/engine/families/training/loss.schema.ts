/** Parameters that choose what training minimizes, as zod fields. */
import { z } from 'zod';
import { taskOf } from '../../tasks/registry';
import type { Task } from '../../types';
import { CLASS_LOSSES, EMBEDDING_LOSSES, type LossName } from '../../tasks/learning/loss-names';

const labelSmoothing = z
  .number()
  .min(0)
  .lt(1)
  .default(0)
  .describe(
    'Share of each target that is spread evenly over all classes; crossEntropy only. Smoothed probabilities are less sure.',
  );
const focalGamma = z
  .number()
  .min(0)
  .max(10)
  .default(2)
  .describe('How strongly the focal loss turns away from rows already classified well; 0 is the cross-entropy.');
const huberDelta = z
  .number()
  .gt(0)
  .max(1000)
  .default(1)
  .describe(
    'Error, in standard deviations of the target, above which the huber loss grows linearly instead of squared.',
  );
const quantile = z
  .number()
  .gt(0)
  .lt(1)
  .default(0.5)
  .describe('Quantile that the quantile loss predicts: 0.9 is undercut by nine of ten targets; 0.5 is the median.');

/** For families that learn amounts. */
export const tweediePower = z
  .number()
  .gt(1)
  .lt(2)
  .default(1.5)
  .describe('Of tweedie: the power of the mean that the variance grows by, above 1 (counts) and below 2 (gamma).');

const CLASS_NOTE =
  'crossEntropy and focal give probabilities by softmax, those of focal less sure than the observed shares. hinge and ' +
  'squaredHinge separate classes by a margin; their probabilities are fitted to the validation rows afterwards (Platt scaling).';
const NUMBER_NOTE =
  'mse predicts the mean; mae and huber follow outliers less, mae predicts the median; quantile predicts a quantile.';

/** The numbers of a network's families: those losses that need no epsilon. */
const PLAIN_NUMBER_LOSSES = ['mse', 'mae', 'huber', 'quantile'] as const;

/** For families of classes. */
export const classLossFields = {
  loss: z.enum(CLASS_LOSSES).default('crossEntropy').describe(`What training minimizes. ${CLASS_NOTE}`),
  labelSmoothing,
  focalGamma,
};

/** For families of numbers. */
export const numberLossFields = {
  loss: z.enum(PLAIN_NUMBER_LOSSES).default('mse').describe(`What training minimizes. ${NUMBER_NOTE}`),
  huberDelta,
  quantile,
};

/** For families of both. */
export const lossFields = {
  loss: z
    .enum([...CLASS_LOSSES, ...PLAIN_NUMBER_LOSSES])
    .nullable()
    .default(null)
    .describe(
      `What training minimizes; null: crossEntropy for classes, mse for numbers. For classes: ${CLASS_NOTE} For numbers: ${NUMBER_NOTE}`,
    ),
  labelSmoothing,
  focalGamma,
  huberDelta,
  quantile,
};

/** For families of both that have a hidden layer to compare rows by. */
export const embeddingLossFields = {
  ...lossFields,
  loss: z
    .enum([...CLASS_LOSSES, ...EMBEDDING_LOSSES, ...PLAIN_NUMBER_LOSSES])
    .nullable()
    .default(null)
    .describe(
      `${lossFields.loss.description} contrastive, for one class per row: crossEntropy, and a term that draws rows of one class ` +
        'together in the last hidden layer and pushes others apart (supervised contrast); it wants batches of many rows.',
    ),
  temperature: z
    .number()
    .gt(0)
    .max(10)
    .default(0.1)
    .describe('Of contrastive: what the cosine of two rows is divided by; smaller ones heed the nearest rows more.'),
};

/** The losses that a task can be trained with. */
export const lossesOf = (task: Task): readonly LossName[] => taskOf(task).learning.losses;
