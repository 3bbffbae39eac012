/** Rows that count differently: metrics against scikit-learn, and what is refused. */
import { columnIssues, type Profile } from '../../src/pipelines/advice/target-check';
import { createFit } from '../../src/engine/learning/create-fit';
import { evaluateClassification, evaluateRegression } from '../../src/engine/metrics';
import { trainTable } from '../../src/engine/training/train';
import type { MetricValue, TrainRequest } from '../../src/engine/types';
import published from './fixtures/sample-weights.json';
import { recorder } from './support/train-port';
import { DEFAULTS } from './tables';

const { weights } = published;

function expectScores(metrics: MetricValue[], scores: Record<string, number>): void {
  const found = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  for (const [name, value] of Object.entries(scores)) expect(found[name]).toBeCloseTo(value, 6);
}

test('metrics of numbers are those of scikit-learn with sample_weight', () => {
  const { numbers, counts } = published;
  expectScores(
    evaluateRegression(Float64Array.from(numbers.actual), numbers.predicted, { seed: 1, weights }).metrics,
    numbers.scores,
  );
  const options = { seed: 1, weights, variancePower: 1 };
  expectScores(evaluateRegression(Float64Array.from(counts.actual), counts.predicted, options).metrics, counts.scores);
});

test('metrics of classes are those of scikit-learn with sample_weight', () => {
  const { actual, positive, scores } = published.classes;
  const probabilities = Float32Array.from(positive.flatMap((p) => [1 - p, p]));
  const { metrics, confusionMatrix } = evaluateClassification(['no', 'yes'], Int32Array.from(actual), probabilities, {
    ...{ seed: 1, weights },
  });
  expectScores(metrics, scores);
  // Counts of rows, which are whole numbers.
  expect(confusionMatrix.counts.flat().reduce((a, b) => a + b, 0)).toBe(actual.length);
});

function request(weight: number[] | string[], change: Partial<TrainRequest> = {}): TrainRequest {
  const rowCount = weight.length;
  const values = Float64Array.from({ length: rowCount }, (_, i) => i % 7);
  const weightColumn = weight.some((value) => typeof value === 'string')
    ? { name: 'w', kind: 'category' as const, codes: new Int32Array(rowCount), levels: ['heavy'] }
    : { name: 'w', kind: 'number' as const, values: Float64Array.from(weight as number[]) };
  return {
    table: {
      rowCount,
      columns: [
        { name: 'x', kind: 'number', values },
        { name: 'y', kind: 'number', values: values.map((value, i) => value * 2 + (i % 3)) },
        weightColumn,
      ],
    },
    ...{ target: 'y', task: null, weight: 'w', drop: [], seed: 1, resume: null, preprocess: DEFAULTS },
    split: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: false },
    estimator: { family: 'tree', parameters: { refit: false } },
    ...change,
  };
}

const refusal = (asked: TrainRequest) =>
  trainTable(asked, recorder().port, createFit({ threads: 1 })).then(
    () => null,
    (error: unknown) => error,
  );

const ONES: number[] = new Array(60).fill(1);

test.each([
  [ONES.with(16, -1), 'Weight column "w" is -1 in row 17; weights go from 0 to 1000000000000.'],
  [ONES.with(3, NaN), 'Weight column "w" has no value in row 4; weights go from 0 to 1000000000000.'],
  [ONES.with(5, Infinity), 'Weight column "w" is Infinity in row 6; weights go from 0 to 1000000000000.'],
  [ONES.map(() => 0), 'Every row of the train part has the weight 0.'],
  [ONES.map(() => 'heavy'), 'Weight column "w" holds texts.'],
])('what is no weight is refused with its place', async (weight, message) => {
  expect(await refusal(request(weight))).toMatchObject({ path: 'weight', message });
});

test('a column that is the target, or not there, or a task that compares rows, is refused', async () => {
  expect(await refusal(request(ONES, { weight: 'y' }))).toMatchObject({ path: 'weight', message: '"y" is a target.' });
  expect(await refusal(request(ONES, { weight: 'z' }))).toMatchObject({ path: 'weight' });
  expect(
    await refusal(request(ONES, { task: 'anomaly', target: [], estimator: { family: 'autoencoder', parameters: {} } })),
  ).toMatchObject({
    path: 'weight',
    message: 'weight is not of the task anomaly, which learns no target.',
  });
  const steps = [{ id: 'more', kind: 'DERIVE', parameters: { column: 'v', expression: 'w * 2' }, after: [] }];
  expect(await refusal(request(ONES, { steps }))).toMatchObject({
    message: expect.stringContaining('weights of the rows'),
  });
});

test('the column is no feature, and equal weights change nothing but that', async () => {
  const train = (asked: TrainRequest) => trainTable(asked, recorder().port, createFit({ threads: 1 }));
  const [heavy, light, none] = [
    await train(request(ONES.map(() => 7))),
    await train(request(ONES)),
    await train(request(ONES, { weight: undefined, drop: ['w'] })),
  ];
  expect(heavy.card.inputs.map(({ name }) => name)).toEqual(['x']);
  expect(heavy.card.leftOut).toEqual([{ column: 'w', reason: 'It holds the weights of the rows.' }]);
  for (const { evaluation } of [heavy, light])
    evaluation.metrics.forEach(({ name, value }, m) => {
      expect(name).toBe(none.evaluation.metrics[m].name);
      expect(value).toBeCloseTo(none.evaluation.metrics[m].value, 9);
    });
});

test('a pipeline with such a column is checked against the data', () => {
  const column = { isInteger: true, missingCount: 0, distinctCount: 20 };
  const profile: Profile = {
    rowCount: 100,
    columns: [
      { ...column, name: 'x', isNumber: true },
      { ...column, name: 'y', isNumber: true },
      { ...column, name: 'text', isNumber: false },
    ],
  };
  const split = { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true } as const;
  const use = { target: 'y', drop: [], split, task: null };
  const issuesOf = (weight: string, task: string | null = null) => columnIssues(profile, { ...use, task, weight });
  expect(issuesOf('x')).toEqual([]);
  expect(issuesOf('y')).toMatchObject([{ path: 'weight', message: 'is a target' }]);
  expect(issuesOf('text')).toMatchObject([{ path: 'weight', message: '"text" is no column of numbers' }]);
  expect(issuesOf('z')).toMatchObject([{ path: 'weight', message: 'the dataset version has no column "z"' }]);
});
