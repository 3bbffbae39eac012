/** Decides the task of target columns, and reads them. */
import { EngineError, type Column, type Task } from '../../types';
import { taskOf, taskTable } from '../registry';
import type { TargetFacts, TargetFault } from './facts';
import type { Targets } from './shape';
import { countValues, factsOf } from './target';

/** The task that columns of these values mean. Why so: docs/decisions/0003-tabular-preprocessing.md. */
function inferTask(columns: TargetFacts[]): Task {
  return taskTable().find(({ targets }) => targets.fits(columns))!.name;
}

/** The task that a request for `requested` trains; null: that which the values mean. */
export function chooseTask(columns: TargetFacts[], requested: Task | null): Task {
  if (requested === null) return inferTask(columns);
  return taskOf(requested).targets.instead?.(columns) ?? requested;
}

/** @param requested null to infer the task; without a target it is the one that learns the features */
export function readTargets(columns: Column[], requested: Task | null, rowCount: number): Targets {
  const counted = columns.map((column) => ({ column, values: countValues(column) }));
  const facts = counted.map(factsOf);
  const task = chooseTask(facts, requested);
  const { targets } = taskOf(task);
  const many = countFault(columns.length, task);
  if (many) throw new EngineError(many.message, many.path, many.hint);
  facts.forEach((column, i) => {
    const fault = targets.fault(column);
    if (fault) throw asError(fault, targets.several ? `targets[${i}]` : 'target');
  });
  return { task, ...targets.read(counted, rowCount) };
}

function asError({ message, hint, at }: TargetFault, path: string): EngineError {
  return new EngineError(`Target ${message}.`, at ?? path, `${hint[0].toUpperCase()}${hint.slice(1)}.`);
}

/** Why a task cannot have so many targets: a sentence and what to do, with the path in the request. */
export function countFault(count: number, task: Task): { path: string; message: string; hint: string } | null {
  const { several, optional } = taskOf(task).targets;
  if (several) {
    const message = `The task ${task} takes targets; none is named.`;
    return count > 0 ? null : { path: 'targets', message, hint: 'Name the columns to predict.' };
  }
  if (count === 1 || (optional && count === 0)) return null;
  const others = taskTable()
    .filter(({ targets }) => targets.several)
    .map(({ name }) => name);
  const without = taskTable()
    .filter(({ targets }) => targets.optional)
    .map(({ name }) => name);
  const hint =
    count === 0
      ? `Name the column to predict, or use a task that needs none: ${without.join(', ')}.`
      : `Name one column, or use a task of several targets: ${others.join(', ')}.`;
  return {
    path: count === 0 ? 'target' : 'targets',
    message: `The task ${task} takes one target; ${count} are named.`,
    hint,
  };
}
