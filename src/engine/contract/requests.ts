/** What is asked of a training run. */
import type { ColumnRole, ColumnType } from '../../formats';
import type { ExecutorChoice } from './executors';
import type { Table, TableSource } from './tables';

/** The name of an entry of the table of tasks (src/engine/tasks). */
export type Task = string;

/**
 * How rows are divided (src/engine/splits). Fractions are in (0, 0.5]; `validationFraction` is of the rows that are not test
 * rows. `column` says of each row its part, its group, or when it was; `stratify` keeps class shares; numbers ignore it.
 */
export type SplitOptions =
  | { kind: 'random'; testFraction: number; validationFraction: number; stratify: boolean }
  | { kind: 'column'; column: string; validationFraction: number }
  | { kind: 'group'; column: string; testFraction: number; validationFraction: number; stratify: boolean }
  | {
      kind: 'time';
      column: string;
      testFraction: number;
      /** In place of testFraction: the rows from here on, in the unit of the column or ISO 8601. */
      testFrom?: number | string;
      /** Between parts, in the unit of the column or an ISO 8601 duration; rows in it are in no part. */
      gap: number | string;
      validationFraction: number;
    };

export interface PreprocessOptions {
  /** Fill for missing numbers; text always gets its own "missing" level. */
  impute: 'median' | 'mean' | 'zero';
  /** Adds a 0/1 feature for each numeric column that had missing values in training. */
  missingIndicator: boolean;
  scale: 'standard' | 'robust' | 'minmax' | 'none';
  /** Levels rarer than this share of training rows join one "other" level; unseen levels go there too. */
  rareFraction: number;
  /** At most this many levels get a column of their own; the rest join "other". */
  levelsMax: number;
  /** Quantile bins per number column, each a piecewise-linear feature beside the scaled one; 0 for none, default 12. */
  bins?: number;
  /** What differs for some columns. */
  of?: ReadonlyMap<string, Partial<PreprocessOptions>>;
}

/** What the errors of a model of two classes cost, in any one unit. */
export interface ErrorCosts {
  /** A row of the positive class that is taken for the other. */
  missed: number;
  /** The other way round. */
  falseAlarm: number;
}

/** A step that changes rows or columns, or divides the rows, with every default filled in. */
export interface PlannedStep {
  /** Unique in the request. */
  id: string;
  kind: string;
  parameters: Record<string, unknown>;
  /** Ids of the steps that a path of edges leads from. */
  after: string[];
}

/** What a dataset says of a column. */
export interface ColumnTraits {
  type: ColumnType;
  role: ColumnRole;
}

export interface TrainRequest {
  table: Table;
  /**
   * The column to predict, or several: of numbers, of two values each, or of one set of labels, the steps of a sequence in
   * order. Empty for `anomaly`, where one binary column may be named to evaluate by.
   */
  target: string | string[];
  /** Null: decided from the target columns; `anomaly` where there are none. */
  task: Task | null;
  /** Of a target of two classes: the one that precision, recall, F1 and the curves are of. Left out: decided from the values. */
  positiveClass?: string;
  /** Of a target of two classes: the model answers what costs less. Left out: the likelier class. */
  errorCosts?: ErrorCosts;
  /** Columns by whose values the test rows are scored apart as well, whether the model reads them or not. */
  groups?: string[];
  /** The column that says how much each row counts, in training and in the evaluation. Left out: all the same. */
  weight?: string;
  /** Columns the user excludes. */
  drop: string[];
  /** How columns came to hold what they hold, by name, in sentences: told of those that are left out for what they hold. */
  remarks?: ReadonlyMap<string, string>;
  /** What the dataset says of columns, by name, for steps that choose columns by that. */
  traits?: ReadonlyMap<string, ColumnTraits>;
  split: SplitOptions;
  /** In the order in which they run: each behind those that it is after, and otherwise by its id. */
  steps?: readonly PlannedStep[];
  /** What becomes of columns of which no step says so. */
  preprocess: PreprocessOptions;
  estimator: { family: string; parameters: Record<string, unknown> };
  /** How many folds judge a model; below 2: the validation part does. Null or left out: by the family and the number of rows. */
  folds?: number | null;
  /** Seeds split, initial weights, shuffles and dropout. Same request and seed: same model, bit for bit, on one machine. */
  seed: number;
  /** The file of a trained network (network/network-file.ts), for families that go on from one. */
  network?: Uint8Array | null;
  /** Left out: ONNX Runtime on the best provider. */
  executor?: ExecutorChoice;
  resume: { checkpoint: Uint8Array; skipThroughOrdinal: number } | null;
}

/** Training on more rows than memory holds: they are encoded once and kept in blocks on disk. */
export interface StreamRequest extends Omit<TrainRequest, 'table'> {
  source: TableSource;
  /** Bytes of encoded rows in memory, at most. */
  bytesMax: number;
  /** An empty folder for the blocks, of which the caller takes care. */
  scratch: string;
}
