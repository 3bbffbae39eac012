/**
 * Metrics of several yes-or-no targets per row, with row weights. Definitions follow scikit-learn; what is 0 / 0 is
 * undefined, and means over the targets are of those where they are defined (there: zero_division = nan).
 */
import { lackOfPair, scoresOfClass } from './lack';
import { mean, weightedMean, type Scorer } from './classification';
import { classRates, rankingIntervals } from './classification.intervals';
import { amongRows, mean as meanInterval, rate, type IntervalRule } from './intervals';
import { knownRowsOf, weightsAt, type Steps } from './known';
import { areas, rank, type Ranking } from './ranking';

const EPSILON = 1.1920929e-7;
const OVERALL = ['subsetAccuracy', 'hammingLoss', 'f1Macro', 'f1Micro', 'rocAuc', 'averagePrecision', 'logLoss'];
const PER_LABEL = ['precision', 'recall', 'f1', 'rocAuc', 'averagePrecision'];

/** One target over the rows where it is known. */
interface Label {
  rows: Uint32Array;
  actual: Uint8Array;
  predicted: Uint8Array;
  logLoss: Float64Array;
  ranking: Ranking;
}

/**
 * @param actual 0, 1 or NaN for unknown, [rows, labels]
 * @param probabilities of the positive labels, row-major [rows, labels]; 0.5 and less is negative
 */
export function multilabelScorer(actual: Steps, probabilities: Float32Array, names: string[]): Scorer {
  const labels = names.map((_, t) => readLabel(actual, probabilities, t));
  const exact = exactRows(actual, labels);
  return {
    names: [...OVERALL, ...names.flatMap(() => PER_LABEL)],
    targets: [...OVERALL.map(() => undefined), ...names.flatMap((name) => PER_LABEL.map(() => name))],
    work: actual.values.length * 4,
    score: (weights) => {
      const counts = labels.map((label) => countLabel(label, weights));
      const sum = (of: (c: Counts) => number) => counts.reduce((total, c) => total + of(c), 0);
      const defined = counts.filter((c) => c.actual + c.predicted > 0);
      const ranked = counts.filter(({ rocAuc }) => !Number.isNaN(rocAuc));
      const wrong = sum((c) => c.predicted + c.actual - 2 * c.hit);
      return [
        weightedMean(exact.right, weightsAt(exact.rows, weights)),
        wrong / sum((c) => c.total),
        mean(defined.map((c) => (2 * c.hit) / (c.actual + c.predicted))),
        scoresOfClass(
          sum((c) => c.hit),
          sum((c) => c.actual),
          sum((c) => c.predicted),
        )[2],
        mean(ranked.map((c) => c.rocAuc)),
        mean(ranked.map((c) => c.averagePrecision)),
        sum((c) => c.logLoss) / sum((c) => c.total),
        ...counts.flatMap((c) => [...scoresOfClass(c.hit, c.actual, c.predicted), c.rocAuc, c.averagePrecision]),
      ];
    },
    intervals: labelIntervals(labels, exact, actual),
    lack: (m) => {
      const place = m - OVERALL.length;
      if (place < 0) return 'It is undefined for every target.';
      return lackOfLabel(PER_LABEL[place % PER_LABEL.length], labels[Math.floor(place / PER_LABEL.length)]);
    },
  };
}

function lackOfLabel(name: string, { actual, predicted }: Label): string {
  const count = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0);
  const positives = count(actual);
  const counts = { positives, negatives: actual.length - positives, predicted: count(predicted) };
  return lackOfPair(name, counts, 'of the positive class');
}

function readLabel(actual: Steps, probabilities: Float32Array, t: number): Label {
  const rows = knownRowsOf(actual, t);
  const p = Float32Array.from(rows, (row) => probabilities[row * actual.width + t]);
  const positive = Uint8Array.from(rows, (row) => actual.values[row * actual.width + t]);
  return {
    rows,
    actual: positive,
    predicted: Uint8Array.from(p, (value) => Number(value > 0.5)),
    logLoss: Float64Array.from(p, (value, i) => {
      const probability = positive[i] ? value : 1 - value;
      return -Math.log(Math.min(1 - EPSILON, Math.max(EPSILON, probability)));
    }),
    ranking: rank(positive, p),
  };
}

/** In the order of the names: of all targets together, then of each. */
function labelIntervals(
  labels: Label[],
  exact: ReturnType<typeof exactRows>,
  { values, width }: Steps,
): (IntervalRule | null)[] {
  const perRow = (of: (label: Label, i: number) => number): Float64Array => {
    const sums = new Float64Array(values.length / width);
    for (const label of labels) label.rows.forEach((row, i) => (sums[row] += of(label, i)));
    return sums;
  };
  const known = perRow(() => 1);
  const wrong = perRow(({ actual, predicted }, i) => actual[i] ^ predicted[i]);
  const both = labels.map(({ ranking, rows }) => ({ ranking, rows }));
  return [
    { method: amongRows(exact.rows, rate(exact.right)) },
    { method: rate(wrong, known) },
    null,
    null,
    ...rankingIntervals(both),
    {
      method: meanInterval(
        perRow(({ logLoss }, i) => logLoss[i]),
        { among: known },
      ),
    },
    ...labels.flatMap(intervalsOfLabel),
  ];
}

function intervalsOfLabel({ rows, actual, predicted, ranking }: Label): IntervalRule[] {
  const { precision, recall, f1 } = classRates(
    { actual: Int32Array.from(actual), predicted: Int32Array.from(predicted) },
    1,
  );
  const [area, order] = rankingIntervals([{ ranking, rows: null }]);
  return [
    ...[precision, recall, f1, area.method!].map((method) => ({ method: amongRows(rows, method) })),
    { ifConstant: amongRows(rows, order.ifConstant!) },
  ];
}

/** Rows with some known label, and whether all their known labels are predicted rightly. */
function exactRows({ values, width }: Steps, labels: Label[]): { rows: Uint32Array; right: Float64Array } {
  const right = new Map<number, number>();
  for (const { rows, actual, predicted } of labels) {
    rows.forEach((row, i) => right.set(row, Number(actual[i] === predicted[i]) && (right.get(row) ?? 1)));
  }
  const rows = Uint32Array.from({ length: values.length / width }, (_, row) => row).filter((row) => right.has(row));
  return { rows, right: Float64Array.from(rows, (row) => right.get(row)!) };
}

interface Counts {
  hit: number;
  actual: number;
  predicted: number;
  total: number;
  logLoss: number;
  rocAuc: number;
  averagePrecision: number;
}

function countLabel({ rows, actual, predicted, logLoss, ranking }: Label, weights: ArrayLike<number>): Counts {
  const rowWeights = weightsAt(rows, weights);
  const counts = { hit: 0, actual: 0, predicted: 0, total: 0, logLoss: 0 };
  rowWeights.forEach((weight, i) => {
    counts.total += weight;
    counts.actual += weight * actual[i];
    counts.predicted += weight * predicted[i];
    counts.hit += weight * (actual[i] & predicted[i]);
    counts.logLoss += weight * logLoss[i];
  });
  return {
    ...counts,
    ...areas(ranking, rowWeights),
  };
}
