/** Gradient-boosted decision trees. */
import { z } from 'zod';
import { boostingLearner, type BoostingSettings } from '../../trees/boosting/boosting.learner';
import { amountsLearnt } from '../../trees/boosting/scoring';
import { isSmall, sizeOf } from '../advice';
import { defineFamily } from '../family';
import { numberLossFields, tweediePower } from '../training/loss.schema';
import { classWeightField } from '../training/training.schema';
import { bytesOfTrees, onePrecision, treeFields } from './tree.schema';

const { huberDelta, quantile } = numberLossFields;

const schema = z.strictObject({
  trees: z
    .int()
    .min(1)
    .max(10_000)
    .default(1000)
    .describe('Rounds, at most: each adds a tree, of several classes, labels or numbers one for each.'),
  learningRate: z
    .number()
    .gt(0)
    .max(1)
    .default(0.05)
    .describe('Share of what a tree says that is added; smaller needs more trees and generalizes better.'),
  patience: z
    .int()
    .min(0)
    .max(10_000)
    .default(50)
    .describe('Rounds without a better validation loss before no more are added; 0 adds all. The best length is kept.'),
  refit: z
    .boolean()
    .default(true)
    .describe(
      'Fits as many trees as were best once more, to the train and validation rows together. Validation scores are those of ' +
        'the model before. false keeps that one, in about half the time.',
    ),
  ...treeFields,
  topShare: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe(
      'With a rowShare below 1: share of the rows, those that the trees so far fit worst, that each tree is fitted to whole ' +
        '(gradient-based one-side sampling). rowShare is then of the other rows, and each of them that is drawn counts ' +
        '1 / rowShare times. Pays from about a million rows on. 0 draws from all rows alike.',
    ),
  // A tenth left out tells trees apart, so that one makes up for another (docs/decisions/0085-candidates-of-auto.md).
  rowShare: treeFields.rowShare.unwrap().default(0.9).describe(treeFields.rowShare.description!),
  loss: z
    .enum(['crossEntropy', 'mse', 'mae', 'huber', 'quantile', 'poisson', 'tweedie', 'lambdarank'])
    .nullable()
    .default(null)
    .describe(
      'What training minimizes. Null: crossEntropy for classes, mse for numbers, lambdarank for ranking. mse predicts the mean; mae and huber follow ' +
        'outliers less, mae predicts the median; quantile predicts a quantile. poisson (counts) and tweedie (amounts, most of them 0, ' +
        'such as claims) predict the mean of a target that is 0 or more: the answer is above 0, and what columns do multiplies it. lambdarank, of the task ranking, puts the rows of a group in order.',
    ),
  huberDelta,
  quantile,
  tweediePower,
  ...classWeightField,
}) satisfies z.ZodType<BoostingSettings>;

/** Early stopping usually ends a training here. */
const TREES_USUAL = 200;
/** Of a row and column, which is summed up in the smaller of two children, level by level. */
const WORK_PER_CELL = 20;
/** Of a leaf and column: its bins are cleared, added up and searched for a split. */
const WORK_PER_LEAF = 50_000;

export const boosting = defineFamily<BoostingSettings>({
  name: 'boosting',
  title: 'Boosted trees',
  description:
    'Decision trees, each trained on what those before it get wrong. The usual first choice for tables: it finds curves and ' +
    'interactions, and reads columns as they are, unscaled, with missing values and categories.',
  data: 'table',
  tasks: ['regression', 'binary', 'multiclass', 'multilabel', 'multi_regression', 'ranking'],
  schema,
  searchSpace: {
    leaves: { kind: 'choice', values: [7, 15, 31, 63] },
    learningRate: { kind: 'logUniform', minimum: 0.01, maximum: 0.2 },
    rowsPerLeaf: { kind: 'choice', values: [5, 10, 20, 50] },
    columnShare: { kind: 'uniform', minimum: 0.5, maximum: 1 },
    l2: { kind: 'logUniform', minimum: 1e-3, maximum: 10 },
  },
  learner: boostingLearner,
  onePrecision,
  amounts: amountsLearnt,
  candidates: () => [{ name: 'boosting', parameters: {} }],
  advise: (profile) =>
    isSmall(profile)
      ? { rank: 0, reason: `Finds curves and interactions; ${sizeOf(profile)} give it little to go by.` }
      : {
          rank: 1,
          reason: `Finds curves and interactions in ${sizeOf(profile)}, with missing values and categories as they are.`,
        },
  cost: ({ trees, leaves, refit, columnShare, rowShare, topShare }, size) => ({
    operations:
      (refit ? 2 : 1) *
      (Math.min(trees, TREES_USUAL) * size.outputs * size.width * columnShare) *
      (WORK_PER_CELL * size.rows * (topShare + (1 - topShare) * rowShare) + WORK_PER_LEAF * leaves),
    bytes: bytesOfTrees(size),
  }),
});
