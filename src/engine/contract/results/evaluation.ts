/** What is said of a model on rows it has not seen. Pure data. */

export interface MetricValue {
  name: string;
  /** The target column it is of; left out for what is of the model as a whole. */
  target?: string;
  value: number;
  /** Bounds of the 95 % interval; null when not computed. */
  lower: number | null;
  upper: number | null;
  /** Of the trivial predictor on the same rows; left out where it has none. */
  baseline?: Pick<MetricValue, 'value' | 'lower' | 'upper'>;
}

/** A metric that these rows do not define, and why, as a sentence. */
export interface UndefinedMetric {
  name: string;
  target?: string;
  reason: string;
}

/** Counts [actual][predicted] in the order of `labels`. */
export interface ConfusionMatrix {
  labels: string[];
  counts: number[][];
}

/** Scores of some rows, whatever is answered. */
interface ScoresOfRows {
  rowCount: number;
  metrics: MetricValue[];
  /** Those of the task that are not in `metrics`. */
  undefinedMetrics: UndefinedMetric[];
}

/** Of the test rows that have a value, or lie in a range, of a column. */
export interface GroupScores extends ScoresOfRows {
  column: string;
  /** Null: where it is missing. */
  value: string | null;
  confusionMatrix: ConfusionMatrix | null;
}

/** How much worse a score is where a column is shuffled; bounds of the 95 % interval over test rows and shuffles. */
export type PermutationImportance = Required<Pick<MetricValue, 'value'>> & { lower: number; upper: number };

/** How much a model relies on a column. */
export interface ColumnImportance {
  column: string;
  /** Of a value that steps make of several columns: these. */
  madeOf: string[] | null;
  /** Of all that splits lower the loss by, the share of those by this column. */
  gain: number;
  splits: number;
  /** Mean size of what it adds to scores of test rows; null: that takes too long. */
  meanContribution: number | null;
  /** Null of what steps make, and of columns beyond those that are shuffled. */
  permutation: PermutationImportance | null;
}

export interface Importances {
  /** What `permutation` is of. Less is better. */
  metric: string;
  /** Test rows that were looked at. */
  rowCount: number;
  /** By gain. */
  columns: ColumnImportance[];
}

export interface Scores extends ScoresOfRows {
  /** Left out where answers of the model cannot be explained. */
  importances?: Importances;
  /** Left out where no groups were asked for. */
  groups?: GroupScores[];
}

/** Of test rows: groups whose order is scored, and those left out, as no order is better than another: of one row, or of one grade. */
export interface RankedGroups {
  scored: number;
  leftOut: number;
}

/** Of numbers. */
export interface NumbersEvaluation extends Scores {
  kind: 'numbers';
  /** Of a ranking. */
  rankedGroups?: RankedGroups;
}

/** Of one of several classes, for a row or for each step of its sequence. */
export interface ClassesEvaluation extends Scores, Curves {
  kind: 'classes';
  confusionMatrix: ConfusionMatrix;
  /** Left out of the steps of sequences, and of runs before this was kept. */
  calibrationCurve?: CalibrationCurve;
}

/** Probabilities beside what happens, by groups of test rows, the least probable first; the lists run in parallel. */
export interface CalibrationCurve {
  /** Mean probability. */
  predicted: number[];
  /** Share of the rows where it comes true, with its 95 % interval. */
  observed: number[];
  lower: number[];
  upper: number[];
  rowCounts: number[];
  /** Mean distance of the two over the rows. */
  expectedError: number;
}

/** Of one of two labels for each of several targets. */
export interface LabelsEvaluation extends Scores {
  kind: 'labels';
}

/** Of errors that tell anomalies. */
export interface AnomaliesEvaluation extends Scores, Curves {
  kind: 'anomalies';
}

/** How well an order of the rows tells two classes, at most 200 points; null where there are not two, or nobody knows which a row is of. */
export interface Curves {
  rocCurve: { falsePositiveRate: number[]; truePositiveRate: number[]; threshold: number[] } | null;
  precisionRecallCurve: { precision: number[]; recall: number[]; threshold: number[] } | null;
}

export type Evaluation = NumbersEvaluation | ClassesEvaluation | LabelsEvaluation | AnomaliesEvaluation;

/** What is to be known of a model before it is relied on. */
export interface ModelWarning {
  code: 'NO_BETTER_THAN_BASELINE' | 'METRICS_UNDEFINED' | 'CLASSES_NOT_TESTED' | 'DIGITS_LOST';
  message: string;
}
