/**
 * Metrics of class predictions, with row weights. Definitions follow scikit-learn; what is 0 / 0 is undefined. Means over
 * classes are of those that occur, as there: f1Macro, and precision, recall and f1 beyond two classes, of those that some row
 * is of or is predicted to be (0 where a precision is 0 / 0), balancedAccuracy of those that some row is of.
 */
import type { Decision, ErrorCosts } from '../types';
import { lackOfPair, NOT_FINITE, scoresOfClass } from './lack';
import { countIntervals, decisionIntervals, lossIntervals, rankingIntervals } from './classification.intervals';
import type { IntervalRule } from './intervals';
import { areas, rank, type Ranking } from './ranking';
import { shown } from '../../formats';

/** Probabilities are clipped to [EPSILON, 1 − EPSILON] for the log loss, as float32 probabilities reach 0. */
const EPSILON = 1.1920929e-7;

/** One fixed set of predictions; `score` gives its metrics under any row weights, NaN where undefined. */
export interface Scorer {
  names: string[];
  /** The target column that each is of, where not all are of the model as a whole. */
  targets?: (string | undefined)[];
  /** How costly one `score` call is, in row visits. */
  work: number;
  score(weights: ArrayLike<number>): number[];
  /** How the interval of each is found; null, or left out: by drawing rows anew. */
  intervals?: (IntervalRule | null)[];
  /** Why metric `m` is undefined when all rows weigh the same, as a sentence; of use where it is. */
  lack(m: number): string;
}

const NAMES = [
  'accuracy',
  'balancedAccuracy',
  'precision',
  'recall',
  'f1',
  'f1Macro',
  'rocAuc',
  'averagePrecision',
  'logLoss',
  'brier',
];

/** Of two classes whose errors cost differently, beside the others. */
const DECISION_NAMES = ['cost', 'positiveRate', 'falsePositiveRate', 'expectedToObserved'];

/**
 * @param actual class index per row
 * @param probabilities row-major [rows, classes]; for two classes, class 1 is the positive one
 */
export function classificationScorer(
  actual: Int32Array,
  probabilities: Float32Array,
  labels: string[],
  decision?: Decision,
): Scorer {
  const classes = labels.length;
  const predicted = decide(probabilities, classes, decision);
  const names = decision ? [...NAMES, ...DECISION_NAMES] : NAMES;
  const decided = decision && decisionScores({ actual, predicted, probabilities }, decision.costs);
  const rankings = rankClasses(actual, probabilities, classes);
  const losses = rowLosses(actual, probabilities, classes);
  return {
    names,
    work: actual.length * (2 + rankings.length + (decided ? 1 : 0)),
    score: (weights) => [
      ...countMetrics(confusion(actual, predicted, classes, weights)),
      ...rankingMetrics(rankings, weights),
      weightedMean(losses.log, weights),
      weightedMean(losses.brier, weights),
      ...(decided?.(weights) ?? []),
    ],
    intervals: [
      ...countIntervals({ actual, predicted }, classes),
      ...rankingIntervals(rankings.map((ranking) => ({ ranking, rows: null }))),
      ...lossIntervals(losses),
      ...(decision ? decisionIntervals({ actual, predicted }, decision.costs) : []),
    ],
    lack: (m) => lackOfClasses(names[m], { actual, predicted, labels }),
  };
}

function lackOfClasses(
  name: string,
  { actual, predicted, labels }: { actual: Int32Array; predicted: Int32Array; labels: string[] },
): string {
  if (name === 'logLoss' || name === 'brier') return NOT_FINITE;
  if (labels.length > 2) return `Every test row is of the class ${shown(labels[actual[0]])}.`;
  const count = (classes: Int32Array) => classes.reduce((sum, k) => sum + k, 0);
  const positives = count(actual);
  const counts = { positives, negatives: actual.length - positives, predicted: count(predicted) };
  return lackOfPair(name, counts, `of the positive class ${shown(labels[1])}`);
}

/** Where both answers are expected to cost the same: a right answer costs nothing (Elkan 2001: The foundations of cost-sensitive learning). */
export function decisionBy(costs: ErrorCosts): Decision {
  return { threshold: costs.falseAlarm / (costs.missed + costs.falseAlarm), costs };
}

/** By the threshold, which models compare in 32 bits, as their probabilities are; otherwise the likeliest class. */
export function decide(probabilities: Float32Array, classes: number, decision?: Decision): Int32Array {
  if (!decision) return argmax(probabilities, classes);
  const threshold = Math.fround(decision.threshold);
  return Int32Array.from({ length: probabilities.length / 2 }, (_, row) =>
    Number(probabilities[2 * row + 1] >= threshold),
  );
}

/** The class of the highest probability per row; the first of equals, as ONNX ArgMax does. */
export function argmax(probabilities: Float32Array, classes: number): Int32Array {
  const predicted = new Int32Array(probabilities.length / classes);
  for (let row = 0; row < predicted.length; row++) {
    const base = row * classes;
    for (let k = 1; k < classes; k++) {
      if (probabilities[base + k] > probabilities[base + predicted[row]]) predicted[row] = k;
    }
  }
  return predicted;
}

