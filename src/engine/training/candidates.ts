/** Which models a run tries. */
import { AUTO, checkParameters, proposed } from '../auto';
import { stateKindOf, type Estimator } from '../families/registry';
import type { LearnedRows } from '../learning/fit';
import { EngineError, type Task } from '../types';

export interface Candidate extends Estimator {
  /** Unique within a run; what metric events and the leaderboard show. */
  name: string;
  /** Of the states of its training. */
  stateKind: string;
}

/**
 * The one that is named, or what the families propose. Throws EngineError when the family is unknown, does another task or
 * has a wrong parameter.
 */
export function chooseCandidates(task: Task, { rows }: LearnedRows, { family, parameters }: Estimator): Candidate[] {
  const [issue] = checkParameters(family, parameters, task);
  if (issue) throw new EngineError(issue.message, `estimator.${issue.path}`, issue.hint);
  const list = family === AUTO ? proposed(task, rows, parameters) : [{ name: family, family, parameters }];
  return list.map((each) => ({ ...each, stateKind: stateKindOf(each.family) }));
}
