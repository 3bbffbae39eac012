/** Parameters shared by the families trained by gradient, as zod fields with bounds, defaults and descriptions. */
import { z } from 'zod';
import { OPTIMIZERS, SCHEDULES, type OptimizerName, type ScheduleName } from './program';

export interface TrainingDefaults {
  optimizer: OptimizerName;
  learningRate: number;
  schedule: ScheduleName;
  l2: number;
}

/** How long to train; null leaves it to training.plan.ts. */
const LENGTH = {
  epochs: z
    .int()
    .min(1)
    .max(10_000)
    .nullable()
    .default(null)
    .describe('Passes over the training rows, at most; null chooses from the number of rows.'),
  batchSize: z
    .int()
    .min(1)
    .max(65_536)
    .nullable()
    .default(null)
    .describe('Rows per step; null chooses from the number of rows. Batches of an epoch are made equally large.'),
  patience: z
    .int()
    .min(0)
    .max(10_000)
    .nullable()
    .default(null)
    .describe(
      'Epochs without a better validation loss before training stops; 0 trains all epochs, null takes a sixth of the epochs.',
    ),
};

function scheduleFields(defaults: TrainingDefaults) {
  return {
    schedule: z
      .enum(SCHEDULES)
      .default(defaults.schedule)
      .describe(
        'How the learning rate goes: constant, cut in steps, down a half cosine over all epochs, oneCycle (up along a ' +
          'cosine from 1/25 over the first 30 % of the steps, then down to 1/250,000), or plateau: cut when the ' +
          'validation loss stays.',
      ),
    stepEpochs: z.int().min(1).max(10_000).default(30).describe('Epochs between two cuts of the step schedule.'),
    plateauEpochs: z
      .int()
      .min(0)
      .max(10_000)
      .default(5)
      .describe('Epochs without a better validation loss that the plateau schedule bears; the next one cuts.'),
    stepFactor: z.number().gt(0).max(1).default(0.5).describe('Factor of each cut of the step and plateau schedules.'),
    warmupEpochs: z
      .number()
      .min(0)
      .max(1000)
      .default(0)
      .describe('Epochs over which the learning rate rises linearly from zero.'),
  };
}

export function trainingFields(defaults: TrainingDefaults) {
  return {
    optimizer: z
      .enum(OPTIMIZERS)
      .default(defaults.optimizer)
      .describe(
        'How gradients become steps: plain SGD, SGD with momentum, with Nesterov momentum, RMSprop, Adagrad, Adam, or ' +
          'AdamW, which takes weightDecay apart from the gradient.',
      ),
    learningRate: z
      .number()
      .gt(0)
      .max(10)
      .default(defaults.learningRate)
      .describe('Size of a step before the schedule scales it.'),
    momentum: z
      .number()
      .min(0)
      .lt(1)
      .default(0.9)
      .describe('Share of the last step that is carried on; the momentum and nesterov optimizers only.'),
    weightDecay: z
      .number()
      .min(0)
      .max(1)
      .default(0.01)
      .describe(
        'Share of each weight that a step takes away, times the learning rate; adamw only. Biases go free, and l2 is ' +
          'another penalty beside it.',
      ),
    clipNorm: z
      .number()
      .gt(0)
      .max(1e6)
      .nullable()
      .default(null)
      .describe('Scales gradients whose norm over all parameters is larger down to it; null clips none.'),
    ...scheduleFields(defaults),
    l2: z
      .number()
      .min(0)
      .max(100)
      .default(defaults.l2)
      .describe(
        'Weight of the penalty: half of l2 times the sum of squared weights joins the mean loss; biases go free.',
      ),
    ...LENGTH,
  };
}

/** Read where the training matrix is made: prepare.ts turns it into row weights. */
export const classWeightField = {
  classWeight: z
    .enum(['none', 'balanced'])
    .default('none')
    .describe(
      'balanced weighs rows so that all classes count the same in the loss: rare classes are found more often, but the ' +
        'probabilities no longer match the observed shares. Regression ignores it.',
    ),
};
