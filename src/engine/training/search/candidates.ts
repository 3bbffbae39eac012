/** Which models a run tries, and in which order. */
import { candidatesOf, checkParameters, costOf } from '../../auto';
import type { Candidate as Tried } from '../../families/family';
import { stateKindOf, type Estimator } from '../../families/registry';
import { EngineError, type Task } from '../../types';
import { dimensionsOf } from '../prepare/dimensions';
import type { Prepared } from '../prepare/prepare';

/** Its name is unique within a run; it is what metric events and the leaderboard show. */
export interface Candidate extends Tried {
  /** Of the states of its training. */
  stateKind: string;
}

export interface PreparedCandidate extends Candidate {
  /** As its family reads them. */
  data: Prepared;
}

/**
 * The one that is named, or what the families propose. Throws EngineError when the family is unknown, does another task or
 * has a wrong parameter.
 */
export function chooseCandidates(task: Task, rows: number, estimator: Estimator): Candidate[] {
  const [issue] = checkParameters(estimator.family, estimator.parameters, task);
  if (issue) throw new EngineError(issue.message, `estimator.${issue.path}`, issue.hint);
  return candidatesOf(estimator, task, rows).map((each) => ({ ...each, stateKind: stateKindOf(each.family) }));
}

/** By what each is expected to take, so that a first model is there soon. */
export function quickestFirst(candidates: PreparedCandidate[]): PreparedCandidate[] {
  const costs = new Map(candidates.map((one) => [one, costOf(one, sizeOf(one.data)).operations]));
  return candidates.toSorted((a, b) => costs.get(a)! - costs.get(b)!);
}

const sizeOf = (data: Prepared) => ({ ...dimensionsOf(data), rows: data.train.rows, width: data.train.width });
