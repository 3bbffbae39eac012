/** Steps that have to do with one column, and between which no edges lead. */
import { shown } from '../../formats';
import { stepOf } from '../steps/registry';
import type { PlannedStep } from '../types';

/** `path`: below the parameters of the step. */
export interface StepFault {
  step: string;
  path: string;
  message: string;
  hint: string;
}

/** The column that a step makes, whatever the dataset has; null: none. */
export const madeBy = ({ kind, parameters }: PlannedStep): string | null =>
  stepOf(kind).columns?.makes?.(parameters) ?? null;

/** Two steps that make one column without a path between them. */
export function makerFaults(steps: readonly PlannedStep[]): StepFault[] {
  const makers = steps.filter((step) => madeBy(step) !== null);
  return makers.flatMap((step, i) => {
    const name = madeBy(step)!;
    const other = makers.slice(0, i).find((each) => madeBy(each) === name && !step.after.includes(each.id));
    return other ? [{ step: step.id, path: '', ...clash(name, [other.id, step.id], [true, true]) }] : [];
  });
}

/** What is wrong, and what to do. @param ids of the two steps. @param writes whether each changes the column */
export function clash(
  column: string,
  [first, second]: string[],
  [firstWrites, secondWrites]: boolean[],
): Pick<StepFault, 'message' | 'hint'> {
  const what = firstWrites && secondWrites ? 'both change' : 'have to do with';
  const how = firstWrites && secondWrites ? '' : `, which ${shown(firstWrites ? first : second)} changes`;
  return {
    message: `${shown(first)} and ${shown(second)} ${what} column ${shown(column)}${how}, and no edges lead from one to the other`,
    hint: `add an edge between ${shown(first)} and ${shown(second)}, in the order that is meant`,
  };
}
