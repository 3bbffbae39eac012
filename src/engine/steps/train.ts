import { z } from 'zod';
import { AUTO, titlesOf } from '../auto';
import { proposing } from '../families/registry';
import { defineStep } from './definition';

const parameters = z.strictObject({
  family: z
    .string()
    .min(1)
    .default(AUTO)
    .describe(
      `A name from \`families\`; auto trains ${titlesOf(proposing())}, as far as they can do the task, and keeps the best on the validation part.`,
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
  says: (estimator) => ({ estimator }),
  places: { estimator: '' },
});
