/** From the steps that repeat at serving to the columns that they make, before there are values. Pure. */
import { shown } from '../../formats';
import { absence } from '../columns/choice';
import type { KnownColumn, KnownColumns, TellFault } from '../columns/definition';
import type { StepFault } from '../columns/clashes';
import { stepOf } from '../steps/registry';
import type { PlannedStep } from '../types';
import type { HistoryColumn, RepeatedStage, Unit } from './definition';

type Step = Pick<PlannedStep, 'id' | 'kind' | 'parameters'>;

export interface HistoryStep {
  step: Step;
  makes: HistoryColumn[];
}

export interface HistoryPlan {
  unit: Unit;
  steps: HistoryStep[];
  faults: StepFault[];
}

/** Of a pipeline: null where no step repeats at serving. */
export function planHistory(
  steps: readonly Step[],
  columns: readonly KnownColumn[],
  { target }: { target: string | string[] },
): HistoryPlan | null {
  const unit = unitOf(steps);
  if (!unit) return null;
  const faults: StepFault[] = [...unitFaults(steps)];
  const makers = new Map<string, string>();
  const planned = steps.flatMap((step) => {
    const stage = repeated(step);
    if (!stage) return [];
    const fault: TellFault = (path, message, hint) => faults.push({ step: step.id, path, message, hint });
    const makes = makesOf(step);
    const known = { columns, withheld: new Map<string, string>() };
    checkUnit(stage.unit(step.parameters), { known, target: [target].flat() }, fault);
    const use = { known, makers, target: [target].flat(), step: step.id, key: unit.key };
    for (const column of makes) checkColumn(column, use, fault);
    stage.check?.(step.parameters, columns, fault);
    return [{ step, makes }];
  });
  return { unit, steps: planned, faults };
}

/** The columns of the table and those that are made of the history, each like that which it is made of. */
export function withHistory<C extends KnownColumn>(steps: readonly Step[], columns: readonly C[]): C[] {
  const plan = planHistory(steps, columns, { target: [] });
  const added = plan?.steps.flatMap(({ makes }) =>
    makes.map(({ name, reads, takes }): C => {
      const column = columns.find((each) => each.name === reads);
      return { ...column!, name, kind: takes ?? column?.kind ?? 'number', traits: undefined };
    }),
  );
  return [...columns, ...(added ?? [])];
}

/** What the steps of a pipeline say of an entity; null where none does. They agree (`unitFaults`). */
export function unitOf(steps: readonly Step[]): Unit | null {
  for (const step of steps) {
    const stage = repeated(step);
    if (stage) return stage.unit(step.parameters);
  }
  return null;
}

/** A model has one unit: steps that name another column than the first one. */
export function unitFaults(steps: readonly Step[]): StepFault[] {
  const unit = unitOf(steps);
  const first = steps.find(repeated);
  return steps.flatMap((step) => {
    const stepUnit = repeated(step)?.unit(step.parameters);
    return (['key', 'order'] as const)
      .filter((part) => stepUnit && stepUnit[part] !== unit![part])
      .map((part) => ({
        ...{ step: step.id, path: `.${part}` },
        message: `is ${shown(stepUnit![part])}, and that of ${shown(first!.id)} is ${shown(unit![part])}: a model has one history`,
        hint: 'name the same key and order in all steps that read the history',
      }));
  });
}

/** The columns that a step makes of a history; none of one that does not. */
export const makesOf = (step: Step): HistoryColumn[] => repeated(step)?.makes(step.parameters) ?? [];

export function repeated({ kind }: Step): RepeatedStage<unknown> | null {
  const stage = stepOf(kind).rows;
  return stage?.atServing === 'repeat' ? stage : null;
}

interface UnitUse {
  known: KnownColumns;
  target: string[];
}

function checkUnit(unit: Unit, { known, target }: UnitUse, fault: TellFault): void {
  for (const part of ['key', 'order'] as const) {
    const name = unit[part];
    const column = known.columns.find((each) => each.name === name);
    if (!column) fault(`.${part}`, ...absence(name, known));
    else if (target.includes(name)) fault(`.${part}`, `column ${shown(name)} is the target`, 'take another column');
    else if (part === 'order' && column.kind !== 'number') {
      const hint = 'name a column of times, dates or numbers; the type of a column can be said when the file is read';
      fault('.order', `column ${shown(name)} holds texts`, hint);
    }
  }
  if (unit.key === unit.order) fault('.order', 'is the key', 'name the column that says when a row was');
}

function checkColumn(
  { name, reads, path, takes, readsCurrent }: HistoryColumn,
  { known, target, makers, step, key }: UnitUse & { makers: Map<string, string>; step: string; key: string },
  fault: TellFault,
): void {
  const column = known.columns.find((each) => each.name === reads);
  if (!column) return fault(path, ...absence(reads, known));
  if (takes !== null && column.kind !== takes)
    return fault(path, `column ${shown(reads)} holds texts`, 'name columns of numbers');
  if (reads === key)
    return fault(path, `column ${shown(reads)} names the entity, in all its rows alike`, 'take another column');
  if (readsCurrent && target.includes(reads)) {
    const hint = 'leave the row itself out: set current to false';
    return fault(path, `column ${shown(reads)} is the target, which a row to predict does not have`, hint);
  }
  const other = makers.get(name) ?? (known.columns.some((each) => each.name === name) ? null : undefined);
  if (other !== undefined) {
    const who = other === null ? 'the dataset has' : other === step ? 'the step makes' : `${shown(other)} makes`;
    return fault(
      path,
      `makes column ${shown(name)}, which ${who} already`,
      'name each column once, or rename the column of the dataset',
    );
  }
  makers.set(name, step);
}
