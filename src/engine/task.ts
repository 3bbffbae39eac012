/** What the tasks differ in. Pure. */
import type { Task } from './types';

interface Traits {
  /** What is learnt: numbers, classes, or the features themselves. */
  learns: 'numbers' | 'classes' | 'features';
  /** Whether a row has several targets, of which some may be missing. */
  several: boolean;
}

const TRAITS: Record<Task, Traits> = {
  regression: { learns: 'numbers', several: false },
  binary: { learns: 'classes', several: false },
  multiclass: { learns: 'classes', several: false },
  multilabel: { learns: 'classes', several: true },
  multi_regression: { learns: 'numbers', several: true },
  sequence_labeling: { learns: 'classes', several: true },
  anomaly: { learns: 'features', several: false },
};

export const learnsClasses = (task: Task): boolean => TRAITS[task].learns === 'classes';
export const learnsNumbers = (task: Task): boolean => TRAITS[task].learns === 'numbers';
export const learnsFeatures = (task: Task): boolean => TRAITS[task].learns === 'features';
export const hasSeveralTargets = (task: Task): boolean => TRAITS[task].several;

/** One target, told of in the singular: what every family of its kind can do. */
export const SINGLE_TASKS: Task[] = ['regression', 'binary', 'multiclass'];
/** What a network does whose last layer may have any number of units. */
export const DENSE_TASKS: Task[] = [...SINGLE_TASKS, 'multilabel', 'multi_regression'];
