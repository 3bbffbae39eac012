/** From a table and a request to the task, the target and the columns that become features. */
import { shown, shownList } from '../../formats';
import {
  EngineError,
  rowNumber,
  type Column,
  type ColumnTraits,
  type PlannedStep,
  type SplitOptions,
  type Table,
  type Task,
} from '../types';
import { hasSeveralTargets, learnsFeatures } from '../tasks/registry';
import { copyOfTarget, emptyOrIdentifier, type Sampled } from './suspicion';
import type { Target } from '../tasks/targets/target';
import { knownColumns, knownOf } from '../columns/known';
import { checkPlan, planColumns } from '../columns/plan';
import { unitOf } from '../history/plan';
import { splitColumn } from '../splits';
import type { Targets } from '../tasks/targets/shape';

export interface SelectionRequest {
  table: Table;
  target: string | string[];
  task: Task | null;
  drop: string[];
  remarks?: ReadonlyMap<string, string>;
  split: SplitOptions;
  /** The column of the weights of rows. */
  weight?: string;
  steps?: readonly PlannedStep[];
  /** What the dataset says of columns, by name. */
  traits?: ReadonlyMap<string, ColumnTraits>;
  /** The columns are steps of a sequence, of which none is left out but at request. */
  inOrder?: boolean;
}

export interface Selection {
  target: Targets;
  features: Column[];
  leftOut: { column: string; reason: string }[];
  /** What a person should know about the choice, in order. */
  notes: { level: 'info' | 'warn'; message: string }[];
}

/** Checks all names of the request; returns the target columns. Throws EngineError with the path of the fault in the request. */
export function checkColumns(request: SelectionRequest): Column[] {
  const { table, drop, split } = request;
  checkTable(table);
  const names = [request.target].flat();
  const targetColumns = findTargets(table, request.target);
  drop.forEach((name, i) => find(table, name, `drop[${i}]`));
  const dropped = names.find((name) => drop.includes(name));
  if (dropped !== undefined) {
    throw new EngineError(`Target ${shown(dropped)} is also in drop.`, 'drop', 'Take it out of drop.');
  }
  const read = splitColumn(split);
  if (read) find(table, read.name, 'split.column');
  if (read && names.includes(read.name)) {
    throw new EngineError(
      `The split column is ${names.length > 1 ? 'a' : 'the'} target.`,
      'split.column',
      `Name the column that holds ${read.holds}.`,
    );
  }
  checkWeight(request, names);
  return targetColumns;
}

function checkWeight({ table, weight }: SelectionRequest, targets: string[]): void {
  if (weight === undefined) return;
  find(table, weight, 'weight');
  if (targets.includes(weight))
    throw new EngineError(`${shown(weight)} is a target.`, 'weight', 'Name the column that says how much rows count.');
}

type Rows = Pick<Table, 'rowCount' | 'origins'>;

interface Whole extends Rows {
  seen: Targets;
  rowNumbers?: Uint32Array;
}

/**
 * Of a table that is a sample of another one: `target` is of that one, which has `rowCount` rows; `seen` are its values in
 * the rows of the sample.
 */
export function chooseFeatures(
  request: SelectionRequest,
  target: Targets,
  { seen, rowCount, origins, rowNumbers }: Whole,
): Selection {
  const { table } = request;
  const names = [request.target].flat();
  const sampled = rowNumbers ? { rowNumbers, rowCount } : null;
  const set: { features: Column[]; leftOut: Selection['leftOut']; copies: Selection['leftOut'] } = {
    features: [],
    leftOut: [],
    copies: [],
  };
  for (const column of table.columns) {
    if (names.includes(column.name)) continue;
    const reason =
      requestReason(column.name, request) ?? (request.inOrder ? null : contentReason(column, sampled, request));
    const copy = reason === null && !request.inOrder ? copyOfAny(column, seen) : null;
    if (reason !== null) set.leftOut.push({ column: column.name, reason });
    else if (copy !== null) set.copies.push({ column: column.name, reason: copy });
    else set.features.push(column);
  }
  return settleCopies(request, target, set, notesOnTarget({ rowCount, origins }, target));
}

function findTargets(table: Table, target: string | string[]): Column[] {
  if (typeof target === 'string') return [find(table, target, 'target')];
  return target.map((name, i) => {
    if (target.indexOf(name) === i) return find(table, name, `targets[${i}]`);
    throw new EngineError(`Target ${shown(name)} is named twice.`, `targets[${i}]`, 'Name it once.');
  });
}

/** Of targets of a sequence a feature may well be a copy: the step before. */
export function copyOfAny(column: Column, { task, columns }: Targets): string | null {
  if (learnsFeatures(task)) return null;
  for (const target of columns) {
    const reason = copyOfTarget(column, target);
    if (reason !== null)
      return columns.length === 1 ? reason : reason.replace('the target', `the target ${shown(target.name)}`);
  }
  return null;
}

function requestReason(name: string, { drop, split, steps, weight }: SelectionRequest): string | null {
  const read = splitColumn(split);
  if (name === weight) return 'It holds the weights of the rows.';
  if (name === read?.name) return read.leftOut;
  if (name === unitOf(steps ?? [])?.key) return 'It names the entity, of whose history features are made.';
  return drop.includes(name) ? 'Excluded by the request.' : null;
}

function contentReason(column: Column, sampled: Sampled | null, { remarks }: SelectionRequest): string | null {
  const reason = emptyOrIdentifier(column, sampled);
  const remark = remarks?.get(column.name);
  return reason !== null && remark !== undefined ? `${reason} ${remark}` : reason;
}

