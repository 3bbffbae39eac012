/** Random forests. */
import { z } from 'zod';
import { forestLearner, type ForestSettings } from '../../trees/forest/forest.learner';
import { NODES_MAX } from '../../trees/request';
import { isSmall, sizeOf } from '../advice';
import { defineFamily } from '../family';
import { classWeightField } from '../training/training.schema';
import { bytesOfTrees, leavesField, onePrecision, treeFields } from './tree.schema';

interface Parameters extends Omit<ForestSettings, 'rowsPerLeaf'> {
  rowsPerLeaf: number | null;
}

const schema = z.strictObject({
  trees: z.int().min(1).max(10_000).default(200).describe('Trees whose mean is the answer; more never make it worse.'),
  leaves: leavesField.nullable().default(null).describe('Leaves of a tree, at most; null: any number.'),
  depth: treeFields.depth,
  rowsPerLeaf: treeFields.rowsPerLeaf
    .unwrap()
    .nullable()
    .default(null)
    .describe('Rows of a leaf, at least; null: 1, of large tables as many as keep the model file small.'),
  columnsPerSplit: z
    .union([z.enum(['sqrt', 'log2', 'all']), z.number().gt(0).max(1)])
    .nullable()
    .default(null)
    .describe(
      'Columns that are drawn for each split: the square root or the logarithm of how many there are, all, or a share of them. ' +
        'null: sqrt for classes and labels, all for numbers.',
    ),
  bootstrap: z
    .boolean()
    .default(true)
    .describe('Draws the rows of a tree with replacement; the rows that are left over judge it (outOfBagLoss).'),
  rowShare: treeFields.rowShare.describe('As many rows as this share of all are drawn for each tree.'),
  refit: z
    .boolean()
    .default(true)
    .describe(
      'Grows the forest once more, of the train and validation rows together. Validation scores are those of the forest ' +
        'before. false keeps that one, in half the time.',
    ),
  ...classWeightField,
}) satisfies z.ZodType<Parameters>;

/** Of a tree that `auto` tries: it bounds a run on large tables. */
const ROWS_MAX = 10_000;
/** Nodes that a tree has of each row, where a leaf holds a single one: rows are drawn with replacement, and a third is left over. */
const NODES_PER_ROW = 1.3;
/** Sums and sorting of a row and column, level by level. */
const WORK_PER_ROW = 1500;

export const forest = defineFamily<Parameters>({
  name: 'forest',
  title: 'Random forest',
  description:
    'The mean of many decision trees, each of rows and columns that are drawn for it. Hard to get wrong: it has hardly ' +
    'anything to set, and reads columns as they are, unscaled, with missing values and categories.',
  data: 'table',
  tasks: ['regression', 'binary', 'multiclass', 'multilabel', 'multi_regression'],
  schema,
  searchSpace: {
    rowsPerLeaf: { kind: 'choice', values: [1, 2, 5, 10] },
    columnsPerSplit: { kind: 'choice', values: ['sqrt', 0.5, 'all'] },
  },
  plan: (parameters, rows) => ({
    ...parameters,
    rowsPerLeaf: parameters.rowsPerLeaf ?? Math.ceil((NODES_PER_ROW * rows * parameters.trees) / NODES_MAX),
  }),
  learner: forestLearner,
  onePrecision,
  candidates: (_, rows) => [{ name: 'forest', parameters: { trees: 100, rowShare: Math.min(1, ROWS_MAX / rows) } }],
  advise: (profile) => ({
    rank: isSmall(profile) ? 1 : 0,
    reason: `Finds curves and interactions in ${sizeOf(profile)} with hardly anything to set; boosted trees are often a little better.`,
  }),
  cost: ({ trees, refit, rowShare }, size) => ({
    operations: (refit ? 2 : 1) * trees * size.rows * rowShare * WORK_PER_ROW * (Math.sqrt(size.width) + size.outputs),
    bytes: bytesOfTrees(size),
  }),
});
