/** Nearest neighbours. */
import { z } from 'zod';
import { neighboursLearner } from '../../neighbours/neighbours.learner';
import { sizeOf } from '../advice';
import { defineFamily } from '../family';
import { classWeightField } from '../training/training.schema';

const schema = z.strictObject({
  neighbours: z
    .int()
    .min(1)
    .max(1000)
    .nullable()
    .default(null)
    .describe('Rows that speak for another; null: 1 to 50, as the validation rows find best.'),
  weights: z
    .enum(['distance', 'uniform'])
    .default('distance')
    .describe('Whether a nearer row counts more, by 1 / distance, or all alike.'),
  rowsMax: z
    .int()
    .min(10)
    .max(1_000_000)
    .default(20_000)
    .describe(
      'Rows that the model file keeps, at most; of more rows so many are drawn. Together they take 64 MiB at most.',
    ),
  refit: z
    .boolean()
    .default(true)
    .describe('Keeps the validation rows as well in the end. Validation scores are those without them.'),
  ...classWeightField,
});

const WORK_PER_CELL = 2000;
const FLOAT_BYTES = 4;

export const neighbours = defineFamily<z.infer<typeof schema>>({
  name: 'neighbours',
  title: 'Nearest neighbours',
  description:
    'Answers what the rows that are most alike have. The model file holds the training rows, encoded but readable: give it to ' +
    'nobody who may not see these. Needs scaled numbers, and few columns that tell nothing.',
  data: 'table',
  tasks: ['regression', 'binary', 'multiclass', 'multilabel', 'multi_regression'],
  schema,
  searchSpace: { neighbours: { kind: 'choice', values: [1, 3, 5, 10, 20, 50] } },
  learner: neighboursLearner,
  bins: 0,
  onePrecision: 'distances between rows tell which are near, and rounded rows are other ones',
  advise: (profile) => ({
    rank: 0,
    reason: `Compares with each of ${sizeOf(profile)}, which its file keeps; slower with every row.`,
  }),
  cost: ({ rowsMax }, { rows, width, outputs }) => ({
    operations: WORK_PER_CELL * Math.min(rows, rowsMax) * width,
    bytes: 2 * FLOAT_BYTES * rows * (width + 2 * outputs),
  }),
});
