/** Intervals of scores against closed forms, an enumeration, and what was published with the methods. */
import { evaluateClassification, evaluateRegression, type Drawing } from '../../../src/engine/metrics';
import type { MetricValue } from '../../../src/engine/types';

const scoresOf = (actual: number[], positive: number[], drawing: Drawing = { seed: 1 }) => {
  const probabilities = Float32Array.from(positive.flatMap((p) => [1 - p, p]));
  const { metrics } = evaluateClassification(['no', 'yes'], Int32Array.from(actual), probabilities, drawing);
  return (name: string): MetricValue => metrics.find((metric) => metric.name === name)!;
};

test('81 of 263, and 15 of 148: as Newcombe (1998) has them by the score interval', () => {
  const hits = (right: number, rows: number) =>
    scoresOf(
      Array.from({ length: rows }, (_, i) => i % 2),
      Array.from({ length: rows }, (_, i) => (i < right ? i % 2 : 1 - (i % 2))),
    )('accuracy');
  expect(hits(81, 263)).toMatchObject({ lower: expect.closeTo(0.2553, 4), upper: expect.closeTo(0.3662, 4) });
  expect(hits(15, 148)).toMatchObject({ lower: expect.closeTo(0.0624, 4), upper: expect.closeTo(0.1605, 4) });
});

test('275 of 275: every score of a perfect model has a width', () => {
  const actual = Array.from({ length: 275 }, (_, i) => Number(i % 4 === 0));
  const scores = scoresOf(
    actual,
    actual.map((is) => (is ? 0.99 : 0.01)),
  );
  for (const name of [
    'accuracy',
    'balancedAccuracy',
    'precision',
    'recall',
    'f1',
    'f1Macro',
    'rocAuc',
    'averagePrecision',
  ]) {
    const { value, lower, upper } = scores(name);
    expect([name, value, upper]).toEqual([name, 1, 1]);
    expect(lower!).toBeGreaterThan(0.9);
    expect(lower!).toBeLessThan(0.999);
  }
  // n / (n + z²)
  expect(scores('accuracy').lower).toBeCloseTo(275 / (275 + 1.959964 ** 2), 6);
});

describe('the area under the curve', () => {
  const actual = [0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0];
  const positive = [0.1, 0.2, 0.3, 0.3, 0.5, 0.6, 0.65, 0.7, 0.2, 0.9, 0.1, 0.4];

  test('has the variance of DeLong by its definition, on the logit', () => {
    const of = (k: number) => positive.filter((_, i) => actual[i] === k);
    const [negatives, positives] = [of(0), of(1)];
    const above = (p: number, q: number) => (p > q ? 1 : p === q ? 0.5 : 0);
    const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length;
    const variance = (list: number[]) =>
      mean(list.map((v) => (v - mean(list)) ** 2)) * (list.length / (list.length - 1));
    const places = [
      positives.map((p) => mean(negatives.map((q) => above(p, q)))),
      negatives.map((q) => mean(positives.map((p) => above(p, q)))),
    ];
    const area = mean(places[0]);
    const error = Math.sqrt(places.reduce((sum, list) => sum + variance(list) / list.length, 0));
    const share = (t: number) => 1 / (1 + Math.exp(-Math.log(area / (1 - area)) - (t * error) / (area * (1 - area))));
    expect(scoresOf(actual, positive)('rocAuc')).toMatchObject({
      value: expect.closeTo(area, 9),
      lower: expect.closeTo(share(-1.959964), 6),
      upper: expect.closeTo(share(1.959964), 6),
    });
  });

  test('of one score for all rows is one half, without a doubt', () => {
    const { value, lower, upper } = scoresOf(
      actual,
      actual.map(() => 0.5),
    )('rocAuc');
    expect([value, lower, upper]).toEqual([0.5, 0.5, 0.5]);
  });
});

describe('rows that depend on each other', () => {
  const rows = Array.from({ length: 400 }, (_, i) => i);
  const right = (unit: number) => (unit * 7) % 10 < 7;
  const actual = rows.map((row) => row % 2);

  test('of one kind within a group count as one row each', () => {
    // 40 groups of 10 rows that are all right or all wrong: as 40 rows, a little wider as their spread is estimated.
    const answers = rows.map((row) => (right(Math.floor(row / 10)) ? actual[row] : 1 - actual[row]));
    const alone = scoresOf(
      rows.slice(0, 40).map((i) => i % 2),
      rows.slice(0, 40).map((i) => (right(i) ? i % 2 : 1 - (i % 2))),
    )('accuracy');
    const grouped = scoresOf(actual, answers, { seed: 1, dependent: rows.map((row) => Math.floor(row / 10)) })(
      'accuracy',
    );
    const width = ({ lower, upper }: MetricValue) => upper! - lower!;
    expect(grouped.value).toBe(alone.value);
    expect(width(grouped) / width(alone)).toBeGreaterThan(1);
    expect(width(grouped) / width(alone)).toBeLessThan(1.06);
    expect(width(scoresOf(actual, answers)('accuracy')) / width(alone)).toBeCloseTo(Math.sqrt(40 / 400), 1);
  });

  test('numbers: the error of a mean of groups is that of the means of equal groups', () => {
    const offsets = Array.from({ length: 40 }, (_, i) => 1 + ((i * 17) % 40) / 10);
    const dependent = rows.map((row) => Math.floor(row / 10));
    const errors = Float64Array.from(rows, (row) => offsets[dependent[row]]);
    const of = (values: Float64Array, drawing: Drawing) =>
      evaluateRegression(values, new Float64Array(values.length), drawing).metrics.find(({ name }) => name === 'mae')!;
    const [grouped, alone] = [of(errors, { seed: 3, dependent }), of(Float64Array.from(offsets), { seed: 3 })];
    expect(grouped.lower).toBeCloseTo(alone.lower!, 9);
    expect(grouped.upper).toBeCloseTo(alone.upper!, 9);
  });
});

test('many rows: the bounds are those of the normal distribution', () => {
  const errors = Float64Array.from({ length: 6000 }, (_, i) => 1 + Math.sin(i) ** 2);
  const { metrics } = evaluateRegression(errors, new Float64Array(6000), { seed: 2 });
  const { value, lower, upper } = metrics.find(({ name }) => name === 'mae')!;
  const mean = errors.reduce((a, b) => a + b, 0) / 6000;
  const error = Math.sqrt(errors.reduce((sum, e) => sum + (e - mean) ** 2, 0) / 5999 / 6000);
  expect(value - lower!).toBeCloseTo(1.96 * error, 5);
  expect(upper! - value).toBeCloseTo(1.96 * error, 5);
});

test('the median lies between two of the values, whose ranks the sign test gives', () => {
  const errors = Float64Array.from({ length: 101 }, (_, i) => i);
  const { metrics } = evaluateRegression(errors, new Float64Array(101), { seed: 2 });
  // Of 101 rows 41 to 60 lie below the median in 95 of 100 samples.
  expect(metrics.find(({ name }) => name === 'medianAbsoluteError')).toMatchObject({ value: 50, lower: 40, upper: 60 });
});

test('the same seed, the same bounds', () => {
  const actual = Array.from({ length: 50 }, (_, i) => Number(i % 3 === 0));
  const positive = actual.map((is, i) => 0.2 + 0.4 * is + ((i * 37) % 20) / 60);
  const once = (seed: number) => ['f1Macro', 'averagePrecision', 'logLoss'].map(scoresOf(actual, positive, { seed }));
  expect(once(4)).toEqual(once(4));
  expect(once(4)).not.toEqual(once(5));
});
