/** Naive Bayes. */
import { z } from 'zod';
import { bayesLearner } from '../../bayes/bayes.learner';
import { sizeOf } from '../advice';
import { defineFamily } from '../family';
import { classWeightField } from '../training/training.schema';

const schema = z.strictObject({
  smoothing: z
    .number()
    .gt(0)
    .max(1e6)
    .default(1)
    .describe('Rows that are added to each level of a text in each class, so that none is impossible (Laplace).'),
  varianceShare: z
    .number()
    .gt(0)
    .max(1)
    .default(1e-9)
    .describe('Share of the variance of a number that is added to that of each class; larger is smoother.'),
  refit: z
    .boolean()
    .default(true)
    .describe(
      'Fits once more, to the train and validation rows together. Validation scores are those of the model before.',
    ),
  ...classWeightField,
});

const WORK_PER_CELL = 20;
const BYTES_PER_CELL = 8;

export const naiveBayes = defineFamily<z.infer<typeof schema>>({
  name: 'naiveBayes',
  title: 'Naive Bayes',
  description:
    'Takes the columns for independent within each class: a bell curve for each number, shares for the levels of a text. Learns in ' +
    'one pass, leaves missing values out, and is a first guess for small tables; its probabilities are too sure where columns repeat one another.',
  data: 'table',
  tasks: ['binary', 'multiclass'],
  schema,
  searchSpace: {
    smoothing: { kind: 'logUniform', minimum: 0.01, maximum: 100 },
    varianceShare: { kind: 'logUniform', minimum: 1e-9, maximum: 0.1 },
  },
  learner: bayesLearner,
  onePrecision: 'logarithms of shares are added up in double precision',
  advise: (profile) => ({
    rank: 0,
    reason: `Learns in one pass over ${sizeOf(profile)}; columns count as independent.`,
  }),
  cost: (_, { rows, width, outputs }) => ({
    operations: WORK_PER_CELL * rows * width * outputs,
    bytes: BYTES_PER_CELL * rows * (width + 1),
  }),
});
