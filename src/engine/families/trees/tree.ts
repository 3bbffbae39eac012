/** A single decision tree. */
import { z } from 'zod';
import { treeLearner, type SingleTreeSettings } from '../../trees/forest/tree.learner';
import { sizeOf } from '../advice';
import { defineFamily } from '../family';
import { classWeightField } from '../training/training.schema';
import { bytesOfTrees, leavesField, onePrecision, treeFields } from './tree.schema';

const schema = z.strictObject({
  leaves: leavesField
    .default(32)
    .describe('Leaves, at most: the validation rows choose how many there are, those whose splits explain most first.'),
  depth: treeFields.depth,
  rowsPerLeaf: treeFields.rowsPerLeaf.unwrap().default(5).describe('Rows of a leaf, at least.'),
  refit: z
    .boolean()
    .default(true)
    .describe(
      'Grows a tree of as many leaves as were best once more, of the train and validation rows together. Validation scores ' +
        'are those of the tree before.',
    ),
  ...classWeightField,
}) satisfies z.ZodType<SingleTreeSettings>;

/** Each row is summed once for each level. */
const LEVELS = 8;

export const tree = defineFamily<SingleTreeSettings>({
  name: 'tree',
  title: 'Decision tree',
  description:
    'One tree of questions about single columns, which a person can follow from the top to the answer. Less exact than many ' +
    'trees; reads columns as they are, unscaled, with missing values and categories.',
  data: 'table',
  tasks: ['regression', 'binary', 'multiclass', 'multilabel', 'multi_regression'],
  schema,
  searchSpace: {
    leaves: { kind: 'choice', values: [8, 16, 32, 64, 128] },
    rowsPerLeaf: { kind: 'choice', values: [1, 5, 20, 50] },
  },
  learner: treeLearner,
  onePrecision,
  advise: (profile) => ({
    rank: 0,
    reason: `Its questions can be read by anyone; less exact on ${sizeOf(profile)} than many trees together.`,
  }),
  cost: ({ refit }, size) => ({
    operations: (refit ? 2 : 1) * LEVELS * size.rows * size.width * (size.outputs + 1),
    bytes: bytesOfTrees(size),
  }),
});
