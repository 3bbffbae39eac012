/** What the tasks differ in. Pure. */
import type { Task } from './types';

export type Learnt = 'numbers' | 'classes' | 'features';

/** A metric that tells a model from the trivial predictor. */
export interface Judge {
  metric: string;
  better: 'higher' | 'lower';
}

interface Traits {
  /** What is learnt: numbers, classes, or the features themselves. */
  learns: Learnt;
  /** Whether a row has several targets, of which some may be missing. */
  several: boolean;
  /** What candidates are compared by; lower is better. */
  score: string;
  /** The first that is defined decides, for the model and for each of several targets. */
  judges: Judge[];
}

// Each compares the model with the trivial predictor on the same rows by itself, so that the spread of the rows, which both
// share, does not hide a difference: decisions/0052.
const AUC: Judge = { metric: 'rocAuc', better: 'higher' };
const R2: Judge = { metric: 'r2', better: 'higher' };
const RELATIVE: Judge = { metric: 'averageRelativeRmse', better: 'lower' };
const BALANCED: Judge = { metric: 'balancedAccuracy', better: 'higher' };
const LOSS: Judge = { metric: 'logLoss', better: 'lower' };
const ERROR: Judge = { metric: 'rmse', better: 'lower' };

const TRAITS: Record<Task, Traits> = {
  regression: { learns: 'numbers', several: false, score: 'rmse', judges: [R2, ERROR] },
  binary: { learns: 'classes', several: false, score: 'logLoss', judges: [AUC, LOSS] },
  multiclass: { learns: 'classes', several: false, score: 'logLoss', judges: [AUC, LOSS] },
  multilabel: { learns: 'classes', several: true, score: 'logLoss', judges: [AUC, LOSS] },
  multi_regression: { learns: 'numbers', several: true, score: 'averageRelativeRmse', judges: [RELATIVE, R2, ERROR] },
  sequence_labeling: { learns: 'classes', several: true, score: 'logLoss', judges: [BALANCED] },
  anomaly: { learns: 'features', several: false, score: 'reconstructionError', judges: [AUC] },
};

export const learnt = (task: Task): Learnt => TRAITS[task].learns;
export const learnsClasses = (task: Task): boolean => TRAITS[task].learns === 'classes';
export const learnsNumbers = (task: Task): boolean => TRAITS[task].learns === 'numbers';
export const learnsFeatures = (task: Task): boolean => TRAITS[task].learns === 'features';
export const hasSeveralTargets = (task: Task): boolean => TRAITS[task].several;
export const scoreOf = (task: Task): string => TRAITS[task].score;
export const judges = (task: Task): Judge[] => TRAITS[task].judges;

/** One target, told of in the singular: what every family of its kind can do. */
export const SINGLE_TASKS: Task[] = ['regression', 'binary', 'multiclass'];
/** What a network does whose last layer may have any number of units. */
export const DENSE_TASKS: Task[] = [...SINGLE_TASKS, 'multilabel', 'multi_regression'];
