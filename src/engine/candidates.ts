/** Which models a run tries. */
import { fillParameters } from './families/registry';
import type { Rows } from './fit';
import { learnsClasses, learnsNumbers } from './tasks/registry';
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
export function singleCandidate(task: Task, train: Rows, { family, parameters }: Estimator): Candidate {
  const [issue] = checkParameters(family, parameters, task);
  if (issue) throw new EngineError(issue.message, `estimator.${issue.path}`, issue.hint);
  return candidate(family, { family, parameters }, train);
}

function candidate(name: string, { family, parameters }: Estimator, { rows }: Rows): Candidate {
  return { name, family, parameters, epochs: fillParameters(family, parameters, rows).epochs };
}

/**
 * Training rows seen by one candidate, at most; it bounds a run on large tables. Smaller tables get what the family plans.
 */
const ROWS_SEEN_MAX = 1_000_000;
const EPOCHS_MIN = 5;

/**
 * From weak to strong, each with little and with much regularisation: small tables want the latter. Rates and penalties were chosen on
 * public sets (docs/decisions/0003-tabular-preprocessing.md).
 */
const LINEAR: Record<string, Record<string, unknown>> = {
  '': { learningRate: 0.005, l2: 0.001 },
  ' strong l2': { learningRate: 0.005, l2: 0.1 },
};
const NETWORKS: Record<string, Record<string, unknown>> = {
  'mlp 64': { hidden: [64], learningRate: 0.002, l2: 0.0003 },
  'mlp 64 dropout': { hidden: [64], dropout: 0.2, learningRate: 0.001, l2: 0.003 },
  'mlp 128-64 dropout': { hidden: [128, 64], dropout: 0.2, learningRate: 0.001, l2: 0.003 },
};

/** Linear models first, as they report within a fraction of a second, then networks of growing size. */
export function autoCandidates(task: Task, train: Rows, given: Record<string, unknown>): Candidate[] {
  const [issue] = checkParameters(AUTO, given, task);
  if (issue) throw new EngineError(issue.message, `estimator.${issue.path}`, issue.hint);
  const { classWeight, ...shared } = given;
  const linear = learnsNumbers(task) ? 'linear' : 'logistic';
  const list: [string, Estimator][] = [
    ...Object.entries(LINEAR).map(([suffix, own]): [string, Estimator] => [
      linear + suffix,
      { family: linear, parameters: own },
    ]),
    ...Object.entries(NETWORKS).map(([name, own]): [string, Estimator] => [name, { family: 'mlp', parameters: own }]),
  ];
  return list.map(([name, { family, parameters }]) => {
    const planned = fillParameters(family, parameters, train.rows).epochs;
    const epochs = Math.min(planned, Math.max(EPOCHS_MIN, Math.round(ROWS_SEEN_MAX / train.rows)));
    const own = {
      ...parameters,
      epochs,
      ...shared,
      ...(classWeight !== undefined && learnsClasses(task) && { classWeight }),
    };
    return candidate(name, { family, parameters: own }, train);
  });
}
