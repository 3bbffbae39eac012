import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AUTO,
  describe as descriptionOf,
  encodedBytes,
  families,
  requestOf,
  type PipelineStep,
} from '../../src/engine';
import { candidatesOf, costOf as costOfCandidate } from '../../src/engine/auto';
import { estimateCost } from '../../src/engine/estimate';
import { estimateRun } from '../../src/pipelines';

const number = (name: string) => ({ name, isNumber: true, isInteger: false, missingCount: 0, distinctCount: 1e4 });
const pair = { name: 'y', isNumber: false, isInteger: false, missingCount: 0, distinctCount: 2 };

function secondsOf([rowCount, columns, family, parameters = {}]: Case): number {
  const { tasks } = families().find(({ name }) => name === family)!;
  const target = tasks.includes('binary') ? pair : number('y');
  const features = Array.from({ length: columns }, (_, i) => number(`c${i}`));
  const named = tasks.includes('anomaly') ? { target: [], drop: ['y'] } : { target: 'y', drop: [] };
  const use = { ...named, task: null, estimator: { family, parameters } };
  return estimateRun({ rowCount, columns: [...features, target] }, use).seconds;
}

type Case = [rows: number, columns: number, family: string, parameters?: Record<string, unknown>];

/** Figures of the version that knew the sizes of five families, and took all others for a perceptron of 128 and 64 units. */
const BEFORE: [number, Case][] = [
  [0.54, [1000, 5, 'linear']],
  [0.54, [1000, 10, 'logistic']],
  [0.87, [10_000, 10, 'logistic']],
  [4.23, [100_000, 20, 'logistic']],
  [37.79, [1_000_000, 20, 'logistic']],
  [0.62, [300, 4, 'mlp']],
  [0.91, [1000, 10, 'mlp']],
  [4.64, [10_000, 10, 'mlp']],
  [46.82, [100_000, 20, 'mlp']],
  [463.72, [1_000_000, 20, 'mlp']],
  [3.48, [10_000, 30, 'mlp', { hidden: [256, 256], epochs: 10 }]],
  [2.41, [1000, 10, 'auto']],
  [19.62, [10_000, 10, 'auto']],
  [209.01, [100_000, 20, 'auto']],
  // Of 512 random features; it has 2,048 by default.
  [4 * 4.64, [10_000, 10, 'svm']],
  [1.64, [10_000, 10, 'autoencoder']],
  [9.06, [10_000, 100, 'cnn1d']],
  [0.91, [1000, 10, 'network']],
];

test.each(BEFORE)('%d s before: an estimate for %j keeps its order of magnitude', (before, input) => {
  const ratio = secondsOf(input) / before;
  expect(ratio).toBeGreaterThan(0.1);
  expect(ratio).toBeLessThan(10);
});

/** What a dense network of the old count took for: its work grows with the steps, the pixels, or their pairs. */
test.each<[number, Case]>([
  [9.06, [10_000, 100, 'rnn']],
  [9.06, [10_000, 100, 'gru']],
  [9.06, [10_000, 100, 'lstm']],
  [42.68, [10_000, 784, 'cnn2d']],
  [9.06, [10_000, 100, 'transformer', { input: 'sequence' }]],
  [5.13, [10_000, 20, 'transformer']],
])('%d s before, too little: %j', (before, input) => {
  expect(secondsOf(input)).toBeGreaterThan(10 * before);
});

test('passes over large tables are those that are planned', () => {
  // auto: five passes each, not a hundred.
  expect(secondsOf([1_000_000, 20, 'auto'])).toBeLessThan(200);
  const twice = [secondsOf([1000, 10, 'mlp', { epochs: 20 }]), secondsOf([1000, 10, 'mlp', { epochs: 40 }])];
  expect(twice[1] - 0.51).toBeCloseTo(2 * (twice[0] - 0.51), 1);
});

test('a recurrent network costs a step of its cell for each step in time', () => {
  const target = { name: 'y', isNumber: true, isInteger: false, known: 1000, distinct: 900 };
  const operations = (steps: number, family = 'gru') => {
    const columns = Array.from({ length: steps }, (_, i) => ({
      name: `s${i}`,
      kind: 'number' as const,
      distinct: 1000,
    }));
    const table = { rows: 1000, columns, targets: [target] };
    const estimator = { family, parameters: { units: 32, epochs: 10 } };
    return estimateCost({ target: 'y', drop: [], estimator }, table).operations;
  };
  // One channel and 32 units: (1 + 32) · 3 · 32 multiply-adds a step of a GRU, · 4 · of an LSTM; six operations each.
  const visits = 1000 * 10;
  expect(operations(50) - operations(25)).toBe(visits * 6 * 25 * (1 + 32) * 3 * 32);
  expect(operations(50, 'lstm') - operations(25, 'lstm')).toBe(visits * 6 * 25 * (1 + 32) * 4 * 32);
});

