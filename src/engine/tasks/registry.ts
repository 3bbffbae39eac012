/** The table of tasks. */
import type { Task } from '../types';
import { anomaly } from './anomaly';
import { binary } from './binary';
import type { TaskDefinition } from './definition';
import { multiRegression } from './multi-regression';
import { multiclass } from './multiclass';
import { multilabel } from './multilabel';
import { regression } from './regression';
import { sequenceLabeling } from './sequence-labeling';

/** The first that fits target columns is what they mean. */
export const TASK_TABLE: readonly TaskDefinition[] = [
  ...[regression, binary, multiclass],
  ...[multilabel, multiRegression, sequenceLabeling, anomaly],
];

const BY_NAME = new Map(TASK_TABLE.map((task) => [task.name, task]));

export function taskOf(name: Task): TaskDefinition {
  const task = BY_NAME.get(name);
  if (!task) throw new Error(`There is no task ${name}.`);
  return task;
}

export const learnsClasses = (task: Task): boolean => taskOf(task).learning.learns === 'classes';
export const learnsNumbers = (task: Task): boolean => taskOf(task).learning.learns === 'numbers';
export const learnsFeatures = (task: Task): boolean => taskOf(task).learning.learns === 'features';
/** Whether a row has several targets, of which some may be missing. */
export const hasSeveralTargets = (task: Task): boolean => taskOf(task).targets.several;
/** Whether the targets of a row are those of its steps. */
export const labelsSteps = (task: Task): boolean => taskOf(task).targets.steps;

/** What a network does whose last layer may have any number of units. */
export const DENSE_TASKS = TASK_TABLE.filter(
  ({ targets, learning }) => !targets.steps && learning.learns !== 'features',
).map(({ name }) => name);
/** One target, told of in the singular: what every family of its kind can do. */
export const SINGLE_TASKS = DENSE_TASKS.filter((task) => !hasSeveralTargets(task));
