/** Errors of several numbers per row: of each in its own unit, and their means over the targets. */
import { mean, type Scorer } from '../classification';
import { knownRowsOf, weightsAt, type Steps } from '../known';
import { amongRows, type IntervalRule } from '../intervals';
import { regressionScorer } from './regression';

const OVERALL = ['mae', 'rmse', 'r2', 'averageRelativeRmse'];
const PER_TARGET = ['mae', 'rmse', 'r2'];

/**
 * `averageRelativeRmse` is the mean over the targets of the error relative to that of their own mean, √(1 − R²): unlike the
 * mean of rmse it does not depend on units (Spyromitros-Xioufis et al. 2016, aRRMSE).
 *
 * @param actual NaN for unknown, [rows, targets]
 * @param predicted row-major [rows, targets]
 */
export function multiRegressionScorer(actual: Steps, predicted: ArrayLike<number>, names: string[]): Scorer {
  const { values, width } = actual;
  const scorers = names.map((_, t) => {
    const rows = knownRowsOf(actual, t);
    const of = (array: ArrayLike<number>) => Float64Array.from(rows, (row) => array[row * width + t]);
    return { rows, scorer: regressionScorer(of(values), of(predicted)) };
  });
  return {
    names: [...OVERALL, ...names.flatMap(() => PER_TARGET)],
    targets: [...OVERALL.map(() => undefined), ...names.flatMap((name) => PER_TARGET.map(() => name))],
    work: values.length * 5,
    score: (weights) => {
      const each = scorers.map(({ rows, scorer }) =>
        scorer.score(weightsAt(rows, weights)).slice(0, PER_TARGET.length),
      );
      const known = (list: number[]) => mean(list.filter((value) => !Number.isNaN(value)));
      const relative = each.map(([, , r2]) => Math.sqrt(Math.max(0, 1 - r2)));
      return [...PER_TARGET.map((_, m) => known(each.map((scores) => scores[m]))), known(relative), ...each.flat()];
    },
    intervals: [
      ...OVERALL.map(() => null),
      ...scorers.flatMap(({ rows, scorer }) =>
        PER_TARGET.map((_, m): IntervalRule | null => {
          const method = scorer.intervals?.[m]?.method;
          return method ? { method: amongRows(rows, method) } : null;
        }),
      ),
    ],
    lack: (m) => {
      const place = m - OVERALL.length;
      if (place < 0) return 'It is undefined for every target.';
      return scorers[Math.floor(place / PER_TARGET.length)].scorer.lack(place % PER_TARGET.length);
    },
  };
}
