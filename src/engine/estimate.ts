/** What a training is expected to take, judged by the profile of its table. Pure. */
import { costOf } from './auto';
import { knownColumns } from './columns/known';
import { planColumns } from './columns/plan';
import { withHistory } from './history/plan';
import type { Cost } from './families/family';
import { readerFor, type Estimator } from './families/registry';
import type { ProfiledColumn, Widths } from './readers/definition';
import { hasSeveralTargets, labelsSteps, learnsClasses, learnsFeatures } from './tasks/registry';
import { chooseTask } from './tasks/targets/read';
import type { TargetFacts } from './tasks/targets/facts';
import type { Task, TrainRequest } from './types';

export interface ProfiledTable {
  /** To train on. */
  rows: number;
  /** Those that are not targets. */
  columns: ProfiledColumn[];
  targets: TargetFacts[];
  /** Null: decided from the targets. */
  task: Task | null;
}

/** Of a float32. */
const FEATURE_BYTES = 4;
/** What most pipelines have. */
const USUAL: Widths = { levelsMax: 50, missingIndicator: false };

/** An order of magnitude. The estimator has been checked. */
export function estimateCost(estimator: Estimator, { rows, columns, targets, task: requested }: ProfiledTable): Cost {
  const task = chooseTask(targets, requested);
  const features = readerFor(estimator).reader.widths(columns, rows, USUAL);
  const width = features.reduce((sum, count) => sum + count, 0);
  return costOf(estimator, {
    ...{ rows, task, width },
    columns: features.flatMap((count, column) => new Array<number>(count).fill(column)),
    targets: targets.length,
    outputs: outputsOf(task, targets, width),
  });
}

function outputsOf(task: Task, targets: TargetFacts[], width: number): number {
  if (learnsFeatures(task)) return width;
  const each = learnsClasses(task) && (!hasSeveralTargets(task) || labelsSteps(task));
  return each ? (targets[0]?.distinct ?? 2) : targets.length;
}

/** Bytes of the features, at most, with what the steps make. @param columns of the table, targets and all */
export function encodedBytes(
  columns: readonly ProfiledColumn[],
  rowCount: number,
  use: Pick<TrainRequest, 'target' | 'drop' | 'split' | 'steps' | 'preprocess' | 'estimator'>,
): number {
  const planned = planColumns(use.steps ?? [], knownColumns(withHistory(use.steps ?? [], columns), use)).columns;
  const distinct = new Map(columns.map((column) => [column.name, column.distinct]));
  const features = planned.map(({ slot: { name, kind } }) => ({
    name,
    kind,
    distinct: distinct.get(name) ?? Infinity,
  }));
  const of = new Map(planned.map(({ slot, options }) => [slot.name, options]));
  const { reader } = readerFor(use.estimator);
  const widths = reader.widths(features, rowCount, { ...use.preprocess, of });
  return (reader.featureBytes ?? FEATURE_BYTES) * rowCount * widths.reduce((sum, count) => sum + count, 0);
}
