/** Reads all target columns of a request: one, several of a kind, or none. */
import { hasSeveralTargets } from '../task';
import { EngineError, type Column, type NumberColumn, type Task } from '../types';
import {
  CLASSES_MAX,
  classTarget,
  compareLabels,
  countValues,
  inferTask,
  knownRows,
  numberTarget,
  readTarget,
  ROWS_MIN,
  type ColumnValues,
  type Target,
} from './target';
import { shown, shownList } from '../../formats';

export interface Targets {
  task: Task;
  /** Labels of the probabilities: classes, of multilabel the names of the targets; null for numbers. */
  labels: string[] | null;
  /** Of anomaly: at most one, to evaluate by. */
  columns: Target[];
  /** Table rows where some target is known, ascending; all of them for anomaly. */
  rows: Uint32Array;
}

/** @param requested null to infer the task; without a target it is anomaly */
export function readTargets(columns: Column[], requested: Task | null, rowCount: number): Targets {
  const task = requested ?? inferSeveral(columns);
  if (task === 'anomaly') return readLabelled(columns, rowCount);
  if (task !== null && hasSeveralTargets(task)) return readSeveral(columns, task);
  if (columns.length !== 1) throw countFault(columns, task!);
  const target = readTarget(columns[0], task);
  return { task: target.task, labels: target.labels, columns: [target], rows: target.rows };
}

/** With the classes of its one target in the order given, which must name each of them once; null leaves them. */
export function withLabels(targets: Targets, order: string[] | null): Targets {
  if (order === null) return targets;
  const [target] = targets.columns;
  const { labels } = targets;
  if (labels === null || hasSeveralTargets(targets.task)) {
    throw new EngineError(
      `The task ${targets.task} has no classes to order.`,
      LABELS,
      'Leave labels out, or choose a target with one class per row.',
    );
  }
  const places = labels.map((label) => order.indexOf(label));
  const twice = order.find((label, i) => order.indexOf(label) !== i);
  if (twice !== undefined || places.includes(-1) || order.length !== labels.length) {
    const fault = twice === undefined ? 'are not the values of' : `name ${shown(twice)} twice for`;
    throw new EngineError(
      `The labels ${fault} target ${shown(target.name)}.`,
      LABELS,
      `Name each once, in the order of the outputs: ${shownList(labels)}.`,
    );
  }
  const values = target.values.map((value) => places[value] ?? NaN);
  return { ...targets, labels: order, columns: [{ ...target, labels: order, values }] };
}

/** With the classes in the order that is asked for. */
export function withOrder(
  targets: Targets,
  { labels, positiveClass }: { labels?: string[] | null; positiveClass?: string },
): Targets {
  const ordered = withLabels(targets, labels ?? null);
  return positiveClass === undefined ? ordered : withPositive(ordered, positiveClass, !labels);
}

/** Of the one target of two classes, which of anomaly is the column to evaluate by. */
function withPositive(targets: Targets, positive: string, movable: boolean): Targets {
  const fault = (message: string, hint: string) => new EngineError(message, 'positiveClass', hint);
  const { task, columns } = targets;
  const [target] = columns;
  if (columns.length !== 1 || hasSeveralTargets(task) || target.labels?.length !== 2) {
    throw fault(
      `The task ${task} has no positive class here.`,
      'Leave positiveClass out, or name a target of two values.',
    );
  }
  const [negative, known] = target.labels;
  if (known === positive) return targets;
  const both = `Its values are ${shown(negative)} and ${shown(known)}.`;
  if (negative !== positive) throw fault(`Target ${shown(target.name)} has no value ${shown(positive)}.`, both);
  if (!movable) {
    throw fault(
      `The positive class is ${shown(known)}, the second of labels.`,
      'Leave positiveClass out, or give labels in the other order.',
    );
  }
  const turned = { ...target, labels: [known, negative], values: target.values.map((value) => 1 - value) };
  return { ...targets, labels: targets.labels && turned.labels, columns: [turned] };
}

const LABELS = 'estimator.parameters.labels';

function countFault(columns: Column[], task: Task): EngineError {
  const hint =
    columns.length === 0
      ? 'Name the column to predict, or use the task anomaly, which needs none.'
      : `Name one column, or use a task of several targets: ${task === 'regression' ? 'multi_regression' : 'multilabel or sequence_labeling'}.`;
  return new EngineError(`The task ${task} takes one target; ${columns.length} are named.`, 'target', hint);
}

/** Every row is learnt from, whatever the column that may be given says of it. */
function readLabelled(columns: Column[], rowCount: number): Targets {
  if (columns.length > 1) throw countFault(columns, 'anomaly');
  if (rowCount < ROWS_MIN) {
    throw new EngineError(`There are ${rowCount} rows; training takes at least ${ROWS_MIN}.`, 'table', 'Add rows.');
  }
  const rows = Uint32Array.from({ length: rowCount }, (_, row) => row);
  return { task: 'anomaly', labels: null, columns: columns.map((column) => readTarget(column, 'binary')), rows };
}

