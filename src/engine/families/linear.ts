/** Linear regression by gradient descent on the mean squared error (ridge regression with the default penalty). */
import { z } from 'zod';
import { defineFamily } from './family';
import { linearProgram } from './linear-program';
import { trainingFields } from './training.schema';

export const linear = defineFamily({
  name: 'linear',
  title: 'Linear regression',
  description: 'A weighted sum of the features. Fast, and its weights can be read; misses curves and interactions.',
  tasks: ['regression'],
  schema: z.strictObject(
    trainingFields({
      optimizer: 'adam',
      learningRate: 0.03,
      schedule: 'cosine',
      l2: 1e-4,
    }),
  ),
  searchSpace: { l2: { kind: 'logUniform', minimum: 1e-6, maximum: 1 } },
  program: (_, dimensions) => linearProgram(dimensions),
});
