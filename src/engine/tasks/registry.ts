/** The table of tasks. */
import type { Task } from '../types';
import { anomaly } from './anomaly';
import { binary } from './binary';
import type { TaskDefinition } from './definition';
import { multiRegression } from './multi-regression';
import { multiclass } from './multiclass';
import { multilabel } from './multilabel';
import { ranking } from './ranking';
import { regression } from './regression';
import { sequenceLabeling } from './sequence-labeling';

const table: TaskDefinition[] = [];
const lists: { holds: (task: TaskDefinition) => boolean; names: Task[] }[] = [];

/**
 * The names as the API has them, with those of the table: its enum is made from it when the schema is built. UNKNOWN stands
 * for the task of a stored model whose module is not loaded.
 */
export const TaskEnum: Record<string, Task> = { UNKNOWN: 'unknown' };

for (const task of [regression, binary, multiclass, multilabel, multiRegression, sequenceLabeling, anomaly, ranking])
  registerTask(task);

/** In the order of registration: the first that fits target columns is what they mean. */
export const taskTable = (): readonly TaskDefinition[] => table;

/** Adds a task before the schema of the API is built. Returns what takes it out again. Throws when the name is taken. */
export function registerTask(task: TaskDefinition): () => void {
  const { name } = task;
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error(`The name ${name} of a task is not in lower case.`);
  if (name.toUpperCase() in TaskEnum) throw new Error(`There already is a task ${name}.`);
  table.push(task);
  TaskEnum[name.toUpperCase()] = name;
  const kept = lists.filter(({ holds }) => holds(task));
  kept.forEach(({ names }) => names.push(name));
  return () => {
    table.splice(table.indexOf(task), 1);
    delete TaskEnum[name.toUpperCase()];
    kept.forEach(({ names }) => names.splice(names.indexOf(name), 1));
  };
}

export const findTask = (name: Task): TaskDefinition | undefined => table.find((task) => task.name === name);

export function taskOf(name: Task): TaskDefinition {
  const task = findTask(name);
  if (!task) throw new Error(`There is no task ${name}.`);
  return task;
}

/** The names of the tasks of which this holds. The list follows the table: a family that has it does tasks registered later. */
function tasksWhere(holds: (task: TaskDefinition) => boolean): Task[] {
  const names = table.filter(holds).map(({ name }) => name);
  lists.push({ holds, names });
  return names;
}

export const learnsClasses = (task: Task): boolean => taskOf(task).learning.learns === 'classes';
export const learnsNumbers = (task: Task): boolean => taskOf(task).learning.learns === 'numbers';
export const learnsFeatures = (task: Task): boolean => taskOf(task).learning.learns === 'features';
/** Whether a row has several targets, of which some may be missing. */
export const hasSeveralTargets = (task: Task): boolean => taskOf(task).targets.several;
/** Whether the targets of a row are those of its steps. */
export const labelsSteps = (task: Task): boolean => taskOf(task).targets.steps;

/** Whether the rows of a group are put in order. */
export const ranksWithin = (task: Task): boolean => taskOf(task).learning.within === true;

const isDense = ({ targets, learning }: TaskDefinition) =>
  !targets.steps && learning.learns !== 'features' && !learning.within;

export const ALL_TASKS = tasksWhere(() => true);
/** Of the targets of each row by itself, whatever they are. */
export const TARGET_TASKS = tasksWhere(({ learning }) => learning.learns !== 'features' && !learning.within);
/** What a network does whose last layer may have any number of units. */
export const DENSE_TASKS = tasksWhere(isDense);
/** Of those, what is told by distances from a plane: numbers, or one class. */
export const MARGIN_TASKS = tasksWhere((task) => isDense(task) && task.learning.ending !== 'sigmoid');
export const NUMBER_TASKS = tasksWhere((task) => isDense(task) && task.learning.learns === 'numbers');
export const CLASS_TASKS = tasksWhere((task) => isDense(task) && task.learning.learns === 'classes');
