/**
 * The trivial predictor against its closed forms, which are those of scikit-learn's DummyRegressor(strategy="mean") and
 * DummyClassifier(strategy="prior"): the mean, the shares and the most frequent class of the training rows.
 */
import { openModel, train } from '../../src/engine/run';
import { CARD_KEY } from '../../src/engine/serving/serving-graph';
import type { MetricValue, Table, TrainRequest, TrainResult } from '../../src/engine/types';
import { recorder } from './support/train-port';
import { DEFAULTS, draw, normal, pick, table, uniform } from './tables';

const N = 240;
/** The last quarter is the test part; the rows before it are half and half train and validation. */
const PART = Array.from({ length: N }, (_, i) => (i >= 180 ? 'test' : i % 3 === 0 ? 'validation' : 'train'));
const rowsOf = (part: string): number[] => PART.flatMap((rowPart, row) => (rowPart === part ? [row] : []));
const TRAIN = rowsOf('train');
const TEST = rowsOf('test');
const noise = draw(N, 1, normal);

async function run(columns: Parameters<typeof table>[0], change: Partial<TrainRequest> = {}) {
  const { port, events } = recorder();
  const result = await train(requestOf(table({ ...columns, part: PART }), change), port);
  const warned = events.flatMap((event) => (event.kind === 'log' && event.level === 'warn' ? [event.message] : []));
  return { result, warned };
}

const requestOf = (data: Table, change: Partial<TrainRequest>): TrainRequest => ({
  table: data,
  target: 'y',
  task: null,
  drop: [],
  split: { kind: 'column', column: 'part', validationFraction: 0.2 },
  preprocess: DEFAULTS,
  estimator: { family: 'linear', parameters: { epochs: 30 } },
  seed: 5,
  resume: null,
  ...change,
});

const LOGISTIC = { family: 'logistic', parameters: { epochs: 10 } };
const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length;

function baselines({ evaluation }: TrainResult, target?: string): Record<string, number | null> {
  const ofTarget = evaluation.metrics.filter((metric) => metric.target === target);
  return Object.fromEntries(ofTarget.map(({ name, baseline }) => [name, baseline?.value ?? null]));
}

const metricOf = ({ evaluation }: TrainResult, name: string): MetricValue =>
  evaluation.metrics.find((metric) => metric.name === name && metric.target === undefined)!;

const close = (values: Record<string, number>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, expect.closeTo(value, 5)]));

/** Of the mean of the training rows. */
function numbersBaseline(y: (number | null)[]) {
  const known = (rows: number[]) => rows.flatMap((row) => y[row] ?? []);
  const [center, test] = [mean(known(TRAIN)), known(TEST)];
  const square = mean(test.map((value) => (value - center) ** 2));
  const spread = mean(test.map((value) => (value - mean(test)) ** 2));
  return { rmse: Math.sqrt(square), mae: mean(test.map((value) => Math.abs(value - center))), r2: 1 - square / spread };
}

describe('a number', () => {
  test('far from zero: the mean of the training rows, with intervals from the resamples of the model', async () => {
    const x = draw(N, 2, normal);
    const y = x.map((value, i) => 1e6 + 5 * value + noise[i]);
    const { result, warned } = await run({ x, y });
    expect(baselines(result)).toMatchObject(close(numbersBaseline(y)));
    const { baseline } = metricOf(result, 'rmse');
    expect(baseline!.lower!).toBeLessThan(baseline!.value);
    expect(baseline!.upper!).toBeGreaterThan(baseline!.value);
    expect(result.card.warnings).toEqual([]);
    expect(warned).toEqual([]);
  });

  test('that has nothing to do with the columns: the log, the card and the card in each file say so', async () => {
    const { result, warned } = await run({ x: draw(N, 3, normal), y: noise });
    expect(result.card.warnings).toEqual([
      { code: 'NO_BETTER_THAN_BASELINE', message: expect.stringMatching(/^On 60 test rows .* guessing.*r2 -?0\.\d+/) },
    ]);
    expect(warned).toEqual([result.card.warnings![0].message]);
    for (const { model } of result.variants) {
      const served = await openModel(model);
      expect(served.card).toEqual(result.card);
      await served.release();
    }
    expect(Buffer.from(result.model).indexOf(CARD_KEY)).toBe(Buffer.from(result.model).lastIndexOf(CARD_KEY));
  });

  test('that is the same in all test rows: R² is left out with the reason', async () => {
    const x = draw(N, 4, normal);
    const y = x.map((value, i) => (PART[i] === 'test' ? 2 : value + 0.1 * noise[i]));
    const { result, warned } = await run({ x, y });
    expect(result.evaluation.undefinedMetrics).toEqual([
      { name: 'r2', reason: expect.stringContaining('same value of the target') },
    ]);
    expect(warned).toContainEqual(expect.stringContaining('Left out as undefined: r2.'));
    expect(result.card.warnings!.map(({ code }) => code)).toContain('METRICS_UNDEFINED');
  });
});

