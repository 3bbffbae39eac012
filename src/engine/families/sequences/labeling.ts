/** Families that can give each step of a sequence a label of its own. */
import { labelsSteps } from '../../tasks/registry';
import { EngineError } from '../../types';
import type { Dimensions } from '../training/program';

/** Whether the task is that; throws EngineError when the steps are not as many as the targets. Null: the input has no steps. */
export function labelsEachStep({ task, targets = 1 }: Dimensions, steps: number | null): boolean {
  if (!labelsSteps(task) || steps === targets) return labelsSteps(task);
  if (steps === null) {
    throw new EngineError(
      'A table has no steps to label.',
      'estimator.parameters.input',
      'Set input to sequence or tokens.',
    );
  }
  throw new EngineError(
    `A row has ${steps} steps and ${targets} targets; each step takes one target, in the same order.`,
    'targets',
    'Name as many targets as there are steps, drop columns that are not steps, or set the channels of a step.',
  );
}
