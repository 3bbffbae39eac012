import { z } from 'zod';
import { chooseColumns, columnChoice } from '../../columns/choice';
import { findFamily } from '../../families/registry';
import { defineStep } from '../definition';

const BINS_MAX = 64;

const parameters = z.strictObject({
  columns: columnChoice,
  rareFraction: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.005)
    .describe('Levels rarer than this share of the train rows join one level "other", 0 to 0.5.'),
  levelsMax: z.int().min(1).max(1000).default(50).describe('Most levels per column that get a feature, 1 to 1000.'),
  bins: z
    .int()
    .min(0)
    .max(BINS_MAX)
    .optional()
    .describe(
      'Features per number column beside the number itself: bins between its quantiles, each rising from 0 to 1 within its ' +
        `bounds; 0 for none, at most ${BINS_MAX}, and fewer where columns and rows are many. Left out: 12, of the task anomaly and of neighbours none.`,
    ),
});

export const encode = defineStep({
  kind: 'ENCODE',
  title: 'Encode',
  summary: 'Turns text columns into 0/1 features, one per frequent level.',
  description:
    'Turns text into 0/1 features, of which rare and unseen levels share one, and numbers into features by bins.',
  stage: 'columns',
  rank: 6,
  isRepeatable: true,
  parameters,
  absent: (family) => parameters.parse({ bins: findFamily(family)?.bins }),
  columns: {
    touches: ({ columns }, known, fault) => {
      const chosen = chooseColumns(columns, known, null, fault);
      return { reads: chosen, writes: chosen };
    },
    encodes: ({ columns: _, ...options }) => ({ part: 'features', options }),
  },
  places: {},
});
