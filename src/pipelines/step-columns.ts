import { knownColumns, orderSteps, planColumns, type KnownColumn, type StepFault } from '../engine';
import type { Fault } from '../kernel';
import type { CompiledPipeline } from './pipeline.compiler';
import type { Step, StepEdge } from './step-graph';
import type { Profile } from './target-check';

/** What steps do wrong with the columns of a dataset version, which would stop the run. Paths as the engine's: `steps.<id>…`. */
export function stepIssues({ columns }: Profile, use: CompiledPipeline): Fault[] {
  const known = columns.map(({ name, isNumber, traits }): KnownColumn => {
    return { name, kind: isNumber ? 'number' : 'category', traits };
  });
  const { faults } = planColumns(use.steps ?? [], knownColumns(known, use));
  return faults.map(({ step, path, message, hint }) => ({ path: `steps.${step}${path}`, message, hint }));
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
