import { z } from 'zod';
import { chooseColumns, columnChoice } from '../../columns/choice';
import { firstOfEach } from '../../rows/distinct';
import { defineStep } from '../definition';

export const deduplicate = defineStep({
  kind: 'DEDUPLICATE',
  title: 'De-duplicate',
  summary: 'Uses the first of rows that are the same.',
  description: 'Uses the first of rows that are the same, in all columns or in some, before they are divided.',
  stage: 'rows',
  rank: 2,
  isRepeatable: true,
  parameters: z.strictObject({
    columns: columnChoice.describe('Rows that are the same in these columns are; left out: in all of them.'),
  }),
  rows: {
    atServing: 'omit',
    check: ({ columns }, known, fault) => {
      const chosen = chooseColumns(columns, { columns: known, withheld: new Map() }, null, fault);
      if (chosen.length === 0) fault('.columns', 'chooses no column', 'name one, or leave columns out');
    },
    keep: ({ columns }, rows) => {
      const chosen = chooseColumns(columns, { columns: rows.columns, withheld: new Map() }, null, () => undefined);
      return firstOfEach(
        rows,
        chosen.map(({ name }) => name),
      );
    },
  },
  places: {},
});
