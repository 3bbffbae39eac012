/** Linear regression by gradient descent: ridge regression with the default loss and penalty, quantile regression with another. */
import { z } from 'zod';
import { forWeightedSum } from '../advice';
import { defineGradientFamily } from '../training/gradient';
import { linearProgram } from './linear-program';
import { numberLossFields } from '../training/loss.schema';
import { weightedSums } from '../proposals';
import { NUMBER_TASKS } from '../../tasks/registry';
import { trainingFields } from '../training/training.schema';

export const linear = defineGradientFamily({
  name: 'linear',
  title: 'Linear regression',
  description: 'A weighted sum of the features. Fast, and its weights can be read; misses curves and interactions.',
  data: 'table',
  tasks: NUMBER_TASKS,
  schema: z.strictObject({
    ...numberLossFields,
    ...trainingFields({
      optimizer: 'adam',
      learningRate: 0.03,
      schedule: 'cosine',
      l2: 1e-4,
    }),
  }),
  searchSpace: { l2: { kind: 'logUniform', minimum: 1e-6, maximum: 1 } },
  advise: forWeightedSum,
  candidates: (_, rows) => weightedSums('linear', rows),
  program: (_, dimensions) => linearProgram(dimensions),
});
