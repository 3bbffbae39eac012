import { z } from 'zod';
import { AUTO, titlesOf } from '../auto';
import { proposing } from '../families/registry';
import { defineStep } from './definition';

const FOLDS_MAX = 20;

const parameters = z.strictObject({
  family: z
    .string()
    .min(1)
    .default(AUTO)
    .describe(
      `A name from \`families\`; auto trains ${titlesOf(proposing())}, as far as they can do the task, and keeps the best on the validation part.`,
    ),
  folds: z
    .int()
    .min(0)
    .max(FOLDS_MAX)
    .optional()
    .describe(
      'How many folds of all rows outside the test part judge each model, each on the rows that it is not trained on; 0 or 1: the ' +
        'validation part alone does. Left out: 5 for auto, where the rows are at most 20,000; otherwise none. There are fewer folds of few rows or ' +
        'groups, and none of a split by time, of one whose column names validation rows, and of rows that memory does not hold.',
    ),
  parameters: z.record(z.string(), z.unknown()).default({}).describe('By the `parameterSchema` of the family.'),
});

export const train = defineStep({
  kind: 'TRAIN',
  title: 'Train',
  summary: 'Fits a model family, or the best of several.',
  description: 'Fits a model family; with the family `auto` when left out.',
  stage: 'model',
  rank: 9,
  parameters,
  absent: () => parameters.parse({}),
  says: ({ folds, ...estimator }) => ({ estimator, folds }),
  places: { estimator: '' },
});