describe('classes', () => {
  const x = draw(N, 6, normal);

  test('two: shares as probabilities, the frequent class as answer, whatever their weights in training', async () => {
    const y = draw(N, 7, (r, i) => (uniform(r) < 1 / (1 + Math.exp(1.2 - 2 * x[i])) ? 'b' : 'a'));
    const parameters = { epochs: 20, classWeight: 'balanced' };
    const { result, warned } = await run({ x, y }, { estimator: { family: 'logistic', parameters } });
    const [share, rate] = [TRAIN, TEST].map((rows) => mean(rows.map((row) => Number(y[row] === 'b'))));
    expect(result.card.labels).toEqual(['a', 'b']);
    expect(share).toBeLessThan(0.5);
    expect(baselines(result)).toEqual({
      ...close({
        accuracy: 1 - rate,
        balancedAccuracy: 0.5,
        recall: 0,
        f1: 0,
        // Of class a: precision 1 - rate, recall 1; of class b 0.
        f1Macro: (1 - rate) / (2 - rate),
        rocAuc: 0.5,
        averagePrecision: rate,
        logLoss: -rate * Math.log(share) - (1 - rate) * Math.log(1 - share),
        brier: rate * (1 - share) ** 2 + (1 - rate) * share ** 2,
      }),
      precision: null,
    });
    expect(warned).toEqual([]);
  });

  test('two that are drawn by lot: no better than guessing', async () => {
    const { result } = await run({ x, y: draw(N, 9, (r) => pick(r, ['a', 'b'])) }, { estimator: LOGISTIC });
    expect(result.card.warnings).toEqual([
      { code: 'NO_BETTER_THAN_BASELINE', message: expect.stringMatching(/rocAuc 0\..*trivial predictor 0\.5000/) },
    ]);
  });

  test('three, of which one is not in the test part: means over the others, and a warning', async () => {
    const y = x.map((value, i) => (PART[i] !== 'test' && i % 7 === 0 ? 'c' : value + 0.3 * noise[i] > 0 ? 'b' : 'a'));
    const { result, warned } = await run({ x, y }, { estimator: LOGISTIC });
    const shares = ['a', 'b', 'c'].map((label) => mean(TRAIN.map((row) => Number(y[row] === label))));
    const rates = ['a', 'b', 'c'].map((label) => mean(TEST.map((row) => Number(y[row] === label))));
    const best = shares.indexOf(Math.max(...shares));
    expect(baselines(result)).toMatchObject(
      close({
        accuracy: rates[best],
        balancedAccuracy: 0.5,
        precision: rates[best] / 2,
        recall: 0.5,
        rocAuc: 0.5,
        logLoss: -rates.reduce((sum, rate, k) => sum + rate * Math.log(shares[k]), 0),
        brier: rates.reduce(
          (sum, rate, k) => sum + rate * shares.reduce((squares, p, j) => squares + (p - Number(j === k)) ** 2, 0),
          0,
        ),
      }),
    );
    expect(warned).toEqual([
      expect.stringContaining('nothing of 1 of 3 classes, which the scores do not tell of: "c"'),
    ]);
    expect(result.card.warnings!.map(({ code }) => code)).toEqual(['CLASSES_NOT_TESTED']);
  });

  test('two, of which the positive one is not in the test part: no silent 0', async () => {
    const y = x.map((_, i) => (i === 1 || i === 4 ? 'b' : 'a'));
    const { result, warned } = await run({ x, y }, { estimator: LOGISTIC });
    const absent = result.evaluation.undefinedMetrics;
    expect(absent.map(({ name }) => name)).toEqual(['precision', 'recall', 'f1', 'rocAuc', 'averagePrecision']);
    for (const { reason } of absent) expect(reason).toContain('No test row is of the positive class "b"');
    expect(result.evaluation.metrics.map(({ name }) => name)).toEqual([
      ...['accuracy', 'balancedAccuracy', 'f1Macro', 'logLoss', 'brier'],
    ]);
    expect(warned).toContainEqual(
      expect.stringMatching(
        /precision, recall, f1, rocAuc, averagePrecision\. No test row is of the positive class "b"/,
      ),
    );
  });
});

