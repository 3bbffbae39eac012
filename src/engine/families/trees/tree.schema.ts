/** Parameters of how a tree grows, as zod fields with bounds, defaults and descriptions. */
import { z } from 'zod';
import { columnName } from '../../columns/choice';
import type { TrainingSize } from '../family';

const GROUPS_MAX = 100;
const NAMES_MAX = 1000;

export const leavesField = z.int().min(2).max(1024);

export const treeFields = {
  leaves: leavesField
    .default(31)
    .describe('Leaves of a tree, at most; the leaf whose split lowers the loss most is split next.'),
  depth: z
    .int()
    .min(1)
    .max(64)
    .nullable()
    .default(null)
    .describe('Splits from the root to a leaf, at most; null: any.'),
  rowsPerLeaf: z.int().min(1).max(1_000_000).default(20).describe('Rows of a leaf, at least.'),
  l1: z.number().min(0).max(1e6).default(0).describe('Penalty on the size of what leaves say.'),
  l2: z.number().min(0).max(1e6).default(0).describe('Penalty on the square of what leaves say.'),
  rowShare: z.number().gt(0).max(1).default(1).describe('Share of the rows, drawn anew, that a tree is fitted to.'),
  columnShare: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('Share of the columns, drawn anew, that a tree may split by.'),
  monotone: z
    .record(columnName, z.enum(['rises', 'falls']))
    .default({})
    .describe(
      'By column of numbers, such as {"income": "rises"}: the answer never falls, or never rises, where the column rises and ' +
        'the others stay. For a number or two classes (of these, the probability of the second).',
    ),
  interactions: z
    .array(z.array(columnName).min(1).max(NAMES_MAX))
    .min(1)
    .max(GROUPS_MAX)
    .nullable()
    .default(null)
    .describe('Groups of columns that may act together; a column of none acts alone. null: any may.'),
};

/** Why no file of trees is made smaller. */
export const onePrecision = 'trees compare columns with exact thresholds, and one that is rounded is another one';

const ROW_BYTES = 40;

/** Bins of a byte each, and what is known of a row. */
export const bytesOfTrees = ({ rows, width, outputs }: TrainingSize): number =>
  rows * (width + ROW_BYTES + 8 * outputs);
