/** Rows that count differently, learnt from by trees and others: against scikit-learn, LightGBM, and rows that are repeated. */
import { createFit } from '../../../src/engine/learning/create-fit';
import { openModel } from '../../../src/engine/run';
import { Random } from '../../../src/engine/random';
import { trainTable } from '../../../src/engine/training/train';
import type { Column, LabelsOutput, NumbersOutput, TrainRequest } from '../../../src/engine/types';
import published from '../fixtures/sample-weights.json';
import { recorder } from '../support/train-port';
import { DEFAULTS } from '../tables';
import { uniform } from './boosting.fixture';

interface Rows {
  columns: number[][];
  target: number[];
  weights: number[];
}

const PARTS = ['train', 'validation', 'test'];

/** The same rows in each part. */
function requestOf(
  { columns, target, weights }: Rows,
  estimator: TrainRequest['estimator'],
  labels?: string[],
): TrainRequest {
  const number = (name: string, values: number[]): Column => ({
    ...{ name, kind: 'number' },
    values: Float64Array.from(PARTS.flatMap(() => values)),
  });
  const y: Column = labels
    ? { name: 'y', kind: 'category', levels: labels, codes: Int32Array.from(PARTS.flatMap(() => target)) }
    : number('y', target);
  const part: Column = {
    name: 'part',
    kind: 'category',
    levels: PARTS,
    codes: Int32Array.from(PARTS.flatMap((_, code) => target.map(() => code))),
  };
  const features = columns.map((values, c) => number(`x${c}`, values));
  return {
    table: { rowCount: PARTS.length * target.length, columns: [...features, y, part, number('w', weights)] },
    ...{ target: 'y', task: null, weight: 'w', drop: [], seed: 1, resume: null, preprocess: DEFAULTS, estimator },
    split: { kind: 'column', column: 'part', validationFraction: 0.2 },
  };
}

async function answersOf(request: TrainRequest, columns: number[][]) {
  const { model, evaluation } = await trainTable(request, recorder().port, createFit({ threads: 1 }));
  const served = await openModel(model);
  const batch = { rowCount: columns[0].length, columns: columns.map((values) => Float64Array.from(values)) };
  const output = (await served.predict(batch)) as NumbersOutput | LabelsOutput;
  await served.release();
  return { evaluation, answers: [...(output.kind === 'numbers' ? output.prediction : output.probabilities)] };
}

const ONE_TREE = { trees: 1, bootstrap: false, columnsPerSplit: 'all', leaves: 8, rowsPerLeaf: 1, refit: false };
const BOOSTED = { trees: 20, patience: 0, learningRate: 0.1, leaves: 8, rowsPerLeaf: 1, rowShare: 1, refit: false };

const { rows, target, weights, answers: byTree } = published.tree;
const publishedRows: Rows = { columns: [0, 1].map((c) => rows.map((row) => row[c])), target, weights };

test('a tree answers as that of scikit-learn with sample_weight', async () => {
  const { answers } = await answersOf(
    requestOf(publishedRows, { family: 'forest', parameters: ONE_TREE }),
    publishedRows.columns,
  );
  answers.forEach((answer, i) => expect(answer).toBeCloseTo(byTree[i], 5));
});

test('boosted trees answer as those of LightGBM with weights', async () => {
  const { answers } = await answersOf(
    requestOf(publishedRows, { family: 'boosting', parameters: { ...BOOSTED, leaves: 4, rowsPerLeaf: 8 } }),
    publishedRows.columns,
  );
  const apart = answers.map((answer, i) => Math.abs(answer - published.boosting[i]));
  expect(Math.max(...apart)).toBeLessThan(1e-5);
});

/** Whole weights, 0 among them, and the same rows as often. */
function repeated(seed: number): { once: Rows; often: Rows } {
  const random = new Random(seed);
  const count = 300;
  const columns = [9, 6].map((most) => Array.from({ length: count }, () => random.below(most)));
  const sums = columns[0].map((a, i) => a * (columns[1][i] > 2 ? 1 : -1) + 2 * uniform(random));
  const often = Array.from({ length: count }, () => random.below(4));
  const times = (values: number[]): number[] => values.flatMap((value, i) => new Array<number>(often[i]).fill(value));
  return {
    once: { columns, target: sums, weights: often },
    often: { columns: columns.map(times), target: times(sums), weights: times(often.map(() => 1)) },
  };
}

test.each([
  ['forest', ONE_TREE, 1e-5],
  ['boosting', BOOSTED, 1e-5],
] as const)('%s: a weight of 2 is a row twice, one of 0 none', async (family, parameters, most) => {
  const { once, often } = repeated(4);
  const estimator = { family, parameters };
  const weighted = await answersOf(requestOf(once, estimator), once.columns);
  const plain = await answersOf({ ...requestOf(often, estimator), weight: undefined, drop: ['w'] }, once.columns);
  const apart = weighted.answers.map((answer, i) => (once.weights[i] === 0 ? 0 : Math.abs(answer - plain.answers[i])));
  expect(Math.max(...apart)).toBeLessThan(most);
  const scoreOf = ({ evaluation }: typeof plain, wanted: string) =>
    evaluation.metrics.find(({ name }) => name === wanted)!;
  for (const name of ['mae', 'rmse', 'r2']) {
    expect(Math.abs(scoreOf(weighted, name).value - scoreOf(plain, name).value)).toBeLessThan(most);
    expect(scoreOf(weighted, name).baseline!.value).toBeCloseTo(scoreOf(plain, name).baseline!.value, 5);
  }
});

test.each(['boosting', 'forest', 'mlp', 'logistic'])('%s: classes are as likely as weights say', async (family) => {
  // Half of the rows are of either class; those of the second count three times.
  const target = Array.from({ length: 400 }, (_, i) => i % 2);
  const once: Rows = {
    columns: [target.map((_, i) => Math.floor(i / 2) % 2)],
    target,
    weights: target.map((k) => 1 + 2 * k),
  };
  const parameters = family === 'mlp' || family === 'logistic' ? {} : { trees: 40, refit: false };
  const { answers, evaluation } = await answersOf(requestOf(once, { family, parameters }, ['no', 'yes']), [[0, 1]]);
  expect(answers[1]).toBeCloseTo(0.75, 1);
  const logLoss = evaluation.metrics.find(({ name }) => name === 'logLoss')!;
  expect(logLoss.baseline!.value).toBeCloseTo(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), 5);
});

test.each(['linear', 'mlp', 'boosting', 'forest', 'tree'])(
  '%s: numbers are the means that weights say',
  async (family) => {
    // Half of the rows are x, half are -x and count four times: -3/5 of x on average.
    const x = Array.from({ length: 400 }, (_, i) => (i % 5) - 2);
    const target = x.map((value, i) => (i % 2 === 0 ? value : -value));
    const once: Rows = { columns: [x], target, weights: target.map((_, i) => (i % 2 === 0 ? 0.5 : 2)) };
    const { answers, evaluation } = await answersOf(
      { ...requestOf(once, { family, parameters: {} }), task: 'regression' },
      [[-2, -1, 0, 1, 2]],
    );
    answers.forEach((answer, i) => expect(Math.abs(answer + 0.6 * (i - 2))).toBeLessThan(0.1));
    const r2 = evaluation.metrics.find(({ name }) => name === 'r2')!;
    expect(r2.value).toBeCloseTo(0.36, 1);
  },
);