describe('what steps make is counted as if the table had it', () => {
  const rowCount = 10_000;
  const text = { ...number('state'), isNumber: false, distinctCount: 3 };
  const key = { ...number('machine'), isNumber: false, distinctCount: 40 };
  const table = [number('a'), number('b'), text, key, number('day'), number('y')];
  const columnsStep = {
    id: 'columns',
    kind: 'SELECT_COLUMNS',
    parameters: { target: 'y', drop: ['machine'], task: null },
  };
  const train = { id: 'train', kind: 'TRAIN', parameters: { family: 'mlp', parameters: { epochs: 5 } } };
  const useOf = (...steps: PipelineStep[]) => requestOf([columnsStep, ...steps, train]);
  const costOf = (columns: typeof table, ...steps: PipelineStep[]) =>
    estimateRun({ rowCount, columns }, useOf(...steps));
  const bytesOf = (columns: typeof table, ...steps: PipelineStep[]) =>
    encodedBytes(
      columns.map(({ name, isNumber, distinctCount: distinct }) => {
        return { name, distinct, kind: isNumber ? ('number' as const) : ('category' as const) };
      }),
      rowCount,
      useOf(...steps),
    );
  const more = (count: number, of = number('x')) =>
    Array.from({ length: count }, (_, i) => ({ ...of, name: `more${i}` }));
  const unit = { key: 'machine', order: 'day' };
  const back = Array.from({ length: 100 }, (_, i) => i + 1);
  const functions = ['mean', 'sum', 'min', 'max', 'count', 'std'];
  const derive = (i: number, expression: string) => ({
    ...{ id: `d${i}`, kind: 'DERIVE' },
    parameters: { column: `d${i}`, expression },
  });

  test.each<[string, PipelineStep[], typeof table]>([
    ['200 lags', [{ id: 'lag', kind: 'LAG', parameters: { ...unit, columns: ['a', 'b'], rows: back } }], more(200)],
    [
      'lags of a text',
      [{ id: 'lag', kind: 'LAG', parameters: { ...unit, columns: ['state'], rows: back } }],
      more(100, text),
    ],
    [
      'windows',
      [{ id: 'w', kind: 'WINDOW', parameters: { ...unit, columns: ['a', 'b'], rows: 7, functions, current: true } }],
      more(12),
    ],
    ['derived numbers', [derive(1, 'a / b'), derive(2, 'a > b')], more(2)],
    [
      'a number that is derived of one that is made before',
      [{ id: 'lag', kind: 'LAG', parameters: { ...unit, columns: ['a'], rows: [1] } }, derive(1, 'a - a_lag_1')],
      more(2),
    ],
  ])('%s', (_, steps, added) => {
    expect(costOf(table, ...steps)).toEqual(costOf([...table, ...added]));
    expect(bytesOf(table, ...steps)).toBe(bytesOf([...table, ...added]));
    expect(costOf(table, ...steps).seconds).toBeGreaterThan(costOf(table).seconds);
    expect(costOf(table, ...steps).bytes).toBeGreaterThan(costOf(table).bytes);
  });

  test('bins and levels are those of each column; what a split or an entity reads is no feature', () => {
    const encode = (names: string[], parameters: object) => ({
      ...{ id: 'encode', kind: 'ENCODE' },
      parameters: { columns: { names }, rareFraction: 0.005, levelsMax: 50, ...parameters },
    });
    const bytes = (steps: PipelineStep[]) => bytesOf(table, ...steps) / (4 * rowCount);
    const whole = bytes([]);
    expect(whole - bytes([encode(['a'], { bins: 0 })])).toBe(12);
    expect(bytes([encode(['a', 'b'], { bins: 20 })]) - whole).toBe(16);
    expect(whole - bytes([encode(['state'], { levelsMax: 1 })])).toBe(2);
    const split = { kind: 'time', column: 'day', testFraction: 0.2, validationFraction: 0.2, gap: 0 };
    expect(whole - bytes([{ id: 'split', kind: 'SPLIT', parameters: split }])).toBe(14);
    expect(costOf(table, encode(['a', 'b', 'day'], { bins: 0 })).bytes).toBeLessThan(costOf(table).bytes / 2);
  });
});

test('every description answers for any data', () => {
  const needed: Record<string, Record<string, unknown>> = { pretrained: { model: 'id' }, gcn: { edges: [['a', 'b']] } };
  for (const { name, tasks } of families()) {
    for (const task of tasks) {
      const size = { task, rows: 1000, width: 7, outputs: 3, targets: 3 };
      const { advise } = descriptionOf(name)!;
      for (const candidate of candidatesOf({ family: name, parameters: needed[name] ?? {} }, task, size.rows)) {
        const { operations, bytes } = costOfCandidate(candidate, size);
        const isCost = operations > 0 && Number.isFinite(operations) && bytes > 0;
        expect([candidate.name, task, isCost]).toEqual([candidate.name, task, true]);
      }
      const advice = advise?.({ task, rows: 1000, columns: 7, targets: 3 }) ?? null;
      if (advice) expect(advice).toEqual({ rank: expect.any(Number), reason: expect.stringMatching(/\.$/) });
    }
  }
});

test('the names that lint keeps to families are those of the registry', () => {
  const config = readFileSync(join(__dirname, '../../eslint.config.mjs'), 'utf8');
  const list = /FAMILY_NAMES = new Set\(\[([^;]*)\]\)/.exec(config)![1];
  const names = [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name);
  expect([...names, AUTO].sort()).toEqual(
    families()
      .map(({ name }) => name)
      .sort(),
  );
});
