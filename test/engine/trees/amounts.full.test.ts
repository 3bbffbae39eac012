/** Counts and amounts by `boosting`, from a table to answers. */
import { Random } from '../../../src/engine/random';
import { openModel } from '../../../src/engine/serving/serving';
import { trainTable } from '../../../src/engine/training/train';
import type { Column, OutputBatch, TrainRequest } from '../../../src/engine/types';
import { createFit } from '../../../src/engine/learning/create-fit';
import { recorder } from '../support/train-port';
import { uniform } from './boosting.fixture';
import { requestOf, trained } from './learner.fixture';

const ROWS = 3000;

/** Counts whose mean is exp(2a + b), by adding waiting times until one is over. */
function countsOf(parameters: Record<string, unknown>, change: (y: Float64Array) => void = () => {}): TrainRequest {
  const random = new Random(21);
  const [a, b] = [0, 1].map(() => Float64Array.from({ length: ROWS }, () => uniform(random)));
  const y = a.map((value, i) => {
    const mean = Math.exp(2 * value + b[i] - 1.5);
    let [count, time] = [0, 0];
    while ((time -= Math.log(1 - uniform(random))) < mean) count++;
    return count;
  });
  change(y);
  const columns: Column[] = [
    { name: 'a', kind: 'number', values: a },
    { name: 'b', kind: 'number', values: b },
    { name: 'number', kind: 'number', values: y },
  ];
  const request = requestOf('boosting', 'number', { trees: 200, ...parameters });
  return { ...request, task: 'regression', drop: [], table: { rowCount: ROWS, columns } };
}

const numbersOf = (output: OutputBatch): number[] => {
  if (output.kind !== 'numbers') throw new Error('The model answers labels.');
  return [...output.prediction];
};

test.each([
  [{ loss: 'poisson' }, 'poissonDeviance', 1],
  [{ loss: 'tweedie', tweediePower: 1.1 }, 'tweedieDeviance', 1.1],
] as const)('%p answers means', async (parameters, metric, power) => {
  const { card, evaluation, model } = await trained(countsOf(parameters));
  expect(card.variancePower).toBe(power);
  const found = evaluation.metrics.find(({ name }) => name === metric)!;
  expect(found.value).toBeLessThan(0.8 * found.baseline!.value);
  const served = await openModel(model);
  const a = Float64Array.of(0.1, 0.5, 0.9, NaN);
  const answers = numbersOf(await served.predict({ rowCount: 4, columns: [a, Float64Array.of(0.5, 0.5, 0.5, NaN)] }));
  await served.release();
  for (const [i, value] of [0.1, 0.5, 0.9].entries()) {
    const mean = Math.exp(2 * value + 0.5 - 1.5);
    expect(Math.abs(Math.log(answers[i] / mean))).toBeLessThan(0.3);
  }
  expect(answers[3]).toBeGreaterThan(0);
});

test('other losses have no deviance', async () => {
  const { card, evaluation } = await trained(countsOf({ trees: 5 }));
  expect(card).not.toHaveProperty('variancePower');
  expect(evaluation.metrics.some(({ name }) => name.endsWith('Deviance'))).toBe(false);
});

test('a negative target is refused with its row and what to do', async () => {
  const request = countsOf({ loss: 'poisson' }, (y) => (y[1233] = -2));
  const refused = async (trainRequest: TrainRequest) =>
    trainTable(trainRequest, recorder().port, createFit()).catch((error: unknown) => error);
  expect(await refused(request)).toMatchObject({
    path: 'target',
    message: 'Target "number" is -2 in row 1234; the loss poisson is of counts and amounts, 0 or more.',
    hint: expect.stringContaining('FILTER'),
  });
  const steps = [{ id: 'some', kind: 'FILTER', parameters: { where: 'number < 5' }, after: [] }];
  expect(await refused({ ...request, steps })).toMatchObject({ message: expect.stringContaining('in row 1234;') });
  expect(await refused({ ...request, task: 'binary' })).toMatchObject({ message: expect.not.stringContaining('1234') });
});

const SEVERAL = [
  [{ loss: 'mae' }, null],
  [{ loss: 'huber', huberDelta: 0.5 }, null],
  [{ loss: 'quantile', quantile: 0.8 }, null],
  [{ loss: 'poisson' }, 'poissonDeviance'],
  [{ loss: 'tweedie', tweediePower: 1.4 }, 'tweedieDeviance'],
] as const;

/** Two counts, of which the second is the first of other rows. */
function severalOf(parameters: object, target: string | string[]): TrainRequest {
  const fixed = { trees: 30, patience: 0, rowShare: 1, refit: false, leaves: 8 };
  const request = countsOf({ ...fixed, ...parameters });
  const [a, b, number] = request.table.columns as (Column & { kind: 'number' })[];
  const second: Column = {
    name: 'second',
    kind: 'number',
    values: a.values.map((value, i) => Math.round(3 * value + b.values[i])),
  };
  return {
    ...request,
    ...{ target, task: null, table: { rowCount: ROWS, columns: [a, b, number, second] } },
    drop: ['number', 'second'].filter((name) => ![target].flat().includes(name)),
    split: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: false },
    ...(typeof target === 'string' && { task: 'regression' as const }),
  };
}

test.each(SEVERAL)(
  'several numbers by %p: each as if it were alone, with its deviance',
  async (parameters, deviance) => {
    const targets = ['number', 'second'];
    const together = await trained(severalOf(parameters, targets));
    expect(together.card.task).toBe('multi_regression');
    const metricOf = ({ evaluation }: typeof together, wanted: string, target?: string) =>
      evaluation.metrics.find((metric) => metric.name === wanted && metric.target === target);
    const found: number[] = [];
    for (const target of targets) {
      const alone = await trained(severalOf(parameters, target));
      for (const name of ['mae', 'rmse', ...(deviance ? [deviance] : [])]) {
        const [one, same] = [metricOf(alone, name)!, metricOf(together, name, target)!];
        expect(Math.abs(same.value / one.value - 1)).toBeLessThan(0.02);
        expect(same.baseline!.value).toBeCloseTo(one.baseline!.value, 6);
      }
      if (deviance) found.push(metricOf(together, deviance, target)!.value);
    }
    const mean = deviance ? metricOf(together, deviance) : undefined;
    expect(mean?.value).toEqual(deviance ? expect.closeTo((found[0] + found[1]) / 2, 9) : undefined);
  },
);

test('a negative one of several numbers is refused with its place', async () => {
  const request = severalOf({ loss: 'poisson' }, ['number', 'second']);
  (request.table.columns[3] as Column & { kind: 'number' }).values[7] = -1;
  await expect(trainTable(request, recorder().port, createFit())).rejects.toMatchObject({
    path: 'targets[1]',
    message: expect.stringContaining('"second" is -1 in row 8'),
  });
});
