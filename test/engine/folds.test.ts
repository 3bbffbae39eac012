/** Folds: which rows they are of, and that the mean of models is one model that says the mean of what they say. */
import { createFit } from '../../src/engine/learning/create-fit';
import type { ColumnRows, FittedModel, LearnedRows, Matrix } from '../../src/engine/learning/fit';
import { meanOfModels } from '../../src/engine/learning/mean-of-models';
import { Random } from '../../src/engine/random';
import { foldRows, splitRows } from '../../src/engine/splits';
import { readTargets } from '../../src/engine/tasks/targets/read';
import type { SplitOptions, Table } from '../../src/engine/types';
import { draw, normal, pick, table, uniform } from './tables';

const ROWS = 300;
const tableOf = (seed: number): Table =>
  table({
    x: draw(ROWS, seed, normal),
    g: draw(ROWS, seed + 1, (random) => Math.floor(40 * uniform(random) ** 2)),
    part: draw(ROWS, seed + 2, (random) => pick(random, ['train', 'train', 'train', 'test'])),
    t: draw(ROWS, seed + 4, (random) => random.below(100)),
    y: draw(ROWS, seed + 3, (random) => (random.below(10) < 2 ? 'rare' : 'usual')),
  });

const options: Record<string, SplitOptions> = {
  random: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true },
  group: { kind: 'group', column: 'g', testFraction: 0.2, validationFraction: 0.2, stratify: true },
  column: { kind: 'column', column: 'part', validationFraction: 0.2 },
};

const targetsOf = (data: Table) => readTargets([data.columns.find(({ name }) => name === 'y')!], null, data.rowCount);

function folded(data: Table, split: SplitOptions, count = 5, seed = 3) {
  const target = targetsOf(data);
  const parts = splitRows(data, target, split, seed);
  return { target, parts, folds: foldRows(data, target, { split, parts, seed, count }) };
}

test.each(Object.keys(options))(
  '%s: each row outside the test part judges once and is trained on otherwise',
  (name) => {
    for (let seed = 0; seed < 20; seed++) {
      const data = tableOf(10 * seed);
      const { parts, folds } = folded(data, options[name]);
      const rest = [...parts.train, ...parts.validation].sort((a, b) => a - b);
      expect(folds!.flatMap(({ validation }) => [...validation]).sort((a, b) => a - b)).toEqual(rest);
      for (const { train, validation } of folds!) {
        expect([...train, ...validation].sort((a, b) => a - b)).toEqual(rest);
        expect([...train]).toEqual([...train].sort((a, b) => a - b));
      }
    }
  },
);

test('classes have their shares in each fold, to a row', () => {
  const { target, folds } = folded(tableOf(1), options.random);
  const { values } = target.columns[0];
  const counts = folds!.map(({ validation }) => validation.filter((row) => values[row] === 0).length);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  const sizes = folds!.map(({ validation }) => validation.length);
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(2);
});

