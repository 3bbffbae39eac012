import {
  classificationScorer,
  evaluateClassification,
  evaluateRegression,
  regressionScorer,
} from '../../src/engine/metrics';
import oracle from './fixtures/metrics.json';

const byName = (names: string[], values: number[]) => Object.fromEntries(names.map((name, i) => [name, values[i]]));

const labelsOf = (classes: number) => Array.from({ length: classes }, (_, k) => `class ${k}`);

describe('classification metrics against scikit-learn', () => {
  test.each(oracle.classification)('$name', (c) => {
    const scorer = classificationScorer(
      Int32Array.from(c.actual),
      Float32Array.from(c.probabilities),
      labelsOf(c.classes),
    );
    const found = byName(scorer.names, scorer.score(c.weights));
    for (const [name, expected] of Object.entries(c.metrics))
      expect([name, found[name]]).toEqual([name, expected === null ? NaN : expect.closeTo(expected, 6)]);
  });

  test('confusion matrix and both curves', () => {
    const c = oracle.classification[0];
    const evaluation = evaluateClassification(
      ['no', 'yes'],
      Int32Array.from(c.actual),
      Float32Array.from(c.probabilities),
      { seed: 1 },
    );
    expect(evaluation.confusionMatrix).toEqual({ labels: ['no', 'yes'], counts: c.confusion });
    expect(evaluation.rocCurve).toMatchObject(closeLists(c.roc!));
    expect(evaluation.precisionRecallCurve).toMatchObject(closeLists(c.precisionRecall!));
    expect(evaluation.rocCurve!.threshold.every(Number.isFinite)).toBe(true);
  });

  test('bootstrap intervals come near those of 20,000 resamples by numpy, and are reproducible', () => {
    const c = oracle.classification[0];
    const run = () =>
      evaluateClassification(['no', 'yes'], Int32Array.from(c.actual), Float32Array.from(c.probabilities), { seed: 5 });
    const metrics = run().metrics;
    for (const [name, [lower, upper]] of Object.entries(c.intervals!)) {
      const metric = metrics.find((m) => m.name === name)!;
      const width = upper - lower;
      expect(Math.abs(metric.lower! - lower)).toBeLessThan(0.2 * width);
      expect(Math.abs(metric.upper! - upper)).toBeLessThan(0.2 * width);
    }
    expect(run().metrics).toEqual(metrics);
  });
});

describe('edge cases', () => {
  test('one class in the test part: ranking metrics are left out, the rest stands', () => {
    const evaluation = evaluateClassification(
      ['a', 'b'],
      Int32Array.of(0, 0, 0),
      Float32Array.of(0.9, 0.1, 0.8, 0.2, 0.3, 0.7),
      { seed: 1 },
    );
    const names = evaluation.metrics.map((m) => m.name);
    expect(names).not.toContain('rocAuc');
    expect(names).not.toContain('averagePrecision');
    expect(evaluation.metrics.find((m) => m.name === 'accuracy')!.value).toBeCloseTo(2 / 3);
    expect(evaluation.rocCurve).toBeNull();
  });

  test('a class that never occurs does not spoil the macro means', () => {
    const scorer = classificationScorer(
      Int32Array.of(0, 1),
      Float32Array.of(0.8, 0.1, 0.1, 0.2, 0.7, 0.1),
      labelsOf(3),
    );
    const found = byName(scorer.names, scorer.score([1, 1]));
    expect(found).toMatchObject({ accuracy: 1, balancedAccuracy: 1, f1Macro: 1, rocAuc: 1 });
  });

  test('probabilities of exactly 0 give a finite log loss', () => {
    const scorer = classificationScorer(Int32Array.of(0), Float32Array.of(0, 1), labelsOf(2));
    expect(byName(scorer.names, scorer.score([1])).logLoss).toBeCloseTo(15.942, 3);
  });

  test('curves of many thresholds keep at most 200 points and both ends', () => {
    const n = 5000;
    const actual = Int32Array.from({ length: n }, (_, i) => Number(Math.sin(i * 12.9898) > 0.3));
    const p = Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 === 1 ? i / (2 * n) : 1 - (i + 1) / (2 * n)));
    const roc = evaluateClassification(['a', 'b'], actual, p, { seed: 1 }).rocCurve!;
    expect(roc.threshold.length).toBeLessThanOrEqual(200);
    expect(roc.threshold.length).toBeGreaterThan(150);
    expect([roc.truePositiveRate[0], roc.truePositiveRate.at(-1), roc.falsePositiveRate.at(-1)]).toEqual([0, 1, 1]);
  });

  test('R² of a constant target is left out', () => {
    const evaluation = evaluateRegression(Float64Array.of(2, 2, 2), [1, 2, 3], { seed: 1 });
    expect(evaluation.metrics.map((m) => m.name)).toEqual(['mae', 'rmse', 'medianAbsoluteError']);
  });
});

describe('regression metrics against scikit-learn', () => {
  test.each(oracle.regression)('$name', (c) => {
    const scorer = regressionScorer(Float64Array.from(c.actual), c.predicted);
    const found = byName(scorer.names, scorer.score(c.weights));
    for (const [name, expected] of Object.entries(c.metrics))
      expect([name, found[name]]).toEqual([name, expect.closeTo(expected, 9)]);
  });
});

const closeLists = (lists: Record<string, number[]>) =>
  Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list.map((v) => expect.closeTo(v, 9))]));