interface DecidedRows {
  /** Class indices of two classes. */
  actual: Int32Array;
  predicted: Int32Array;
  /** Row-major [rows, 2]. */
  probabilities: Float32Array;
}

/**
 * In the order of the names: mean cost of a row; share of rows answered as positive; share of the negative rows among which
 * that is wrong; mean probability of the positive class over its share, 1 where probabilities are right on average.
 */
function decisionScores(
  { actual, predicted, probabilities }: DecidedRows,
  { missed, falseAlarm }: ErrorCosts,
): (weights: ArrayLike<number>) => number[] {
  return (weights) => {
    const sums = { rows: 0, positive: 0, told: 0, wrong: 0, overlooked: 0, expected: 0 };
    for (let row = 0; row < actual.length; row++) {
      const weight = weights[row];
      sums.rows += weight;
      sums.positive += weight * actual[row];
      sums.told += weight * predicted[row];
      sums.wrong += weight * predicted[row] * (1 - actual[row]);
      sums.overlooked += weight * actual[row] * (1 - predicted[row]);
      sums.expected += weight * probabilities[2 * row + 1];
    }
    return [
      (missed * sums.overlooked + falseAlarm * sums.wrong) / sums.rows,
      sums.told / sums.rows,
      sums.rows > sums.positive ? sums.wrong / (sums.rows - sums.positive) : NaN,
      sums.positive > 0 ? sums.expected / sums.positive : NaN,
    ];
  };
}

/** Counts [actual][predicted]. */
export function confusion(
  actual: Int32Array,
  predicted: Int32Array,
  classes: number,
  weights: ArrayLike<number>,
): number[][] {
  const flat = new Float64Array(classes * classes);
  for (let row = 0; row < actual.length; row++) flat[actual[row] * classes + predicted[row]] += weights[row];
  return Array.from({ length: classes }, (_, k) => [...flat.subarray(k * classes, (k + 1) * classes)]);
}

/** Accuracy, balanced accuracy, precision, recall, F1 (of class 1, or macro beyond two classes), macro F1; NaN where undefined. */
export function countMetrics(counts: number[][]): number[] {
  const perClass = counts.map((row, k) => {
    const hit = row[k];
    const actual = row.reduce((a, b) => a + b, 0);
    const predicted = counts.reduce((sum, other) => sum + other[k], 0);
    return { hit, actual, predicted, precision: ratio(hit, predicted), recall: ratio(hit, actual), f1: 0 };
  });
  for (const c of perClass) c.f1 = ratio(2 * c.hit, c.actual + c.predicted);
  const total = perClass.reduce((sum, c) => sum + c.actual, 0);
  const seen = perClass.filter((c) => c.actual + c.predicted > 0);
  const occurring = perClass.filter((c) => c.actual > 0);
  const macro = (key: 'precision' | 'recall' | 'f1') => mean(seen.map((c) => c[key]));
  const [, positive] = perClass;
  const head =
    counts.length === 2
      ? scoresOfClass(positive.hit, positive.actual, positive.predicted)
      : [macro('precision'), macro('recall'), macro('f1')];
  return [
    ratio(
      perClass.reduce((sum, c) => sum + c.hit, 0),
      total,
    ),
    mean(occurring.map((c) => c.recall)),
    ...head,
    macro('f1'),
  ];
}

/** Two classes: one ranking, by class 1. More: one against the rest for each class. */
function rankClasses(actual: Int32Array, probabilities: Float32Array, classes: number): Ranking[] {
  const targets = classes === 2 ? [1] : Array.from({ length: classes }, (_, k) => k);
  return targets.map((k) =>
    rank(
      Uint8Array.from(actual, (a) => Number(a === k)),
      probabilities,
      k,
      classes,
    ),
  );
}

/** ROC AUC and average precision, the mean over the classes where they are defined. */
function rankingMetrics(rankings: Ranking[], weights: ArrayLike<number>): number[] {
  const all = rankings.map((ranking) => areas(ranking, weights)).filter((a) => !Number.isNaN(a.rocAuc));
  return [mean(all.map((a) => a.rocAuc)), mean(all.map((a) => a.averagePrecision))];
}

/** Per row: −log p(actual), and the Brier score: squared error of p(class 1), summed over classes beyond two. */
export function rowLosses(
  actual: Int32Array,
  probabilities: Float32Array,
  classes: number,
): { log: Float64Array; brier: Float64Array } {
  const log = new Float64Array(actual.length);
  const brier = new Float64Array(actual.length);
  for (let row = 0; row < actual.length; row++) {
    const base = row * classes;
    log[row] = -Math.log(Math.min(1 - EPSILON, Math.max(EPSILON, probabilities[base + actual[row]])));
    for (let k = classes === 2 ? 1 : 0; k < classes; k++) {
      brier[row] += (probabilities[base + k] - Number(actual[row] === k)) ** 2;
    }
  }
  return { log, brier };
}

export function weightedMean(values: Float64Array, weights: ArrayLike<number>): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i] * weights[i];
    total += weights[i];
  }
  return sum / total;
}

export const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
export const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
