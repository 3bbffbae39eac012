import {
  chooseTask,
  splitColumn,
  taskOf,
  type ColumnTraits,
  type SplitOptions,
  type TargetFacts,
  type Task,
} from '../../engine';
import { didYouMean, type Fault } from '../../kernel';
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
  /** By which steps choose columns. */
  traits?: ColumnTraits;
}

export interface Profile {
  rowCount: number;
  columns: ProfiledColumn[];
}

/** Where each column, and the task, was named in the caller's input. */
interface ColumnPaths {
  target: string;
  targets: string;
  task: string;
  drop: string;
  split: string;
}

type ColumnUse = Pick<CompiledPipeline, 'target' | 'drop' | 'split' | 'task'>;

/** What can be known to fail before a run starts. */
export function columnIssues(profile: Profile, use: ColumnUse, paths: ColumnPaths): Fault[] {
  const targets = [use.target].flat();
  const pathOf = (i: number): string => (typeof use.target === 'string' ? paths.target : `${paths.targets}[${i}]`);
  const issues = targets.flatMap((name, i) => existenceIssue(profile, name, pathOf(i)));
  use.drop.forEach((name, i) => issues.push(...existenceIssue(profile, name, `${paths.drop}[${i}]`)));
  for (const name of targets.filter((target) => use.drop.includes(target))) {
    issues.push({ path: paths.drop, message: `leaves out the target ${shown(name)}`, hint: 'take it out of drop' });
  }
  issues.push(...splitIssues(profile, use.split, targets, paths.split));
  return [...issues, ...valueIssues(profile, use, { pathOf, task: paths.task })];
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

function splitIssues(profile: Profile, split: SplitOptions, targets: string[], path: string): Fault[] {
  const read = splitColumn(split);
  if (!read) return [];
  if (!targets.includes(read.name)) return existenceIssue(profile, read.name, path);
  return [{ path, message: 'is the target', hint: `name the column that holds ${read.holds}` }];
}

/** Those of the engine, which would stop the run. */
function valueIssues(
  profile: Profile,
  { target, task }: ColumnUse,
  paths: { pathOf: (i: number) => string; task: string },
): Fault[] {
  const names = [target].flat();
  const facts = names.map((name) => targetFacts(profile, name));
  if (facts.some((one) => one === null)) return [];
  const { targets } = taskOf(chooseTask(facts as TargetFacts[], task));
  return facts.flatMap((one, i) => {
    const fault = targets.fault(one!);
    if (!fault) return [];
    const { message, hint, at } = fault;
    return [{ path: at ? paths[at] : paths.pathOf(i), message, hint }];
  });
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