test('no group is on both sides of a fold; folds are as even as groups of very different sizes allow', () => {
  for (let seed = 0; seed < 20; seed++) {
    const data = tableOf(10 * seed);
    const groups = data.columns.find(({ name }) => name === 'g') as { values: Float64Array };
    const { folds } = folded(data, options.group);
    for (const { train, validation } of folds!) {
      const held = new Set(Array.from(validation, (row) => groups.values[row]));
      expect(Array.from(train, (row) => groups.values[row]).some((group) => held.has(group))).toBe(false);
    }
    const sizes = folds!.map(({ validation }) => validation.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(0.15 * ROWS);
  }
});

test('the only row of a class judges nobody; few rows give fewer folds, and very few none', () => {
  const labels = Array.from({ length: 45 }, (_, row) => (row === 7 ? 'single' : ['a', 'b'][row % 2]));
  const data = table({ x: labels.map((_, row) => row), y: labels });
  const { parts, folds } = folded(data, options.random);
  const rest = parts.train.length + parts.validation.length;
  expect(folds!.length).toBe(Math.floor(rest / 10));
  if (!parts.test.includes(7)) for (const { train } of folds!) expect(train.includes(7)).toBe(true);
  const few = table({ x: labels.slice(8, 28).map((_, row) => row), y: labels.slice(8, 28) });
  expect(folded(few, options.random).folds).toBeNull();
});

test('where the data say which rows choose, and in time, there are none; the seed decides', () => {
  const data = tableOf(5);
  const named = tableOf(5);
  const part = named.columns.find(({ name }) => name === 'part') as { levels: string[]; codes: Int32Array };
  part.levels.push('validation');
  part.codes[0] = part.levels.length - 1;
  expect(folded(named, options.column).folds).toBeNull();
  const time: SplitOptions = { kind: 'time', column: 't', testFraction: 0.2, validationFraction: 0.2, gap: 0 };
  expect(folded(data, time).folds).toBeNull();
  expect(folded(data, options.random).folds).toEqual(folded(data, options.random).folds);
  expect(folded(data, options.random, 5, 4).folds).not.toEqual(folded(data, options.random).folds);
});

/** Rows of numbers, read as features or as columns. */
const WIDTH = 3;
const COUNT = 240;
const random = new Random(4);
const cells = Float32Array.from({ length: COUNT * WIDTH }, () => normal(random));
const signal = (row: number) => cells[row * WIDTH] * 2 - cells[row * WIDTH + 1] ** 2 + cells[row * WIDTH + 2] / 2;
const numbers = Float32Array.from({ length: COUNT }, (_, row) => signal(row));
const classes = numbers.map((value) => Number(value > -0.5));

const matrix = (at: Uint32Array, y: Float32Array): Matrix => ({
  ...{ rows: at.length, width: WIDTH, weight: null, y: Float32Array.from(at, (row) => y[row]) },
  x: Float32Array.from({ length: at.length * WIDTH }, (_, i) => cells[at[Math.floor(i / WIDTH)] * WIDTH + (i % WIDTH)]),
});
const plain = Array.from({ length: WIDTH }, (_, c) => ({
  ...{ kind: 'number' as const, name: `x${c}` },
  values: Float64Array.from({ length: COUNT }, (_row, row) => cells[row * WIDTH + c]),
}));
const everyRow = Uint32Array.from({ length: COUNT }, (_, row) => row);
const columns = (at: Uint32Array, y: Float32Array): ColumnRows => ({
  ...{ rows: at.length, width: WIDTH, columns: plain, at, binAt: everyRow, weight: null },
  y: Float32Array.from(at, (row) => y[row]),
});

async function modelsOf(
  family: string,
  task: 'regression' | 'binary',
  { read, parameters }: { read(at: Uint32Array, y: Float32Array): LearnedRows; parameters: object },
): Promise<FittedModel[]> {
  const y = task === 'binary' ? classes : numbers;
  const fit = createFit({ threads: 1 });
  const models: FittedModel[] = [];
  for (let fold = 0; fold < 3; fold++) {
    const [train, validation] = [false, true].map((isHeld) => everyRow.filter((row) => (row % 3 === fold) === isHeld));
    const request = {
      ...{ family, task, outputs: task === 'binary' ? 2 : 1, seed: 1, resume: null, refit: false },
      ...{ parameters: { ...parameters }, train: read(train, y), validation: read(validation, y) },
    };
    const port = { points: () => {}, checkpoint: () => {}, learningRateChanged: () => {} };
    models.push(await fit(request, { ...port, control: () => 'continue' as const, learningRate: () => null }));
  }
  return models;
}

const TREES = { read: columns, parameters: { trees: 12, refit: false } };
const NETWORK = { read: matrix, parameters: { epochs: 4 } };
const logit = (p: number) => Math.log(p / (1 - p));
const same = (value: number) => value;

/** By the scale on which the mean is taken. */
test.each([
  ['boosting', 'regression', TREES, same],
  ['boosting', 'binary', TREES, logit],
  ['forest', 'regression', TREES, same],
  ['forest', 'binary', TREES, same],
  ['linear', 'regression', NETWORK, same],
  ['logistic', 'binary', NETWORK, logit],
  ['mlp', 'regression', NETWORK, same],
  ['mlp', 'binary', NETWORK, same],
] as const)('the mean of models of %s, %s, says the mean of what they say', async (family, task, how, scaled) => {
  const models = await modelsOf(family, task, how);
  const mean = meanOfModels(models);
  const x = how === TREES ? Float64Array.from(cells) : cells;
  const answersOfEach = await Promise.all(models.map((model) => model.predict(x, COUNT)));
  const answers = await mean.predict(x, COUNT);
  const [outputs, at] = task === 'binary' ? [2, 1] : [1, 0];
  for (let row = 0; row < COUNT; row++) {
    const place = row * outputs + at;
    const expected = answersOfEach.reduce((sum, values) => sum + scaled(values[place]), 0) / models.length;
    expect(scaled(answers[place])).toBeCloseTo(expected, 3);
  }
  expect(answersOfEach[0]).not.toEqual(answersOfEach[1]);
  for (const model of [...models, mean]) await model.release();
});

test('trees of all folds are in one node, and explain the mean; a weighted sum stays one', async () => {
  const trees = await modelsOf('boosting', 'regression', TREES);
  const mean = meanOfModels(trees);
  expect(mean.parameterCount).toBe(trees.reduce((sum, { parameterCount }) => sum + parameterCount, 0));
  expect(mean.explanation!.splits.reduce((a, b) => a + b)).toBe(
    trees.reduce((sum, { explanation }) => sum + explanation!.splits.reduce((a, b) => a + b), 0),
  );
  const sums = await modelsOf('linear', 'regression', NETWORK);
  expect(meanOfModels(sums).parameterCount).toBe(sums[0].parameterCount);
});