describe('several targets', () => {
  const x = draw(N, 11, normal);

  test('numbers: the mean of each where it is known; a target that is guessed is named', async () => {
    const a = x.map((value, i) => (i % 11 === 0 ? null : 3 * value + 0.2 * noise[i]));
    const { result, warned } = await run({ x, a, b: noise }, { target: ['a', 'b'] });
    expect(baselines(result, 'a')).toMatchObject(close(numbersBaseline(a)));
    expect(baselines(result, 'b')).toMatchObject(close(numbersBaseline(noise)));
    expect(warned).toEqual([expect.stringMatching(/guessing at 1 of 2 targets: "b" \(r2 /)]);
  });

  test('labels: the share of each', async () => {
    const a = x.map((value) => Number(value > 0.4));
    const b = x.map((value) => Number(value > -0.2));
    const { result } = await run(
      { x, a, b },
      { target: ['a', 'b'], estimator: { family: 'mlp', parameters: { epochs: 10 } } },
    );
    expect(result.card.task).toBe('multilabel');
    const loss = [a, b].map((y) => {
      const [share, rate] = [TRAIN, TEST].map((rows) => mean(rows.map((row) => y[row])));
      return -rate * Math.log(share) - (1 - rate) * Math.log(1 - share);
    });
    expect(baselines(result)).toMatchObject(close({ logLoss: mean(loss), rocAuc: 0.5 }));
    expect(baselines(result, 'a')).toMatchObject({ rocAuc: 0.5, recall: 0, precision: null });
  });

  test('steps of a sequence: the shares of all steps together', async () => {
    const steps = [0, 1, 2].map((t) => x.map((value, i) => (value + 0.3 * noise[(i + t) % N] > 0.5 ? 'up' : 'down')));
    const [s1, s2, s3] = steps;
    const { result } = await run(
      { x1: x, x2: x, x3: x, s1, s2, s3 },
      {
        target: ['s1', 's2', 's3'],
        task: 'sequence_labeling',
        estimator: { family: 'rnn', parameters: { epochs: 3 } },
      },
    );
    const [share, rate] = [TRAIN, TEST].map((rows) =>
      mean(steps.flatMap((step) => rows.map((row) => Number(step[row] === 'up')))),
    );
    expect(baselines(result)).toMatchObject(
      close({
        tokenAccuracy: 1 - rate,
        balancedAccuracy: 0.5,
        logLoss: -rate * Math.log(share) - (1 - rate) * Math.log(1 - share),
      }),
    );
  });
});

describe('anomalies', () => {
  const x = draw(N, 13, normal);
  const odd = (i: number) => i % 10 === 0;
  const columns = { x: x.map((v, i) => (odd(i) ? v + 9 : v)), z: x.map((v, i) => v + 0.1 * noise[i]) };
  const request = { task: 'anomaly', estimator: { family: 'autoencoder', parameters: { epochs: 5 } } } as const;

  test('with labels: one score for every row orders nothing', async () => {
    const y = x.map((_, i) => (odd(i) ? 'bad' : 'good'));
    const { result } = await run({ ...columns, y }, request);
    const rate = mean(TEST.map((row) => Number(odd(row))));
    expect(baselines(result)).toEqual({
      ...close({ rocAuc: 0.5, averagePrecision: rate }),
      ...{ precision: null, recall: null, f1: null, reconstructionError: null, anomalyRate: null },
    });
  });

  test('without labels: no baseline, no warning', async () => {
    const { result, warned } = await run(columns, { ...request, target: [] });
    expect(baselines(result)).toEqual({ reconstructionError: null, anomalyRate: null });
    expect(warned).toEqual([]);
  });
});
