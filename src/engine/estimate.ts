/** What a training is expected to take, judged by the profile of its table. Pure. */
import { costOf } from './auto';
import type { Cost } from './families/family';
import { readsColumns, sequenceLayout, type Estimator } from './families/registry';
import { encodedFeatures, type ProfiledColumn } from './preprocess/size';
import { hasSeveralTargets, labelsSteps, learnsClasses, learnsFeatures } from './tasks/registry';
import { chooseTask } from './tasks/targets/read';
import type { TargetFacts } from './tasks/targets/facts';
import type { Task } from './types';

export interface ProfiledTable {
  /** To train on. */
  rows: number;
  /** Those that are not targets. */
  columns: ProfiledColumn[];
  targets: TargetFacts[];
  /** Null: decided from the targets. */
  task: Task | null;
}

/** An order of magnitude. The estimator has been checked. */
export function estimateCost(estimator: Estimator, { rows, columns, targets, task: requested }: ProfiledTable): Cost {
  const task = chooseTask(targets, requested);
  const layout = sequenceLayout(estimator.family, estimator.parameters);
  const features = encodedFeatures(columns, rows, { layout, plain: readsColumns(estimator.family) });
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
