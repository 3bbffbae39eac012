import { AUTO, families, labelsSteps, learnsFeatures, learnsNumbers, type Task } from '../engine';
import { PraxisError } from '../kernel';
import { creditsOf, estimateSeconds } from './estimate';
import type { ModelRecommendation } from './pipeline.type';
import { columnIssues, taskOfAll, type Profile } from './target-check';

const ROWS_FOR_NETWORK = 500;

/**
 * Families that can predict the targets, best suited first, with reasons from the profile. Whether columns are steps or
 * pixels a profile cannot tell: families for tables, unless the targets are steps themselves. No target: those that find
 * anomalies. Throws VALIDATION_FAILED.
 */
export function recommendModels(profile: Profile, target: string | string[]): ModelRecommendation[] {
  const use = { target, task: null, drop: [], split: { kind: 'random' } as never };
  const paths = { target: 'target', targets: 'targets', task: 'target', drop: 'drop', split: 'split' };
  const issues = columnIssues(profile, use, paths);
  if (issues.length > 0) throw PraxisError.invalid(issues);
  const names = [target].flat();
  const task = taskOfAll(profile, names);
  return families
    .filter(({ data, tasks }) => tasks.includes(task) && (data === 'table' || labelsSteps(task)))
    .map(({ name }) => ({ name, ...judge(name, task, { profile, targets: names.length }) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ name: family, reason }) => {
      const seconds = estimateSeconds(profile, { family, parameters: {} }, names.length);
      return { family, task, reason, estimate: { seconds, credits: creditsOf(seconds) } };
    });
}

/** Few rows favour models with few parameters; many rows can feed a network. */
function judge(
  family: string,
  task: Task,
  { profile: { rowCount, columns }, targets }: { profile: Profile; targets: number },
): { rank: number; reason: string } {
  const size = `${rowCount} rows and ${columns.length - targets} columns`;
  const small = rowCount < ROWS_FOR_NETWORK;
  if (family === AUTO) {
    return {
      rank: 3,
      reason: `Trains linear models and networks of different size on your ${size}, and keeps the best on the validation part.`,
    };
  }
  if (learnsFeatures(task)) {
    return { rank: 0, reason: `Learns what the rows look like, on ${size}, and scores how far a row is from that.` };
  }
  if (labelsSteps(task)) {
    const rank = ['gru', 'lstm', 'transformer', 'cnn1d', 'rnn'].reverse().indexOf(family);
    return {
      rank,
      reason: `Gives each of ${targets} steps a label, where the other columns are the same steps in order.`,
    };
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
    : `Finds curves and interactions in ${learnsNumbers(task) ? 'the numbers' : 'the classes'}; ${size} can feed it.`;
  return { rank: small ? 1 : 2, reason };
}
