/** What is said of a model on rows it has not seen. Pure data. */

export interface MetricValue {
  name: string;
  /** The target column it is of; left out for what is of the model as a whole. */
  target?: string;
  value: number;
  /** Bounds of the 95 % bootstrap percentile interval; null when not computed. */
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

export interface Evaluation {
  rowCount: number;
  metrics: MetricValue[];
  /** Those of the task that are not in `metrics`. */
  undefinedMetrics: UndefinedMetric[];
  /** Counts [actual][predicted] in the order of `labels`; classes only, not multilabel. Of a sequence: its steps. */
  confusionMatrix: { labels: string[]; counts: number[][] } | null;
  /** At most 200 points; binary, and anomaly where a column was given to evaluate by. */
  rocCurve: { falsePositiveRate: number[]; truePositiveRate: number[]; threshold: number[] } | null;
  precisionRecallCurve: { precision: number[]; recall: number[]; threshold: number[] } | null;
}

/** What is to be known of a model before it is relied on. */
export interface ModelWarning {
  code: 'NO_BETTER_THAN_BASELINE' | 'METRICS_UNDEFINED' | 'CLASSES_NOT_TESTED' | 'DIGITS_LOST';
  message: string;
}
