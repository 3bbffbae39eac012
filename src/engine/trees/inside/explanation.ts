/** What a learner of trees gives to explain its scores. */
import type { LearnedScores } from '../../learning/fit';
import type { ScoreUnit } from '../../types';
import { operationsOf } from './explainer';
import { shapesOf } from './shape';
import { encodeTrees, type ScoredTrees } from './trees.file';

export const explanationOf = (trees: ScoredTrees, unit: ScoreUnit): LearnedScores => ({
  ...{ unit, scores: trees.start.length, operations: operationsOf(trees) },
  isSingle: trees.rounds.length === 1 && shapesOf(trees.rounds[0]).length === 1,
  trees: encodeTrees(trees),
  ...splitsOf(trees),
});

/** Trees of one shape count once. */
function splitsOf({ rounds, columns }: ScoredTrees): Pick<LearnedScores, 'gains' | 'splits'> {
  const [gains, splits] = [columns.map(() => 0), columns.map(() => 0)];
  for (const { splits: rules } of rounds.flatMap(shapesOf).map(([tree]) => tree)) {
    for (const rule of rules) {
      if (!rule) continue;
      gains[rule.column] += rule.gain;
      splits[rule.column]++;
    }
  }
  return { gains, splits };
}
