/** Which models a run tries. */
import { fillParameters } from './families/registry';
import type { Matrix } from './fit';
import { EngineError, type Task } from './types';
import { AUTO, checkParameters } from './auto';

export interface Candidate {
  /** Unique within a run; what metric events and the leaderboard show. */
  name: string;
  family: string;
  parameters: Record<string, unknown>;
  /** Planned epochs, for progress. */
  epochs: number;
}

interface Estimator {
  family: string;
  parameters: Record<string, unknown>;
}

/** Throws EngineError when the family is unknown, does another task or has a wrong parameter. */
export function singleCandidate(task: Task, train: Matrix, { family, parameters }: Estimator): Candidate {
  const [issue] = checkParameters(family, parameters, task);
  if (issue) throw new EngineError(issue.message, `estimator.${issue.path}`, issue.hint);
  return candidate(family, { family, parameters }, train);
}

function candidate(name: string, { family, parameters }: Estimator, { rows }: Matrix): Candidate {
  return { name, family, parameters, epochs: fillParameters(family, parameters, rows).epochs };
}

const NETWORKS: Record<string, Record<string, unknown>> = {
  'mlp 64': { hidden: [64] },
  'mlp 128-64': { hidden: [128, 64], dropout: 0.2 },
  'mlp 256-128': { hidden: [256, 128], dropout: 0.3 },
};

/** A linear model first, as it reports within a fraction of a second, then networks of growing size and regularisation. */
export function autoCandidates(task: Task, train: Matrix, given: Record<string, unknown>): Candidate[] {
  const [issue] = checkParameters(AUTO, given, task);
  if (issue) throw new EngineError(issue.message, `estimator.${issue.path}`, issue.hint);
  const linear = task === 'regression' ? 'linear' : 'logistic';
  return [
    candidate(linear, { family: linear, parameters: given }, train),
    ...Object.entries(NETWORKS).map(([name, own]) =>
      candidate(name, { family: 'mlp', parameters: { ...own, ...given } }, train),
    ),
  ];
}
