/** Logistic regression: softmax over the classes, two or more, by gradient descent on the cross-entropy. */
import { z } from 'zod';
import { forWeightedSum } from '../advice';
import { defineGradientFamily } from '../training/gradient';
import { linearProgram } from './linear-program';
import { classLossFields } from '../training/loss.schema';
import { weightedSums } from '../proposals';
import { CLASS_TASKS } from '../../tasks/registry';
import { classWeightField, trainingFields } from '../training/training.schema';

export const logistic = defineGradientFamily({
  name: 'logistic',
  title: 'Logistic regression',
  description:
    'A weighted sum of the features per class, turned into probabilities. A strong, well-calibrated baseline for tables.',
  data: 'table',
  tasks: CLASS_TASKS,
  schema: z.strictObject({
    ...classWeightField,
    ...classLossFields,
    ...trainingFields({
      optimizer: 'adam',
      learningRate: 0.03,
      schedule: 'cosine',
      l2: 1e-4,
    }),
  }),
  searchSpace: { l2: { kind: 'logUniform', minimum: 1e-6, maximum: 1 } },
  advise: forWeightedSum,
  candidates: (_, rows) => weightedSums('logistic', rows),
  program: (_, dimensions) => linearProgram(dimensions),
});
