/**
 * The trivial predictor: what would be answered without reading any column, known from the training rows alone. Numbers:
 * their mean. Classes: their shares as probabilities and the most frequent as the answer, the steps of a sequence taken
 * together. Anomalies: one score for every row. As DummyRegressor(strategy="mean") and DummyClassifier(strategy="prior") of
 * scikit-learn. Rows weigh the same, whatever weights the classes had in training.
 */
import { evaluate, type Answer } from './evaluate';
import type { Prepared } from './prepare';
import type { Target } from './preprocess/target';
import type { Targets } from './preprocess/targets';
import { learnt, type Learnt } from './task';
import type { Evaluation, MetricValue, ModelCard } from './types';

interface Trivial {
  /** What it answers for every row. */
  row(target: Targets, train: Uint32Array): number[];
  /** What of it can be scored; left out: every metric. */
  metrics?: string[];
}

const TRIVIAL: Record<Learnt, Trivial> = {
  numbers: { row: ({ columns }, train) => columns.map((column) => meanOf(column, train)) },
  classes: { row: classShares },
  // One score orders no rows, and there is no threshold to it.
  features: { row: () => [0], metrics: ['rocAuc', 'averagePrecision'] },
};

/** Adds what the trivial predictor scores, on the same rows and the same resamples of them. */
export function withBaseline(
  evaluation: Evaluation,
  card: ModelCard,
  data: Pick<Prepared, 'selection' | 'parts'>,
  seed: number | null,
): Evaluation {
  const { metrics } = TRIVIAL[learnt(card.task)];
  const scored = evaluate(trivialAnswer(data), card, data, seed).metrics;
  const known = new Map(
    scored
      .filter(({ name }) => metrics === undefined || metrics.includes(name))
      .map((metric) => [keyOf(metric), metric]),
  );
  const beside = (metric: MetricValue): MetricValue => {
    const own = known.get(keyOf(metric));
    return own ? { ...metric, baseline: { value: own.value, lower: own.lower, upper: own.upper } } : metric;
  };
  return { ...evaluation, metrics: evaluation.metrics.map(beside) };
}

const keyOf = ({ name, target }: MetricValue): string => JSON.stringify([name, target]);

function trivialAnswer({ selection: { target }, parts }: Pick<Prepared, 'selection' | 'parts'>): Answer {
  const row = TRIVIAL[learnt(target.task)].row(target, parts.train);
  const values = { length: row.length * parts.test.length };
  if (learnt(target.task) !== 'classes') {
    return { prediction: Float64Array.from(values, (_, i) => row[i % row.length]), probabilities: null };
  }
  return { prediction: [], probabilities: Float32Array.from(values, (_, i) => row[i % row.length]) };
}

function meanOf({ values }: Target, rows: Uint32Array): number {
  const known = rows.filter((row) => !Number.isNaN(values[row]));
  return known.reduce((sum, row) => sum + values[row], 0) / known.length;
}

/** The probabilities of one row: of each class, of multilabel of the positive label of each target. */
function classShares({ task, columns }: Targets, train: Uint32Array): number[] {
  if (task === 'multilabel') return columns.map((column) => sharesOf([column], train)[1]);
  const shares = sharesOf(columns, train);
  return columns.flatMap(() => shares);
}

/** Of the classes of columns with one set of labels; equal where no row says. */
function sharesOf(columns: Target[], train: Uint32Array): number[] {
  const counts = columns[0].labels!.map(() => 0);
  for (const { values } of columns) for (const row of train) if (!Number.isNaN(values[row])) counts[values[row]]++;
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => (total === 0 ? 1 / counts.length : count / total));
}
