import { z } from 'zod';
import { defineStep } from './definition';

export const encode = defineStep({
  kind: 'ENCODE',
  title: 'Encode',
  summary: 'Turns text columns into 0/1 features, one per frequent level.',
  description: 'Turns text into 0/1 features; rare and unseen levels share one.',
  stage: 'columns',
  rank: 3,
  parameters: z.strictObject({
    rareFraction: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.005)
      .describe('Levels rarer than this share of the train rows join one level "other", 0 to 0.5.'),
    levelsMax: z.int().min(1).max(1000).default(50).describe('Most levels per column that get a feature, 1 to 1000.'),
  }),
  says: (options) => ({ preprocess: options }),
  places: {},
});
