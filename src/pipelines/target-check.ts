import { CLASSES_MAX, ROWS_MIN, type Task } from '../engine';
import { didYouMean, type Fault } from '../kernel';
import type { CompiledPipeline } from './pipeline.compiler';
import { shown } from '../formats';

/** What a profile says about a column, as far as training is concerned. */
export interface ProfiledColumn {
  name: string;
  /** True when training reads it as numbers. */
  isNumber: boolean;
  isInteger: boolean;
  missingCount: number;
  distinctCount: number;
}

export interface Profile {
  rowCount: number;
  columns: ProfiledColumn[];
}

type ColumnUse = Pick<CompiledPipeline, 'target' | 'drop' | 'split' | 'task'>;

/** What can be known to fail before a run starts. `paths` says where each column was named in the caller's input. */
export function columnIssues(
  profile: Profile,
  use: ColumnUse,
  paths: { target: string; targets: string; drop: string; split: string },
): Fault[] {
  const targets = [use.target].flat();
  const pathOf = (i: number): string => (typeof use.target === 'string' ? paths.target : `${paths.targets}[${i}]`);
  const issues = targets.flatMap((name, i) => existenceIssue(profile, name, pathOf(i)));
  use.drop.forEach((name, i) => issues.push(...existenceIssue(profile, name, `${paths.drop}[${i}]`)));
  for (const name of targets.filter((target) => use.drop.includes(target))) {
    issues.push({ path: paths.drop, message: `leaves out the target ${shown(name)}`, hint: 'take it out of drop' });
  }
  if (use.split.kind === 'column') issues.push(...splitIssues(profile, use.split.column, targets, paths.split));
  targets.forEach((name, i) => {
    const column = profile.columns.find((known) => known.name === name);
    if (column)
      issues.push(...valueIssues(column, { rowCount: profile.rowCount, path: pathOf(i), task: taskFor(use) }));
  });
  return issues;
}

/** Null for a single target whose values decide. */
const taskFor = ({ task, target }: ColumnUse): Task | 'several' | null =>
  task ?? (typeof target === 'string' || target.length === 1 ? null : 'several');

function existenceIssue({ columns }: Profile, name: string, path: string): Fault[] {
  if (columns.some((column) => column.name === name)) return [];
  const hint = () =>
    didYouMean(
      name,
      columns.map((column) => column.name),
    );
  return [{ path, message: `the dataset version has no column ${shown(name)}`, hint }];
}

function splitIssues(profile: Profile, column: string, targets: string[], path: string): Fault[] {
  if (!targets.includes(column)) return existenceIssue(profile, column, path);
  return [{ path, message: 'is the target', hint: 'name the column that holds train and test' }];
}

function valueIssues(
  target: ProfiledColumn,
  { rowCount, path, task }: { rowCount: number; path: string; task: Task | 'several' | null },
): Fault[] {
  const known = rowCount - target.missingCount;
  if (known === 0) {
    return [
      { path, message: `${shown(target.name)} has no value in any row`, hint: 'choose a column that is filled in' },
    ];
  }
  // A step of a sequence may have the same label in every row.
  if (task === 'sequence_labeling' || task === 'several') return [];
  if (target.distinctCount === 1) {
    const message = `${shown(target.name)} has the same value in every row, so there is nothing to learn`;
    return [{ path, message, hint: 'choose a column whose values differ' }];
  }
  if ((task === 'multilabel' || task === 'anomaly') && target.distinctCount !== 2) {
    const message = `${shown(target.name)} has ${target.distinctCount} different values; the task ${task} takes two`;
    return [{ path, message, hint: 'choose a column of two values, such as 0 and 1' }];
  }
  if (known < ROWS_MIN && task !== 'multilabel' && task !== 'multi_regression') {
    const message = `only ${known} rows have a value for ${shown(target.name)}; training takes at least ${ROWS_MIN}`;
    return [{ path, message, hint: 'add rows, or choose a target that is filled in for more of them' }];
  }
  return (task ?? taskOf(target, rowCount)) === 'multiclass' ? classIssues(target, { known, path }) : [];
}

const ROWS_PER_CLASS = 2;

/** The same bounds as the engine's, which would stop the run. */
function classIssues(
  { name, distinctCount, isNumber }: ProfiledColumn,
  { known, path }: { known: number; path: string },
): Fault[] {
  if (distinctCount <= CLASSES_MAX && distinctCount * ROWS_PER_CLASS <= known) return [];
  const message = `${shown(name)} has ${distinctCount} different values in ${known} rows, too many to be classes: at most ${CLASSES_MAX}, each in ${ROWS_PER_CLASS} rows on average`;
  return [{ path, message, hint: isNumber ? 'use the task regression' : 'group its values into fewer classes' }];
}

const INTEGER_CLASSES_MAX = 10;
const ROWS_PER_CLASS_MIN = 10;

/** What a run would predict when the task is left open; the same rule as the engine's, applied to the profile. */
export function taskOf({ isNumber, isInteger, missingCount, distinctCount }: ProfiledColumn, rowCount: number): Task {
  if (distinctCount === 2) return 'binary';
  if (!isNumber) return 'multiclass';
  const few = distinctCount <= INTEGER_CLASSES_MAX && rowCount - missingCount >= distinctCount * ROWS_PER_CLASS_MIN;
  return isInteger && few ? 'multiclass' : 'regression';
}

/** The same of any number of targets. */
export function taskOfAll(targets: ProfiledColumn[], rowCount: number): Task {
  if (targets.length === 0) return 'anomaly';
  if (targets.length === 1) return taskOf(targets[0], rowCount);
  if (targets.every(({ distinctCount }) => distinctCount === 2)) return 'multilabel';
  const numbers = targets.every(({ isNumber }) => isNumber);
  const some = targets.some((target) => taskOf(target, rowCount) === 'regression');
  return numbers && some ? 'multi_regression' : 'sequence_labeling';
}
