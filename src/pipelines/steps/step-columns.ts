import { knownColumns, orderSteps, planColumns, stepOf, type KnownColumn, type StepFault } from '../../engine';
import { shown } from '../../formats';
import type { Fault } from '../../kernel';
import type { CompiledPipeline } from './pipeline.compiler';
import type { Step, StepEdge } from './step-graph';
import type { Profile } from '../advice/target-check';

/** What steps do wrong with the columns of a dataset version, which would stop the run. Paths as the engine's: `steps.<id>…`. */
export function stepIssues({ columns }: Profile, use: CompiledPipeline): Fault[] {
  const known = columns.map(({ name, isNumber, traits }): KnownColumn => {
    return { name, kind: isNumber ? 'number' : 'category', traits };
  });
  const { faults } = planColumns(use.steps ?? [], knownColumns(known, use));
  return [...rowFaults(use.steps ?? [], known), ...faults].map(({ step, path, message, hint }) => ({
    path: `steps.${step}${path}`,
    message,
    hint,
  }));
}

/** Steps of the rows stage read all columns, as they are in the table. */
function rowFaults(steps: NonNullable<CompiledPipeline['steps']>, known: KnownColumn[]): StepFault[] {
  return steps.flatMap(({ id, kind, parameters }) => {
    const faults: StepFault[] = [];
    stepOf(kind).rows?.check(parameters, known, (path, message, hint) =>
      faults.push({ step: id, path, message, hint }),
    );
    return faults;
  });
}

/** Stands for all columns that no step names. */
const OTHERS: KnownColumn = { name: '*', kind: 'number' };

/** Steps that clash whatever the dataset version is: each names the column, or takes all. Paths as the engine's. */
export function clashIssues(steps: Step[], edges: StepEdge[]): Fault[] {
  const names = new Set(steps.flatMap(({ parameters }) => namesIn(parameters)));
  const columns = [OTHERS, ...[...names].map((name): KnownColumn => ({ name, kind: 'number' }))];
  const { faults } = planColumns(orderSteps(steps, edges), { columns, withheld: new Map() });
  return faults.filter(isClash).map(({ step, message, hint }) => ({ path: `steps.${step}`, message, hint }));
}

const namesIn = ({ columns }: Record<string, unknown>): string[] => (columns as { names?: string[] })?.names ?? [];

const isClash = ({ path }: StepFault): boolean => path === '';

/** A step that takes rows out of parts works behind the split, so nothing that works on the table can follow it. */
export function placeIssues(steps: Step[], edges: StepEdge[]): Fault[] {
  if (edges.length === 0) return [];
  const limited = new Set(steps.filter(takesFromParts).map(({ id }) => id));
  return orderSteps(steps, edges).flatMap((step) => {
    const { rows, divides } = stepOf(step.kind);
    const early = step.after.find((id) => limited.has(id));
    if (early === undefined || limited.has(step.id) || !(rows || divides)) return [];
    const message = `${shown(early)} takes rows out of parts, and ${shown(step.id)} comes before there are parts`;
    return [{ path: `steps.${step.id}`, message, hint: `lead the edges from ${shown(step.id)} to ${shown(early)}` }];
  });
}

const takesFromParts = ({ kind, parameters }: Step): boolean =>
  (stepOf(kind).rows?.parts?.(parameters) ?? null) !== null;
