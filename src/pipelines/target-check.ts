import { ROWS_MIN, type Task } from '../engine';
import { didYouMean, type Issue } from '../kernel';
import type { CompiledPipeline } from './pipeline.compiler';

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

type ColumnUse = Pick<CompiledPipeline, 'target' | 'drop' | 'split'>;

/** What can be known to fail before a run starts. `paths` says where each column was named in the caller's input. */
export function columnIssues(
  profile: Profile,
  use: ColumnUse,
  paths: { target: string; drop: string; split: string },
): Issue[] {
  const issues = [...existenceIssue(profile, use.target, paths.target)];
  use.drop.forEach((name, i) => issues.push(...existenceIssue(profile, name, `${paths.drop}[${i}]`)));
  if (use.drop.includes(use.target)) {
    issues.push({ path: paths.drop, message: `leaves out the target "${use.target}"`, hint: 'take it out of drop' });
  }
  if (use.split.kind === 'column') issues.push(...splitIssues(profile, use.split.column, use.target, paths.split));
  const target = profile.columns.find(({ name }) => name === use.target);
  return target ? [...issues, ...valueIssues(target, profile.rowCount, paths.target)] : issues;
}

function existenceIssue({ columns }: Profile, name: string, path: string): Issue[] {
  if (columns.some((column) => column.name === name)) return [];
  const hint = didYouMean(
    name,
    columns.map((column) => column.name),
  );
  return [{ path, message: `the dataset version has no column "${name}"`, hint }];
}

function splitIssues(profile: Profile, column: string, target: string, path: string): Issue[] {
  if (column !== target) return existenceIssue(profile, column, path);
  return [{ path, message: 'is the target', hint: 'name the column that holds train and test' }];
}

function valueIssues(target: ProfiledColumn, rowCount: number, path: string): Issue[] {
  const known = rowCount - target.missingCount;
  if (known === 0) {
    return [{ path, message: `"${target.name}" has no value in any row`, hint: 'choose a column that is filled in' }];
  }
  if (target.distinctCount === 1) {
    const message = `"${target.name}" has the same value in every row, so there is nothing to learn`;
    return [{ path, message, hint: 'choose a column whose values differ' }];
  }
  if (known >= ROWS_MIN) return [];
  const message = `only ${known} rows have a value for "${target.name}"; training takes at least ${ROWS_MIN}`;
  return [{ path, message, hint: 'add rows, or choose a target that is filled in for more of them' }];
}

const CLASSES_MAX = 10;
const ROWS_PER_CLASS_MIN = 10;

/** What a run would predict when the task is left open; the same rule as the engine's, applied to the profile. */
export function taskOf({ isNumber, isInteger, missingCount, distinctCount }: ProfiledColumn, rowCount: number): Task {
  if (distinctCount === 2) return 'binary';
  if (!isNumber) return 'multiclass';
  const few = distinctCount <= CLASSES_MAX && rowCount - missingCount >= distinctCount * ROWS_PER_CLASS_MIN;
  return isInteger && few ? 'multiclass' : 'regression';
}
