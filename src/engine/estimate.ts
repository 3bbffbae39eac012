/** What a training is expected to take, judged by the profile of its table. Pure. */
import { candidatesOf, costOf, foldsFor } from './auto';
import { knownColumns } from './columns/known';
import { planColumns } from './columns/plan';
import { withHistory } from './history/plan';
import type { Cost, TrainingSize } from './families/family';
import { readerFor } from './families/registry';
import type { ProfiledColumn, Reader } from './readers/definition';
import { PREPROCESS_DEFAULTS } from './steps/request';
import { hasSeveralTargets, labelsSteps, learnsClasses, learnsFeatures } from './tasks/registry';
import { chooseTask } from './tasks/targets/read';
import type { TargetFacts } from './tasks/targets/facts';
import type { PreprocessOptions, Task, TrainRequest } from './types';

/** What a training says of a table; left out: what pipelines without such steps say. */
type Use = Pick<TrainRequest, 'target' | 'drop' | 'estimator'> &
  Partial<Pick<TrainRequest, 'task' | 'split' | 'steps' | 'preprocess' | 'folds'>>;

export interface ProfiledTable {
  /** To train on. */
  rows: number;
  /** Of the table, targets and all. */
  columns: readonly ProfiledColumn[];
  targets: TargetFacts[];
}

/** Of a float32. */
const FEATURE_BYTES = 4;
/** Rows that are in no test part, for each row to train on, as a pipeline divides them that does not say. */
const OUTSIDE_TEST = 1.25;
const NO_SPLIT: TrainRequest['split'] = { kind: 'random', testFraction: 0, validationFraction: 0, stratify: false };

/** An order of magnitude. The estimator and the steps have been checked. */
export function estimateCost(use: Use, table: ProfiledTable): Cost {
  const task = chooseTask(table.targets, use.task ?? null);
  const candidates = candidatesOf(use.estimator, task, table.rows);
  const costs = candidates.map((estimator) => costOf(estimator, sizeOf({ ...use, estimator }, table, task)));
  const bytes = Math.max(0, ...costs.map((cost) => cost.bytes));
  // A fold has about as many rows to train on as the train part of a split.
  const folds = Math.max(1, foldsFor(use, Math.ceil(table.rows * OUTSIDE_TEST)));
  return { operations: folds * costs.reduce((sum, { operations }) => sum + operations, 0), bytes };
}

function sizeOf(use: Use, { rows, columns, targets }: ProfiledTable, task: Task): TrainingSize {
  // Most columns miss nothing.
  const { widths } = featuresOf(
    { ...use, preprocess: { ...preprocessOf(use), missingIndicator: false } },
    columns,
    rows,
  );
  const width = widths.reduce((sum, count) => sum + count, 0);
  return {
    ...{ rows, task, width },
    columns: widths.flatMap((count, column) => new Array<number>(count).fill(column)),
    targets: targets.length,
    outputs: outputsOf(task, targets, width),
  };
}

function outputsOf(task: Task, targets: TargetFacts[], width: number): number {
  if (learnsFeatures(task)) return width;
  const each = learnsClasses(task) && (!hasSeveralTargets(task) || labelsSteps(task));
  return each ? (targets[0]?.distinct ?? 2) : targets.length;
}

/** Bytes of the features, at most, with what the steps make. @param columns of the table, targets and all */
export function encodedBytes(columns: readonly ProfiledColumn[], rowCount: number, use: Use): number {
  const { reader, widths } = featuresOf(use, columns, rowCount);
  return (reader.featureBytes ?? FEATURE_BYTES) * rowCount * widths.reduce((sum, count) => sum + count, 0);
}

/** How many features each column that is read gives, those that steps make among them. */
function featuresOf(
  use: Use,
  columns: readonly ProfiledColumn[],
  rowCount: number,
): { reader: Reader; widths: number[] } {
  const { steps = [], split = NO_SPLIT } = use;
  const { reader } = readerFor(use.estimator);
  const all = withHistory(steps, columns);
  const distinct = new Map(all.map((column) => [column.name, column.distinct]));
  const { columns: planned } = planColumns(steps, knownColumns(all, { ...use, split }), {
    encoded: !reader.columns,
  });
  const features = planned.map(({ slot: { name, kind } }) => ({
    name,
    kind,
    distinct: distinct.get(name) ?? Infinity,
  }));
  const of = new Map(planned.map(({ slot, options }) => [slot.name, options]));
  return { reader, widths: reader.widths(features, rowCount, { ...preprocessOf(use), of }) };
}

const preprocessOf = ({ preprocess }: Use): PreprocessOptions => preprocess ?? PREPROCESS_DEFAULTS;
