/** What a learner of trees gives to explain its scores. */
import type { LearnedScores } from '../../learning/fit';
import type { ScoreUnit } from '../../types';
import { operationsOf } from './explainer';
import { encodeTrees, type ScoredTrees } from './trees.file';

export const explanationOf = (trees: ScoredTrees, unit: ScoreUnit): LearnedScores => ({
  ...{ unit, scores: trees.start.length, operations: operationsOf(trees) },
  trees: encodeTrees(trees),
});
