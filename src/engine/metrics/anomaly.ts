/** How well the errors of a reconstruction tell anomalies, where it is known which rows are some. */
import { weightedMean, type Scorer } from './classification';
import { classRates, rankingIntervals } from './classification.intervals';
import { amongRows, mean, rate, type IntervalRule } from './intervals';
import { knownRowsOf, weightsAt } from './known';
import { lackOfPair, scoresOfClass } from './lack';
import { areas, rank } from './ranking';

const WITHOUT_LABELS = ['reconstructionError', 'anomalyRate'];
const WITH_LABELS = ['rocAuc', 'averagePrecision', 'precision', 'recall', 'f1'];

/**
 * @param errors mean squared error of each row
 * @param actual 1 for an anomaly, 0 for none, NaN for unknown; null: nobody knows
 * @param threshold rows above it are reported as anomalies
 */
export function anomalyScorer(errors: ArrayLike<number>, actual: Float64Array | null, threshold: number): Scorer {
  const values = Float64Array.from(errors);
  const above = values.map((error) => Number(error > Math.fround(threshold)));
  const labelled = actual && labelScorer(values, above, actual);
  const names = labelled ? [...WITH_LABELS, ...WITHOUT_LABELS] : WITHOUT_LABELS;
  return {
    names,
    work: errors.length * 4,
    score: (weights) => [
      ...(labelled?.score(weights) ?? []),
      weightedMean(values, weights),
      weightedMean(above, weights),
    ],
    intervals: [...(labelled?.intervals ?? []), { method: mean(values) }, { method: rate(above) }],
    lack: (m) => labelled?.lack(names[m]) ?? '',
  };
}

function labelScorer(errors: Float64Array, above: Float64Array, actual: Float64Array) {
  const rows = knownRowsOf({ values: actual, width: 1 }, 0);
  const positive = Uint8Array.from(rows, (row) => actual[row]);
  const ranking = rank(
    positive,
    rows.reduce((scores, row, i) => ((scores[i] = errors[row]), scores), new Float64Array(rows.length)),
  );
  const count = (list: Uint8Array | Float64Array) => Array.from(list).reduce((sum, one) => sum + one, 0);
  const counts = {
    positives: count(positive),
    negatives: rows.length - count(positive),
    predicted: count(Uint8Array.from(rows, (row) => above[row])),
  };
  const lack = (name: string): string => lackOfPair(name, counts, 'an anomaly');
  const score = (weights: ArrayLike<number>): number[] => {
    const rowWeights = weightsAt(rows, weights);
    const [hit, told, real] = [0, 0, 0].map((_, kind) =>
      rowWeights.reduce((sum, weight, i) => {
        const [flagged, is] = [above[rows[i]], positive[i]];
        return sum + weight * [flagged * is, flagged, is][kind];
      }, 0),
    );
    const { rocAuc, averagePrecision } = areas(ranking, rowWeights);
    return [rocAuc, averagePrecision, ...scoresOfClass(hit, real, told)];
  };
  const rates = classRates(
    { actual: Int32Array.from(positive), predicted: Int32Array.from(rows, (row) => above[row]) },
    1,
  );
  const [area, order] = rankingIntervals([{ ranking, rows: null }]);
  const intervals: IntervalRule[] = [
    { method: amongRows(rows, area.method!) },
    { ifConstant: amongRows(rows, order.ifConstant!) },
    ...[rates.precision, rates.recall, rates.f1].map((method) => ({ method: amongRows(rows, method) })),
  ];
  return { score, lack, intervals };
}
