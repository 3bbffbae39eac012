import { z } from 'zod';
import { defineStep } from './definition';

export const impute = defineStep({
  kind: 'IMPUTE',
  title: 'Impute',
  summary: 'Fills missing numbers with a value fitted on the train part.',
  description: 'Fills missing numbers; the median when left out.',
  stage: 'columns',
  rank: 2,
  parameters: z.strictObject({
    method: z.enum(['median', 'mean', 'zero']).default('median').describe('The fill for missing numbers.'),
    missingIndicator: z.boolean().default(true).describe('Adds a 0/1 feature per column that had missing values.'),
  }),
  says: ({ method, missingIndicator }) => ({ preprocess: { impute: method, missingIndicator } }),
  places: {},
});
