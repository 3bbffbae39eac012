import { evaluateRegression, regressionScorer } from '../../src/engine/metrics';

// Made by mean_poisson_deviance and mean_tweedie_deviance of scikit-learn 1.9.1, without weights and with these.
const MEANS = Float64Array.of(0.881, 1.416, 3.656, 1.1, 2.094, 0.76, 1.993, 1.611, 1.029, 0.955, 1.637, 2.303);
const COUNTS = Float64Array.of(0, 2, 1, 1, 1, 1, 1, 2, 0, 2, 1, 1);
const AMOUNTS = Float64Array.of(1.093, 0, 1.144, 0, 1.449, 0.46, 0, 0.819, 0.32, 0.358, 1.963, 0);
const WEIGHTS = [3, 1, 1, 2, 2, 3, 2, 3, 2, 1, 1, 3];

test.each([
  { name: 'poissonDeviance', actual: COUNTS, power: 1, plain: 0.8605917834714564, weighted: 0.8092616768776888 },
  { name: 'tweedieDeviance', actual: AMOUNTS, power: 1.5, plain: 2.0322769903910856, weighted: 2.025208734875476 },
  { name: 'tweedieDeviance', actual: AMOUNTS, power: 1.2, plain: 1.609786198923314, weighted: 1.5964378151789838 },
])('$name of power $power is that of scikit-learn', ({ name, actual, power, plain, weighted }) => {
  const scorer = regressionScorer(actual, MEANS, power);
  const at = scorer.names.indexOf(name);
  expect(scorer.score(new Uint8Array(12).fill(1))[at]).toBeCloseTo(plain, 12);
  expect(scorer.score(WEIGHTS)[at]).toBeCloseTo(weighted, 12);
});

test('numbers that are no counts have no deviance, and one of an answer of 0 is undefined', () => {
  expect(evaluateRegression(COUNTS, MEANS, { seed: null }).metrics.map(({ name }) => name)).toEqual([
    'mae',
    'rmse',
    'r2',
    'medianAbsoluteError',
  ]);
  const { metrics, undefinedMetrics } = evaluateRegression(COUNTS, [0, ...MEANS.slice(1)], {
    seed: null,
    variancePower: 1,
  });
  expect(metrics).toHaveLength(4);
  expect(undefinedMetrics).toEqual([{ name: 'poissonDeviance', reason: expect.stringContaining('above 0') }]);
});
