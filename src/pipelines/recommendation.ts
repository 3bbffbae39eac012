import { AUTO, families, type Task } from '../engine';
import { PraxisError } from '../kernel';
import { creditsOf, estimateSeconds } from './estimate';
import type { ModelRecommendation } from './pipeline.type';
import { columnIssues, taskOf, type Profile } from './target-check';

const ROWS_FOR_NETWORK = 500;

/**
 * Families for tables that can predict the target, best suited first, with reasons from the profile; whether columns are
 * steps or pixels, a profile cannot tell. Throws VALIDATION_FAILED.
 */
export function recommendModels(profile: Profile, target: string): ModelRecommendation[] {
  const use = { target, drop: [], split: { kind: 'random' } as never };
  const issues = columnIssues(profile, use, { target: 'target', drop: 'drop', split: 'split' });
  if (issues.length > 0) throw PraxisError.invalid(issues);
  const task = taskOf(
    profile.columns.find(({ name }) => name === target)!,
    profile.rowCount,
  );
  return families
    .filter(({ data, tasks }) => data === 'table' && tasks.includes(task))
    .map(({ name }) => ({ name, ...judge(name, task, profile) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ name: family, reason }) => {
      const seconds = estimateSeconds(profile, { family, parameters: {} });
      return { family, task, reason, estimate: { seconds, credits: creditsOf(seconds) } };
    });
}

/** Few rows favour models with few parameters; many rows can feed a network. */
function judge(family: string, task: Task, { rowCount, columns }: Profile): { rank: number; reason: string } {
  const size = `${rowCount} rows and ${columns.length - 1} columns`;
  const small = rowCount < ROWS_FOR_NETWORK;
  if (family === AUTO) {
    return { rank: 3, reason: `Tries every other family on your ${size} and keeps the best on the validation part.` };
  }
  if (family === 'linear' || family === 'logistic') {
    const reason = small
      ? `With ${size}, a model with few parameters is the least likely to learn noise; its weights can be read.`
      : `The quickest on ${size} and easy to explain; misses curves and interactions.`;
    return { rank: small ? 2 : 1, reason };
  }
  if (family === 'svm') {
    return { rank: 0, reason: `Holds classes or numbers apart by a margin, which outliers move little; ${size}.` };
  }
  const reason = small
    ? `Finds curves and interactions, but ${rowCount} rows are few for it: watch the validation scores.`
    : `Finds curves and interactions in ${task === 'regression' ? 'the numbers' : 'the classes'}; ${size} can feed it.`;
  return { rank: small ? 1 : 2, reason };
}
