import { definition } from '../../seeds/cardiovascular-risk/definition';
import { COHORTS, generate, simulate } from '../../seeds/cardiovascular-risk/generator';
import { COEFFICIENTS, linearPredictor, tenYearRisk, type Person } from '../../seeds/cardiovascular-risk/risk';
import { bayesLogLoss, bayesRocAuc, deviation, mean } from './statistics';

const person: Person = {
  sex: 'female',
  ageYears: 61,
  cholesterol: 180,
  hdl: 47,
  pressure: 124,
  treated: false,
  smoker: true,
  diabetes: false,
};

describe('the published risk function', () => {
  test('gives the worked examples of the paper', () => {
    expect(tenYearRisk(person)).toBeCloseTo(0.1048, 4);
    const man: Person = {
      sex: 'male',
      ageYears: 53,
      cholesterol: 161,
      hdl: 55,
      pressure: 125,
      treated: true,
      smoker: false,
      diabetes: true,
    };
    expect(tenYearRisk(man)).toBeCloseTo(0.1562, 4);
  });

  test('has the hazard ratios of Table 2', () => {
    const ratio = (a: Person, b: Person) => Math.exp(linearPredictor(a) - linearPredictor(b));
    expect(ratio(person, { ...person, smoker: false })).toBeCloseTo(1.7, 2);
    expect(ratio({ ...person, diabetes: true }, person)).toBeCloseTo(2.0, 2);
    const man: Person = { ...person, sex: 'male' };
    expect(ratio(man, { ...man, smoker: false })).toBeCloseTo(1.92, 2);
    expect(ratio({ ...man, diabetes: true }, man)).toBeCloseTo(1.78, 1);
  });
});

describe('the sampled population', () => {
  const people = simulate(60_000, 1);

  /** Table 1 of the paper: shares in percent, and the C statistics and events of the text. */
  const TABLE = {
    female: { treated: 11.76, smoker: 34.23, diabetes: 3.76, c: 0.793, events: 456 / 4522 },
    male: { treated: 10.13, smoker: 35.22, diabetes: 6.5, c: 0.763, events: 718 / 3969 },
  };

  test.each(['female', 'male'] as const)('%s: has the margins of Table 1', (sex) => {
    const some = people.filter((p) => p.person.sex === sex).map((p) => p.person);
    const near = (values: number[], [m, d]: [number, number]) => {
      expect(Math.abs(mean(values) / m - 1)).toBeLessThan(0.01);
      expect(Math.abs(deviation(values) / d - 1)).toBeLessThan(0.03);
    };
    const ages = some.map((p) => p.ageYears);
    near(ages, COHORTS[sex].age);
    expect([Math.min(...ages), Math.max(...ages)]).toEqual([30, 74]);
    near(
      some.map((p) => p.cholesterol),
      COHORTS[sex].cholesterol,
    );
    near(
      some.map((p) => p.hdl),
      COHORTS[sex].hdl,
    );
    near(
      some.map((p) => p.pressure),
      COHORTS[sex].pressure,
    );
    for (const key of ['treated', 'smoker', 'diabetes'] as const) {
      expect(Math.abs((100 * some.filter((p) => p[key]).length) / some.length - TABLE[sex][key])).toBeLessThan(0.8);
    }
  });

  test.each(['female', 'male'] as const)('%s: reproduces figures of the paper that it was not built from', (sex) => {
    const some = people.filter((p) => p.person.sex === sex);
    const predictor = mean(some.map((p) => linearPredictor(p.person)));
    expect(Math.abs(predictor - COEFFICIENTS[sex].mean)).toBeLessThan(0.03);
    const risks = some.map((p) => p.risk);
    expect(Math.abs(bayesRocAuc(risks) - TABLE[sex].c)).toBeLessThan(0.02);
    // Events of twelve years, so ten years must show fewer, but not by half.
    expect(mean(risks)).toBeLessThan(TABLE[sex].events);
    expect(mean(risks)).toBeGreaterThan(TABLE[sex].events * 0.7);
  });

  test('draws events with the true probability', () => {
    const expected = mean(people.map((p) => p.risk));
    const seen = people.filter((p) => p.event).length / people.length;
    expect(Math.abs(seen - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / people.length));
  });

  test('the expected metrics are those of the true probabilities', () => {
    const risks = people.map((p) => p.risk);
    const expected = Object.fromEntries(definition.expected.map((e) => [e.metric, e.expected]));
    expect(bayesRocAuc(risks)).toBeCloseTo(expected.rocAuc, 2);
    expect(bayesLogLoss(risks)).toBeCloseTo(expected.logLoss, 2);
  });
});

test('the table follows from the seed and hides the risk', () => {
  const first = generate(300, 5);
  expect(generate(300, 5)).toEqual(first);
  expect(first.columns).toHaveLength(9);
  expect(first.rows.every((row) => row.length === 9)).toBe(true);
});
