import { describe, families } from '../../engine';
import { PraxisError } from '../../kernel';
import { creditsOf, estimateRun } from './estimate';
import type { ModelRecommendation } from '../pipeline.type';
import { columnIssues, taskOfAll, type Profile } from './target-check';

/**
 * Families that can predict the targets, best suited first, with reasons from the profile: those that advise so themselves.
 * No target: those that find anomalies. Throws VALIDATION_FAILED.
 */
export function recommendModels(profile: Profile, target: string | string[]): ModelRecommendation[] {
  const use = { target, task: null, drop: [], split: { kind: 'random' } as never };
  const issues = columnIssues(profile, use);
  // The task is what the targets mean.
  if (issues.length > 0)
    throw PraxisError.invalid(issues.map((issue) => (issue.path === 'task' ? { ...issue, path: 'target' } : issue)));
  const targets = [target].flat().length;
  const task = taskOfAll(profile, [target].flat());
  const data = { task, targets, rows: profile.rowCount, columns: profile.columns.length - targets };
  return families()
    .filter(({ tasks }) => tasks.includes(task))
    .flatMap(({ name: family }) => {
      const advice = describe(family)!.advise?.(data);
      return advice ? [{ family, ...advice }] : [];
    })
    .sort((a, b) => b.rank - a.rank)
    .map(({ family, reason }) => {
      const { seconds, bytes } = estimateRun(profile, { ...use, estimator: { family, parameters: {} } });
      return { family, task, reason, estimate: { seconds, bytes, credits: creditsOf(seconds) } };
    });
}
