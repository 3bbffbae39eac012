import {
  knownColumns,
  makerFaults,
  orderSteps,
  planColumns,
  planHistory,
  stepOf,
  unitFaults,
  withHistory,
  type KnownColumn,
  type StepFault,
} from '../../engine';
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
  const steps = use.steps ?? [];
  const history = planHistory(steps, known, use)?.faults ?? [];
  const all = withHistory(steps, known);
  const { faults } = planColumns(steps, knownColumns(all, use));
  return [...history, ...rowFaults(steps, all), ...faults].map(({ step, path, message, hint }) => ({
    path: `steps.${step}${path}`,
    message,
    hint,
  }));
}

/** Steps that choose rows read all columns, as they are in the table, and those that are made of a history. */
function rowFaults(steps: NonNullable<CompiledPipeline['steps']>, known: KnownColumn[]): StepFault[] {
  return steps.flatMap(({ id, kind, parameters }) => {
    const faults: StepFault[] = [];
    const { rows } = stepOf(kind);
    if (rows?.atServing === 'omit') {
      rows.check(parameters, known, (path, message, hint) => faults.push({ step: id, path, message, hint }));
    }
    return faults;
  });
}

/** Stands for all columns that no step names. */
const OTHERS: KnownColumn = { name: '*', kind: 'number' };

/** Steps that clash whatever the dataset version is: each names the column, or takes all. Paths as the engine's. */
export function clashIssues(steps: Step[], edges: StepEdge[]): Fault[] {
  const names = new Set(steps.flatMap(({ parameters }) => namesIn(parameters)));
  const columns = [OTHERS, ...[...names].map((name): KnownColumn => ({ name, kind: 'number' }))];
  const ordered = orderSteps(steps, edges);
  const { faults } = planColumns(ordered, { columns, withheld: new Map() });
  const found = new Map<string, Fault>();
  for (const { step, message, hint } of [...makerFaults(ordered), ...faults.filter(isClash)]) {
    found.set(`${step} ${message}`, {
      path: `steps.${step}`,
      message: message.replace(COLUMN_OF_OTHERS, 'the same columns'),
      hint,
    });
  }
  return [...found.values()];
}

/** As a fault names it. */
const COLUMN_OF_OTHERS = 'column "*"';

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

function takesFromParts({ kind, parameters }: Step): boolean {
  const { rows } = stepOf(kind);
  return rows?.atServing === 'omit' && (rows.parts?.(parameters) ?? null) !== null;
}

/** A model has one history, which no step takes rows out of: what is made of it at serving would differ. */
export function historyIssues(steps: Step[], edges: StepEdge[]): Fault[] {
  const units = unitFaults(steps).map(({ step, path, ...fault }) => ({ path: `steps.${step}${path}`, ...fault }));
  const omitting = new Set(steps.filter(({ kind }) => stepOf(kind).rows?.atServing === 'omit').map(({ id }) => id));
  const early = orderSteps(steps, edges).flatMap(({ id, kind, after }) => {
    const other = after.find((one) => omitting.has(one));
    if (other === undefined || stepOf(kind).rows?.atServing !== 'repeat') return [];
    const message = `${shown(id)} reads the whole history, and ${shown(other)} takes rows out before`;
    return [{ path: `steps.${id}`, message, hint: `lead the edges from ${shown(id)} to ${shown(other)}` }];
  });
  return [...units, ...early];
}