/** Null for one column: its own values then decide. */
function inferSeveral(columns: Column[]): Task | null {
  if (columns.length === 0) return 'anomaly';
  if (columns.length === 1) return null;
  const values = columns.map(countValues);
  if (values.every(({ counts }) => counts.size === 2)) return 'multilabel';
  const numbers = columns.every(({ kind }) => kind === 'number');
  const tasks = columns.map((column, i) => inferTask(column, values[i].counts.size, values[i].rowCount));
  return numbers && tasks.includes('regression') ? 'multi_regression' : 'sequence_labeling';
}

function readSeveral(columns: Column[], task: Task): Targets {
  if (columns.length === 0)
    throw new EngineError(`The task ${task} takes targets; none is named.`, 'targets', NAME_THEM);
  const values = columns.map(countValues);
  columns.forEach((column, i) => checkColumn(column, values[i], { task, path: `targets[${i}]` }));
  const read =
    task === 'multi_regression'
      ? columns.map((column) => numberTarget(column as NumberColumn))
      : task === 'multilabel'
        ? columns.map(({ name }, i) => classTarget(name, 'binary', values[i]))
        : readSteps(columns, values);
  const rows = knownRows(Float64Array.from(read[0].values, (_, row) => firstKnown(read, row)));
  if (rows.length < ROWS_MIN) {
    throw new EngineError(
      `Only ${rows.length} rows have a value for any target; training takes at least ${ROWS_MIN}.`,
      'targets',
      'Add rows, or choose targets that are filled in for more of them.',
    );
  }
  const labels = { multi_regression: null, multilabel: columns.map(({ name }) => name) };
  return { task, labels: task in labels ? labels[task as 'multilabel'] : read[0].labels, columns: read, rows };
}

const NAME_THEM = 'Name the columns to predict.';

function firstKnown(targets: Target[], row: number): number {
  for (const { values } of targets) if (!Number.isNaN(values[row])) return values[row];
  return NaN;
}

function checkColumn(
  column: Column,
  { counts, rowCount }: ColumnValues,
  { task, path }: { task: Task; path: string },
): void {
  const fault = (message: string, hint: string) =>
    new EngineError(`Target ${shown(column.name)} ${message}`, path, hint);
  if (rowCount === 0) throw fault('has no value in any row.', 'Choose columns that are filled in.');
  if (task === 'multi_regression' && column.kind !== 'number') {
    throw fault('holds text, so it cannot be a target of multi_regression.', 'Choose numeric columns.');
  }
  if (task === 'multilabel' && counts.size !== 2) {
    const hint = 'Every target of multilabel holds two values, such as 0 and 1; leave others out.';
    throw fault(`has ${counts.size === 1 ? 'the same value' : `${counts.size} different values`} in its rows.`, hint);
  }
  if (task === 'multi_regression' && counts.size === 1) {
    throw fault(
      'has the same value in every row, so there is nothing to learn.',
      'Choose columns whose values differ.',
    );
  }
}

/** Columns that are the steps of a sequence, of one set of labels; a label need not occur in every step. */
function readSteps(columns: Column[], values: ColumnValues[]): Target[] {
  const sets = values.map(({ counts, levels }) => new Set([...counts.keys()].map((code) => levels[code])));
  const labels = [...new Set(sets.flatMap((set) => [...set]))].sort(compareLabels);
  columns.forEach(({ name }, i) => {
    const others = new Set(sets.flatMap((set, j) => (i === j ? [] : [...set])));
    if (sets[i].size === 1 || columns.length === 1 || [...sets[i]].some((label) => others.has(label))) return;
    throw new EngineError(
      `Target ${shown(name)} has no label in common with the other targets (${shownList(sets[i], 5)}).`,
      `targets[${i}]`,
      'The targets of sequence_labeling are the steps of a sequence and share one set of labels. For other columns train ' +
        'a model each, or use multilabel or multi_regression.',
    );
  });
  if (labels.length < 2 || labels.length > CLASSES_MAX) {
    throw new EngineError(
      `The targets hold ${labels.length} different labels; sequence_labeling takes 2 to ${CLASSES_MAX}.`,
      'targets',
      labels.length < 2
        ? 'Choose columns whose values differ.'
        : 'Use multi_regression for numbers, or group the labels.',
    );
  }
  const classOf = new Map(labels.map((label, k) => [label, k]));
  return columns.map(({ name }, i) => {
    const { codes, levels } = values[i];
    const known = Float64Array.from(codes, (code) => (code < 0 ? NaN : (classOf.get(levels[code]) ?? NaN)));
    return { name, task: 'multiclass', labels, values: known, rows: knownRows(known) };
  });
}
