/** Evaluations of runs that earlier versions stored, as the API shows them. */
import 'reflect-metadata';
import { readEvaluation } from '../../src/runs/results/stored-evaluation';

const metric = (name: string) => ({ name, value: 0.5, lower: null, upper: null });
const NONE = { confusionMatrix: null, rocCurve: null, precisionRecallCurve: null };
const matrix = {
  labels: ['no', 'yes'],
  counts: [
    [1, 0],
    [0, 1],
  ],
};
const rocCurve = { falsePositiveRate: [0, 1], truePositiveRate: [0, 1], threshold: [1, 0] };
const precisionRecallCurve = { precision: [1], recall: [1], threshold: [0] };

describe('one that was stored without a kind gets it, and shows what it showed', () => {
  test.each([
    ['numbers', ['rmse', 'r2'], NONE],
    ['classes', ['accuracy', 'rocAuc'], { confusionMatrix: matrix, rocCurve, precisionRecallCurve }],
    ['classes', ['tokenAccuracy', 'logLoss'], { ...NONE, confusionMatrix: matrix }],
    ['labels', ['subsetAccuracy', 'hammingLoss', 'logLoss'], NONE],
    ['anomalies', ['reconstructionError', 'anomalyRate'], NONE],
    ['anomalies', ['rocAuc', 'reconstructionError', 'anomalyRate'], { ...NONE, rocCurve, precisionRecallCurve }],
  ])('%s (%j)', (kind, names, figures) => {
    const former = { rowCount: 2, metrics: names.map(metric), undefinedMetrics: [], ...figures };
    expect(readEvaluation(former)).toEqual({ kind, groups: [], ...former });
  });

  test('also from before undefined metrics were kept', () => {
    const former = { rowCount: 2, metrics: [metric('rmse')], ...NONE } as never;
    expect(readEvaluation(former)).toMatchObject({ kind: 'numbers', undefinedMetrics: undefined });
  });
});

test('what a kind has not is null', () => {
  const scores = { rowCount: 2, metrics: [metric('rmse')], undefinedMetrics: [] };
  expect(readEvaluation({ kind: 'numbers', ...scores })).toEqual({ kind: 'numbers', groups: [], ...scores, ...NONE });
  expect(readEvaluation({ kind: 'anomalies', ...scores, rocCurve, precisionRecallCurve })).toEqual({
    ...{ kind: 'anomalies', groups: [], ...scores, confusionMatrix: null, rocCurve, precisionRecallCurve },
  });
  expect(readEvaluation(null)).toBeNull();
});
