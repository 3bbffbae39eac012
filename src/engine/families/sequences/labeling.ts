/** The steps of a row, and families that can give each a label of its own. */
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

/** How many steps of so many channels a row has; throws EngineError when they do not divide it. */
export function stepsOf(width: number, channels: number): number {
  if (width % channels === 0) return width / channels;
  throw new EngineError(
    `${width} features cannot be divided into steps of ${channels} channels.`,
    'estimator.parameters.channels',
    'Choose a divisor of the number of features; each step holds its channels side by side.',
  );
}
