/** Naive Bayes and nearest neighbours against scikit-learn (fixtures/plain-families.json says by which classes). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fit } from '../../../src/engine/learning/create-fit';
import type { ColumnRows, LearnedRows, Matrix } from '../../../src/engine/learning/fit';
import type { Task } from '../../../src/engine/types';
import { listen } from '../support/training';

interface Fixture {
  x: number[][];
  places: number[][];
  y: number[];
  value: number[];
  probabilities: number[];
  rows: number[][];
  regression: Record<'uniform' | 'distance', number[]>;
  classes: Record<'uniform' | 'distance', number[]>;
}

const file = join(__dirname, '..', 'fixtures', 'plain-families.json');
const sklearn = JSON.parse(readFileSync(file, 'utf8')) as Fixture;
const count = sklearn.x.length;
const [CLASSES, WIDTH, WITH_TEXTS] = [3, 3, 5];

interface Asked {
  family: string;
  parameters: Record<string, unknown>;
  task: Task;
  outputs: number;
  train: LearnedRows;
  validation: LearnedRows;
}

async function answers(asked: Asked, x: Float32Array | Float64Array, rows: number): Promise<Float32Array> {
  const model = await fit({ ...asked, seed: 1, resume: null }, listen());
  const output = await model.predict(x, rows);
  await model.release();
  return output;
}

const closeTo = (output: ArrayLike<number>, expected: number[], tolerance: number): void => {
  expect(output.length).toBe(expected.length);
  expected.forEach((value, i) => expect(Math.abs(output[i] - value)).toBeLessThan(tolerance));
};

/** With a gap in each of two columns, of a row that is to be answered. */
function columnRows(weight: Float32Array | null = null): ColumnRows {
  return {
    ...{ rows: count, width: WITH_TEXTS, weight },
    columns: [
      ...[0, 1, 2].map((c) => ({
        ...{ kind: 'number' as const, name: `x${c}` },
        values: Float64Array.from(sklearn.x, (row) => row[c]),
      })),
      ...[0, 1].map((c) => ({
        ...{ kind: 'category' as const, name: `t${c}`, count: [4, 3][c] },
        places: Uint16Array.from(sklearn.places, (row) => row[c]),
      })),
    ],
    at: Uint32Array.from({ length: count }, (_, i) => i),
    y: Float32Array.from(sklearn.y),
  };
}

const nobody = (rows: ColumnRows): ColumnRows => ({ ...rows, rows: 0, at: new Uint32Array(), y: new Float32Array() });

const bayes = (train: ColumnRows): Asked => ({
  ...{ family: 'naiveBayes', parameters: { varianceShare: 1e-12 }, task: 'multiclass', outputs: CLASSES },
  ...{ train, validation: nobody(train) },
});

const cells = Float64Array.from(sklearn.x.flatMap((row, i) => [...row, ...sklearn.places[i]]));

describe('naive Bayes', () => {
  test('has the probabilities of scikit-learn', async () => {
    closeTo(await answers(bayes(columnRows()), cells, count), sklearn.probabilities, 1e-6);
  });

  test('a missing value is as if its column were not there', async () => {
    const gaps = cells.slice(0, 3 * WITH_TEXTS);
    gaps.set([NaN, 0.5, NaN, 0, 2]);
    gaps.set([NaN, NaN, NaN, 0, 0], WITH_TEXTS);
    const output = await answers(bayes(columnRows()), gaps, 3);
    const shares = [0, 1, 2].map((k) => sklearn.y.filter((y) => y === k).length / count);
    closeTo(output.subarray(CLASSES, 2 * CLASSES), shares, 1e-6);
    const train = columnRows();
    const two = { ...train, width: 2, columns: [train.columns[1], train.columns[4]] };
    closeTo(output.subarray(0, CLASSES), [...(await answers(bayes(two), Float64Array.of(0.5, 2), 1))], 1e-6);
  });

  test('a row of weight two counts as two rows', async () => {
    const train = columnRows(Float32Array.from(sklearn.y, (y) => (y === 1 ? 2 : 1)));
    const at = Uint32Array.from(sklearn.y.flatMap((y, i) => (y === 1 ? [i, i] : [i])));
    const repeated = { ...columnRows(), rows: at.length, at, y: Float32Array.from(at, (i) => sklearn.y[i]) };
    closeTo(await answers(bayes(train), cells, count), [...(await answers(bayes(repeated), cells, count))], 1e-6);
  });
});

const x = Float32Array.from(sklearn.x.flat());
const matrix = (y: number[]): Matrix => ({ rows: count, width: WIDTH, x, y: Float32Array.from(y), weight: null });
const none: Matrix = { rows: 0, width: WIDTH, x: new Float32Array(), y: new Float32Array(), weight: null };
const news = Float32Array.from(sklearn.rows.flat());
const K = 5;

describe.each(['uniform', 'distance'] as const)('nearest neighbours, %s', (weights) => {
  const parameters = { neighbours: K, weights };
  const asked = { family: 'neighbours', parameters, validation: none };

  test('have the numbers of scikit-learn', async () => {
    const train = matrix(sklearn.value);
    const output = await answers({ ...asked, task: 'regression', outputs: 1, train }, news, sklearn.rows.length);
    closeTo(output, sklearn.regression[weights], 1e-4);
  });

  test('have its probabilities, with one neighbour more that says what is so of all rows', async () => {
    const train = matrix(sklearn.y);
    const output = await answers({ ...asked, task: 'multiclass', outputs: CLASSES, train }, news, sklearn.rows.length);
    const shares = [0, 1, 2].map((k) => sklearn.y.filter((y) => y === k).length / count);
    const expected = sklearn.classes[weights].map((p, i) => (K * p + shares[i % CLASSES]) / (K + 1));
    closeTo(output, expected, 1e-4);
  });
});

test('validation chooses how many neighbours speak', async () => {
  const validation: Matrix = { ...matrix(sklearn.value), rows: 30, x: x.slice(0, 30 * WIDTH) };
  const train: Matrix = { ...matrix(sklearn.value), rows: count - 30, x: x.slice(30 * WIDTH) };
  validation.y = validation.y.slice(0, 30);
  train.y = train.y.slice(30);
  const heard = listen();
  const asked = { family: 'neighbours', parameters: {}, task: 'regression' as const, outputs: 1, train, validation };
  const model = await fit({ ...asked, seed: 1, resume: null }, heard);
  const losses = heard.all.map(({ value }) => value);
  expect(model.validationLoss).toBe(Math.min(...losses));
  // The model before the validation rows were added answers them with that loss.
  const output = await model.predict(validation.x, 30);
  await model.release();
  const error = output.reduce((sum, value, i) => sum + (value - validation.y[i]) ** 2, 0) / 30;
  expect(error).toBeCloseTo(model.validationLoss, 4);
  expect(model.parameters.neighbours).toBe([1, 2, 3, 5, 7, 10, 15, 20, 30, 50][losses.indexOf(Math.min(...losses))]);
});
