import { z } from 'zod';
import { findFamily } from '../families/registry';
import { defineStep } from './definition';

const DEFAULT = 'standard';

export const scale = defineStep({
  kind: 'SCALE',
  title: 'Scale',
  summary: 'Brings numeric columns to a common scale fitted on the train part.',
  description: 'Brings numbers to a common scale; mean 0 and deviation 1 when left out.',
  stage: 'columns',
  rank: 3,
  parameters: z.strictObject({
    method: z
      .enum(['standard', 'robust', 'minmax', 'none'])
      .default(DEFAULT)
      .describe('standard: mean 0, deviation 1; robust: median and quartiles; minmax: 0 to 1.'),
  }),
  absent: (family) => ({ method: findFamily(family)?.scale ?? DEFAULT }),
  says: ({ method }) => ({ preprocess: { scale: method } }),
  places: {},
});
