/** Of which targets errors may cost differently. */
import type { Task } from '../types';
import { hasSeveralTargets, learnsClasses } from './registry';

/** Why those of a target with so many classes may not; sentences without a full stop. */
export function costsFault(task: Task, classes: number): { message: string; hint: string } | null {
  if (learnsClasses(task) && !hasSeveralTargets(task) && classes === 2) return null;
  return {
    message: 'errorCosts are of a target of two classes',
    hint: 'leave errorCosts out, or choose such a target',
  };
}
