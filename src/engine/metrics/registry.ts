/** Metrics from outside the product, beside those that every evaluation of a kind has. */
import type { Evaluation, Scores } from '../types';
import { metricsWithIntervals, type Drawing } from './intervals';
import type { Steps } from './known';

/** Rows of the test part: what is right, and what a model answers for them. */
export interface ScoredRows extends Steps {
  /** Of the targets. */
  names: string[];
  /** Those of the probabilities, whose places are the values of classes; null for numbers. */
  labels: string[] | null;
  rowCount: number;
  /** Row-major: numbers in the units of the targets, probabilities, or the errors of a reconstruction. */
  answer: ArrayLike<number>;
}

export interface MetricDefinition {
  /** In camelCase; no other metric has it. */
  name: string;
  /** The kinds of evaluation that have it. */
  of: readonly Evaluation['kind'][];
  /**
   * Prepares the rows once; the function is asked under many weights, one for each row, for the bounds of the interval, and
   * says NaN where the metric is undefined.
   */
  over(rows: ScoredRows): (weights: ArrayLike<number>) => number;
  /** Why it is undefined, where it is: a sentence. */
  lack: string;
}

const metrics: MetricDefinition[] = [];

/** Returns what takes it out again. Throws when the name is taken; a name of the product's wins where both are in one evaluation. */
export function registerMetric(metric: MetricDefinition): () => void {
  if (metrics.some(({ name }) => name === metric.name)) throw new Error(`There already is a metric ${metric.name}.`);
  metrics.push(metric);
  return () => void metrics.splice(metrics.indexOf(metric), 1);
}

/** The evaluation with the registered metrics of its kind. */
export function withRegisteredMetrics<E extends Evaluation>(evaluation: E, rows: ScoredRows, drawing: Drawing): E {
  const taken = new Set([...evaluation.metrics, ...evaluation.undefinedMetrics].map(({ name }) => name));
  const registered = metrics.filter(({ name, of }) => of.includes(evaluation.kind) && !taken.has(name));
  if (registered.length === 0) return evaluation;
  const scored = scoresOf(registered, rows, drawing);
  return {
    ...evaluation,
    metrics: [...evaluation.metrics, ...scored.metrics],
    undefinedMetrics: [...evaluation.undefinedMetrics, ...scored.undefinedMetrics],
  };
}

function scoresOf(definitions: MetricDefinition[], rows: ScoredRows, drawing: Drawing): Omit<Scores, 'rowCount'> {
  const asked = definitions.map((metric) => metric.over(rows));
  const finite = (value: number) => (Number.isFinite(value) ? value : NaN);
  const scorer = {
    names: definitions.map(({ name }) => name),
    work: rows.rowCount * definitions.length,
    score: (weights: ArrayLike<number>) => asked.map((under) => finite(under(weights))),
    lack: (m: number) => definitions[m].lack,
  };
  return metricsWithIntervals(scorer, rows.rowCount, drawing);
}
