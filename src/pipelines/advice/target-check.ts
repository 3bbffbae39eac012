import {
  amountsOf,
  chooseTask,
  costsFault,
  groupColumn,
  groupFault,
  countFault,
  splitColumn,
  splitFaults,
  stepOf,
  taskOf,
  weightFault,
  type ColumnTraits,
  type SplitOptions,
  type TargetFacts,
  type Task,
} from '../../engine';
import { didYouMean, type Fault } from '../../kernel';
import { asFault, misfits } from '../steps/family-check';
import type { CompiledPipeline } from '../steps/pipeline.compiler';
import { shown } from '../../formats';

/** What a profile says about a column, as far as training is concerned. */
export interface ProfiledColumn {
  name: string;
  /** True when training reads it as numbers. */
  isNumber: boolean;
  isInteger: boolean;
  missingCount: number;
  distinctCount: number;
  /** The least of numbers. */
  minimum?: number;
  /** By which steps choose columns. */
  traits?: ColumnTraits;
}

export interface Profile {
  rowCount: number;
  columns: ProfiledColumn[];
}

type ColumnUse = Pick<CompiledPipeline, 'target' | 'drop' | 'split' | 'task'> &
  Partial<Pick<CompiledPipeline, 'estimator' | 'steps' | 'errorCosts' | 'groups' | 'weight'>>;

/** What can be known to fail before a run starts. Paths as the engine's. */
export function columnIssues(profile: Profile, use: ColumnUse): Fault[] {
  const targets = [use.target].flat();
  const pathOf = (i: number): string => (typeof use.target === 'string' ? 'target' : `targets[${i}]`);
  const issues = targets.flatMap((name, i) => existenceIssue(profile, name, pathOf(i)));
  use.drop.forEach((name, i) => issues.push(...existenceIssue(profile, name, `drop[${i}]`)));
  for (const name of targets.filter((target) => use.drop.includes(target))) {
    issues.push({ path: 'drop', message: `leaves out the target ${shown(name)}`, hint: 'take it out of drop' });
  }
  issues.push(...splitIssues(profile, use.split, targets), ...groupIssues(profile, use.groups ?? [], targets));
  issues.push(...weightIssues(profile, use, targets));
  return [...issues, ...learningIssues(profile, use, pathOf)];
}

function existenceIssue({ columns }: Profile, name: string, path: string): Fault[] {
  if (columns.some((column) => column.name === name)) return [];
  const hint = () =>
    didYouMean(
      name,
      columns.map((column) => column.name),
    );
  return [{ path, message: `the dataset version has no column ${shown(name)}`, hint }];
}

function splitIssues(profile: Profile, split: SplitOptions, targets: string[]): Fault[] {
  const read = splitColumn(split);
  if (!read) return [];
  const path = 'split.column';
  if (targets.includes(read.name)) {
    return [{ path, message: 'is the target', hint: `name the column that holds ${read.holds}` }];
  }
  const traits = profile.columns.find(({ name }) => name === read.name)?.traits;
  if (!traits) return existenceIssue(profile, read.name, path);
  return splitFaults(split, traits).map(({ option, ...fault }) => ({ path: `split.${option}`, ...fault }));
}

function groupIssues(profile: Profile, groups: string[], targets: string[]): Fault[] {
  return groups.flatMap((name, i) => {
    const path = `groups[${i}]`;
    if (!targets.includes(name)) return existenceIssue(profile, name, path);
    return [{ path, message: 'is a target', hint: 'name a column that tells groups of rows apart' }];
  });
}

function weightIssues(profile: Profile, use: ColumnUse, targets: string[]): Fault[] {
  const { weight: name } = use;
  if (name === undefined) return [];
  const path = 'weight';
  const hint = 'name a column of numbers, 0 or more, that says how much rows count';
  if (targets.includes(name)) return [{ path, message: 'is a target', hint }];
  const column = profile.columns.find((each) => each.name === name);
  if (!column) return existenceIssue(profile, name, path);
  if (!column.isNumber) return [{ path, message: `${shown(name)} is no column of numbers`, hint }];
  if (takesRowsOut(use) || (column.minimum ?? 0) >= 0) return [];
  return [{ path, message: `${shown(name)} is ${column.minimum} at least once; weights are 0 or more`, hint }];
}

/** Those of the engine, which would stop the run. */
function learningIssues(profile: Profile, use: ColumnUse, pathOf: (i: number) => string): Fault[] {
  const facts = [use.target].flat().map((name) => targetFacts(profile, name));
  if (facts.some((one) => one === null)) return [];
  const possible = [facts as TargetFacts[]];
  // Of the rows that are left there may be as few values as two: what is wrong with many is told by the run.
  if (takesRowsOut(use)) possible.push(possible[0].map((one) => ({ ...one, distinct: Math.min(one.distinct, 2) })));
  const negative = takesRowsOut(use) ? [] : amountIssues(profile, use, pathOf);
  const found = possible.map((each) => [...valueIssues(each, use, pathOf), ...negative]);
  if (found.every(({ length }) => length > 0)) return found[0];
  const tasks = possible.filter((_, i) => found[i].length === 0).map((each) => chooseTask(each, use.task));
  return use.estimator ? misfits(use.estimator, tasks) : [];
}

/** Counts and amounts that are negative, where every row is used. */
function amountIssues({ columns }: Profile, { target, estimator }: ColumnUse, pathOf: (i: number) => string): Fault[] {
  if (!estimator || amountsOf(estimator) === null) return [];
  return [target].flat().flatMap((name, i) => {
    const minimum = columns.find((column) => column.name === name)?.minimum ?? 0;
    if (minimum >= 0) return [];
    const message = `${shown(name)} is ${minimum} at least once, and the loss ${String(estimator.parameters.loss)} is of counts and amounts, 0 or more`;
    return [
      { path: pathOf(i), message, hint: 'leave such rows out by a step FILTER, or use another loss, such as mse' },
    ];
  });
}

const takesRowsOut = ({ steps }: ColumnUse): boolean =>
  steps?.some(({ kind }) => stepOf(kind).rows !== undefined) ?? false;

function valueIssues(
  facts: TargetFacts[],
  { task, errorCosts, split, weight }: ColumnUse,
  pathOf: (i: number) => string,
): Fault[] {
  const chosen = chooseTask(facts, task);
  const count = countFault(facts.length, chosen);
  if (count) return [asFault(count)];
  const groups = groupFault(chosen, groupColumn(split));
  if (groups) return [{ ...groups, path: 'split' }];
  const weights = weight === undefined ? null : weightFault(chosen);
  if (weights) return [{ ...weights, path: 'weight' }];
  const { targets } = taskOf(chosen);
  const issues = facts.flatMap((one, i) => {
    const fault = targets.fault(one);
    return fault ? [{ path: fault.at ?? pathOf(i), message: fault.message, hint: fault.hint }] : [];
  });
  const costs = errorCosts && costsFault(chosen, facts[0]?.distinct ?? 0);
  return issues.length === 0 && costs ? [{ ...costs, path: 'errorCosts' }] : issues;
}

/** Null where there is no such column. */
export function targetFacts({ rowCount, columns }: Profile, name: string): TargetFacts | null {
  const column = columns.find((known) => known.name === name);
  if (!column) return null;
  const { isNumber, isInteger, missingCount, distinctCount } = column;
  return { name, isNumber, isInteger, known: rowCount - missingCount, distinct: distinctCount };
}

/** What a run would predict when the task is left open. */
export const taskOfAll = (profile: Profile, targets: string[]): Task =>
  chooseTask(
    targets.map((name) => targetFacts(profile, name)!),
    null,
  );