/** Steps make columns, which are learnt from. Throws EngineError where they cannot. */
function makesFeatures({ table, steps = [], traits, ...use }: SelectionRequest): boolean {
  const known = knownColumns(
    table.columns.map((column) => knownOf(column, traits)),
    { ...use, steps },
  );
  const plan = planColumns(steps, known);
  checkPlan(plan);
  return plan.columns.some(({ isComputed }) => isComputed);
}

/** Copies of the target are left out, unless nothing else is there to learn from. */
function settleCopies(
  request: SelectionRequest,
  target: Targets,
  { features, leftOut, copies }: { features: Column[]; leftOut: Selection['leftOut']; copies: Selection['leftOut'] },
  notes: Selection['notes'],
): Selection {
  if (features.length > 0 || makesFeatures(request))
    return { target, features, leftOut: [...leftOut, ...copies], notes };
  if (copies.length === 0) {
    const hint = leftOut.map(({ column, reason }) => `${shown(column)}: ${reason}`).slice(0, 10);
    throw new EngineError(
      'No column is left to learn from.',
      'table',
      hint.length > 0 ? hint.join(' ') : 'Add at least one column besides the target.',
    );
  }
  const names = new Set(copies.map(({ column }) => column));
  const only = request.table.columns.filter(({ name }) => names.has(name));
  const message = `${copies.map(({ column, reason }) => `${shown(column)}: ${reason}`).join(' ')} Kept, as no other column is left.`;
  return { target, features: only, leftOut, notes: [...notes, { level: 'warn', message }] };
}

function notesOnTarget(whole: Rows, target: Targets): Selection['notes'] {
  const { task, columns } = target;
  if (!hasSeveralTargets(task) && !learnsFeatures(task)) return notesOnOne(whole, task, columns[0]);
  const notes: Selection['notes'] = [];
  const unused = unusedRows(whole, target.rows);
  if (unused !== null)
    notes.push({ level: 'warn', message: `${unused.count} without a value for any target ${unused.are}.` });
  if (learnsFeatures(task)) {
    const [label] = columns;
    const by = label
      ? ` ${shown(label.name)} is kept to evaluate by; an anomaly is ${shown(label.labels![1])}. ${otherOf(label.labels!)}`
      : '';
    return [{ level: 'info', message: `Task ${task}; ${target.rows.length} rows.${by}` }];
  }
  const missing = columns.reduce((sum, { rows }) => sum + target.rows.length - rows.length, 0);
  const gaps = missing > 0 ? `, ${missing} of their values are missing and count nothing` : '';
  notes.push({ level: 'info', message: `Task ${task}, ${columns.length} targets; ${target.rows.length} rows${gaps}.` });
  return notes;
}

function notesOnOne(whole: Rows, task: Task, { name, labels, values, rows }: Target): Selection['notes'] {
  const notes: Selection['notes'] = [];
  const unused = unusedRows(whole, rows);
  if (unused !== null)
    notes.push({ level: 'warn', message: `${unused.count} without a value for ${shown(name)} ${unused.are}.` });
  const what = labels === null ? '' : `, classes ${shownList(labels, 10)}`;
  notes.push({ level: 'info', message: `Task ${task}${what}; ${rows.length} rows.` });
  if (labels?.length === 2) notes.push({ level: 'info', message: positiveNote(labels) });
  const counts = new Array<number>(labels?.length ?? 0).fill(0);
  if (labels !== null) for (const row of rows) counts[values[row]]++;
  labels?.forEach((label, k) => {
    if (counts[k] > 1) return;
    notes.push({
      level: 'warn',
      message: `Class ${shown(label)} has a single row; it is trained on but cannot be tested.`,
    });
  });
  return notes;
}

/** Those that are not among `rows`, which ascend; null where all are. */
function unusedRows(whole: Rows, rows: Uint32Array): { count: string; are: string } | null {
  const count = whole.rowCount - rows.length;
  if (count === 0) return null;
  const gap = rows.findIndex((row, i) => row !== i);
  const first = rowNumber(whole, gap < 0 ? rows.length : gap);
  if (count === 1) return { count: '1 row', are: `is not used: row ${first}` };
  return { count: `${count} rows`, are: `are not used; the first is row ${first}` };
}

const positiveNote = (labels: string[]): string =>
  `The positive class, which precision, recall, F1 and the curves are of, is ${shown(labels[1])}. ${otherOf(labels)}`;

const otherOf = ([other]: string[]): string => `To choose ${shown(other)} instead, set positiveClass to it.`;

function checkTable({ columns, rowCount }: Table): void {
  const seen = new Set<string>();
  columns.forEach(({ name, ...column }, i) => {
    const path = `table.columns[${i}]`;
    if (name === '') throw new EngineError('A column has no name.', path, 'Give every column a name.');
    if (seen.has(name)) throw new EngineError(`Two columns are named ${shown(name)}.`, path, 'Rename one of them.');
    seen.add(name);
    const length = column.kind === 'number' ? column.values.length : column.codes.length;
    if (length !== rowCount) throw new Error(`Column ${name} has ${length} values for ${rowCount} rows.`);
  });
}

function find(table: Table, name: string, path: string): Column {
  const column = table.columns.find((c) => c.name === name);
  if (column) return column;
  const same = table.columns.find((c) => c.name.trim().toLowerCase() === name.trim().toLowerCase());
  throw new EngineError(
    `The table has no column ${shown(name)}.`,
    path,
    same ? `Did you mean ${shown(same.name)}?` : `Its columns are ${shownList(table.columns.map((c) => c.name))}.`,
  );
}
