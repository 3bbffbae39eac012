/** How many targets a row has, of which kind, and how their columns are read. */
import type { Task } from '../../types';
import type { TargetFacts, TargetFault } from './facts';
import type { CountedColumn, Target } from './target';

/** All targets of a table. */
export interface Targets {
  task: Task;
  /** Labels of the probabilities: classes, of multilabel the names of the targets; null for numbers. */
  labels: string[] | null;
  /** Of anomaly: at most one, to evaluate by. */
  columns: Target[];
  /** Table rows where some target is known, ascending; all of them where the features themselves are learnt. */
  rows: Uint32Array;
  /** Of a task that ranks within groups: by table row, the number of its group (targets/groups.ts). */
  groups?: Uint32Array;
  /** Of a split that keeps groups together: by table row, the number of its group, whose rows depend on each other. */
  dependent?: Uint32Array;
  /** By table row, how much it counts (targets/weights.ts); left out: all the same. */
  weights?: Float64Array;
}

export interface TargetShape {
  /** Whether a row has several targets, of which some may be missing. */
  several: boolean;
  /** Whether these are the steps of a sequence, which share one set of labels. */
  steps: boolean;
  /** Whether there may be no column, as the features themselves are learnt; one that is named is to evaluate by. */
  optional: boolean;
  /** Whether columns of these values mean this task when none is asked for. Tasks are asked in the order of their table. */
  fits(columns: TargetFacts[]): boolean;
  /** Another task that columns of these values are trained as. */
  instead?(columns: TargetFacts[]): Task | null;
  /** Why a column cannot be one of the targets. */
  fault(column: TargetFacts): TargetFault | null;
  /** Columns without a fault. */
  read(columns: CountedColumn[], rowCount: number): Omit<Targets, 'task'>;
}
