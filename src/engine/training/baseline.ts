/**
 * The trivial predictor: what would be answered without reading any column, known from the training rows alone. Numbers:
 * their mean. Classes: their shares as probabilities and the most frequent as the answer, the steps of a sequence taken
 * together. Anomalies: one score for every row. As DummyRegressor(strategy="mean") and DummyClassifier(strategy="prior") of
 * scikit-learn. Rows weigh as a column of weights
 * says, whatever weights the classes had in training.
 */
import { evaluate } from './evaluate';
import type { Prepared } from './prepare/prepare';
import { taskOf } from '../tasks/registry';
import type { Answer } from '../tasks/score/score';
import type { Evaluation, MetricValue, ModelCard } from '../types';

/** Adds what the trivial predictor scores, on the same rows. */
export function withBaseline(
  evaluation: Evaluation,
  card: ModelCard,
  data: Pick<Prepared, 'selection' | 'parts'>,
  seed: number | null,
): Evaluation {
  const { metrics } = taskOf(card.task).learning.trivial;
  const scored = evaluate(trivialAnswer(data), card, data, seed).metrics;
  const known = new Map(
    scored
      .filter(({ name }) => metrics === undefined || metrics.includes(name))
      .map((metric) => [keyOf(metric), metric]),
  );
  const beside = (metric: MetricValue): MetricValue => {
    const guess = known.get(keyOf(metric));
    return guess ? { ...metric, baseline: { value: guess.value, lower: guess.lower, upper: guess.upper } } : metric;
  };
  return { ...evaluation, metrics: evaluation.metrics.map(beside) };
}

const keyOf = ({ name, target }: MetricValue): string => JSON.stringify([name, target]);

function trivialAnswer({ selection: { target }, parts }: Pick<Prepared, 'selection' | 'parts'>): Answer {
  const { learning, answers } = taskOf(target.task);
  const row = learning.trivial.row(target.columns, parts.train, target.weights);
  const values = { length: row.length * parts.test.length };
  return TRIVIAL[answers.output](Float64Array.from(values, (_, i) => row[i % row.length]));
}

const TRIVIAL: Record<Answer['kind'], (values: Float64Array) => Answer> = {
  numbers: (prediction) => ({ kind: 'numbers', prediction }),
  labels: (values) => ({ kind: 'labels', probabilities: Float32Array.from(values) }),
};
