/** Errors of several numbers per row: of each in its own unit, and their means over the targets. */
import { mean, type Scorer } from '../classification';
import { knownRowsOf, weightsAt, type Steps } from '../known';
import { amongRows, type IntervalRule } from '../intervals';
import { devianceName } from './deviance';
import { regressionScorer } from './regression';

const OVERALL = ['mae', 'rmse', 'r2', 'averageRelativeRmse'];
const PER_TARGET = ['mae', 'rmse', 'r2'];

interface AmountSteps extends Steps {
  /** Of counts and amounts, see `devianceOf`; left out: any numbers. */
  variancePower?: number;
}

/**
 * `averageRelativeRmse` is the mean over the targets of the error relative to that of their own mean, √(1 − R²): unlike the
 * mean of rmse it does not depend on units (Spyromitros-Xioufis et al. 2016, aRRMSE).
 *
 * @param actual NaN for unknown, [rows, targets]
 * @param predicted row-major [rows, targets]
 */
export function multiRegressionScorer(actual: AmountSteps, predicted: ArrayLike<number>, names: string[]): Scorer {
  const { values, width, variancePower } = actual;
  const deviance = variancePower === undefined ? [] : [devianceName(variancePower)];
  const overall = [...OVERALL, ...deviance];
  const perTarget = [...PER_TARGET, ...deviance];
  const scorers = names.map((_, t) => {
    const rows = knownRowsOf(actual, t);
    const of = (array: ArrayLike<number>) => Float64Array.from(rows, (row) => array[row * width + t]);
    return { rows, scorer: regressionScorer(of(values), of(predicted), variancePower) };
  });
  const placesIn = ({ names: all }: Scorer): number[] => perTarget.map((name) => all.indexOf(name));
  return {
    names: [...overall, ...names.flatMap(() => perTarget)],
    targets: [...overall.map(() => undefined), ...names.flatMap((name) => perTarget.map(() => name))],
    work: values.length * 5,
    score: (weights) => {
      const each = scorers.map(({ rows, scorer }) => {
        const scores = scorer.score(weightsAt(rows, weights));
        return placesIn(scorer).map((place) => scores[place]);
      });
      const known = (list: number[]) => mean(list.filter((value) => !Number.isNaN(value)));
      const relative = each.map(([, , r2]) => Math.sqrt(Math.max(0, 1 - r2)));
      const means = perTarget.map((_, m) => known(each.map((scores) => scores[m])));
      const [errors, deviances] = [means.slice(0, PER_TARGET.length), means.slice(PER_TARGET.length)];
      return [...errors, known(relative), ...deviances, ...each.flat()];
    },
    intervals: [
      ...overall.map(() => null),
      ...scorers.flatMap(({ rows, scorer }) =>
        placesIn(scorer).map((place): IntervalRule | null => {
          const method = scorer.intervals?.[place]?.method;
          return method ? { method: amongRows(rows, method) } : null;
        }),
      ),
    ],
    lack: (m) => {
      const place = m - overall.length;
      if (place < 0) return 'It is undefined for every target.';
      const { scorer } = scorers[Math.floor(place / perTarget.length)];
      return scorer.lack(placesIn(scorer)[place % perTarget.length]);
    },
  };
}
