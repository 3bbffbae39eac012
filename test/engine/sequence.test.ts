/** Tables whose columns are the steps of a sequence, from raw columns to the served file. */
import { openModel, train } from '../../src/engine/run';
import { ofKind, type PreprocessOptions, type Table, type TrainRequest } from '../../src/engine/types';
import { fitSequence } from '../../src/engine/preprocess/sequence';
import { DEFAULTS } from './tables';
import { randomSource } from './support/recorded';

const STEPS = 10;
const CHANNELS = 2;

/**
 * 4 to 10 steps of a load around 500 and a mark; the class says whether the load is higher at the first mark or at the
 * second. The mark of the first step is always 0, and no row has a tenth step.
 */
function loads(rows: number): Table {
  const random = randomSource(3);
  const columns = Array.from({ length: STEPS * CHANNELS }, () => new Float64Array(rows).fill(NaN));
  const codes = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const length = 4 + Math.floor(((random() + 1) / 2) * (STEPS - 4));
    const loads_ = Array.from({ length }, () => 500 + 100 * random());
    const marks = [1, length - 1];
    for (let t = 0; t < length; t++) {
      columns[t * CHANNELS][row] = loads_[t];
      columns[t * CHANNELS + 1][row] = Number(marks.includes(t));
    }
    codes[row] = Number(loads_[marks[0]] > loads_[marks[1]]);
  }
  return {
    rowCount: rows,
    columns: [
      ...columns.map((values, i) => ({ name: `c${i}`, kind: 'number' as const, values })),
      { name: 'higher', kind: 'category' as const, codes, levels: ['second', 'first'] },
    ],
  };
}

const request = (change: Partial<TrainRequest> = {}): TrainRequest => ({
  table: loads(1000),
  target: 'higher',
  task: null,
  drop: [],
  split: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true },
  preprocess: DEFAULTS,
  estimator: { family: 'gru', parameters: { channels: CHANNELS, units: 16, epochs: 60, learningRate: 0.01 } },
  seed: 3,
  resume: null,
  ...change,
});

const port = { emit: () => {}, checkpoint: () => {}, control: () => 'continue' as const };

test('a network learns from raw sequences of different length, and its file serves them', async () => {
  const { model, card, evaluation } = await train(request(), port);
  expect(evaluation.metrics.find(({ name }) => name === 'accuracy')!.value).toBeGreaterThan(0.85);
  expect(card.leftOut).toEqual([]);
  expect(card.inputs.map(({ name, fill }) => [name, fill])).toEqual(
    Array.from({ length: STEPS * CHANNELS }, (_, i) => [`c${i}`, null]),
  );
  const served = await openModel(model);
  const answer = async (...sequence: [number, number][]) => {
    const columns = Array.from({ length: STEPS * CHANNELS }, (_, i) =>
      Float32Array.of(sequence[Math.floor(i / CHANNELS)]?.[i % CHANNELS] ?? NaN),
    );
    return ofKind(await served.predict({ rowCount: 1, columns }), 'labels');
  };
  const first = await answer([500, 0], [590, 1], [500, 0], [500, 0], [410, 1]);
  expect(first.prediction[0]).toBe('first');
  expect((await answer([500, 0], [410, 1], [500, 0], [590, 1])).prediction[0]).toBe('second');
  // Padding within the sequence is skipped, and a step with one number missing is padding.
  const gaps = await answer([500, 0], [590, 1], [NaN, NaN], [500, 0], [500, 0], [300, NaN], [410, 1]);
  first.probabilities.forEach((p, i) => expect(gaps.probabilities[i]).toBeCloseTo(p, 5));
  await served.release();
});

test('columns that are no numbers, or no whole steps, are refused', async () => {
  const table = loads(100);
  const text = { name: 'site', kind: 'category' as const, codes: new Int32Array(100), levels: ['north'] };
  const withText = { ...table, columns: [text, ...table.columns] };
  await expect(train(request({ table: withText }), port)).rejects.toThrow('Column "site" is text');
  await expect(train(request({ table: withText, drop: ['site', 'c3'] }), port)).rejects.toThrow(
    '19 features cannot be divided into steps of 2 channels.',
  );
});

test('each channel has one scale over all steps; missing numbers stay, or become what scales to zero', () => {
  const column = (name: string, ...values: number[]) => ({
    name,
    kind: 'number' as const,
    values: Float64Array.from(values),
  });
  const columns = [column('a', 1, 3), column('b', 10, 20), column('c', 5, 7), column('d', NaN, 60)];
  const rows = Uint32Array.of(0, 1);
  const options: PreprocessOptions = { ...DEFAULTS, scale: 'minmax' };
  const fitted = (keepMissing: boolean) =>
    fitSequence(columns, rows, { layout: { channels: 2, keepMissing }, options, ids: [] }).encoding.numbers;
  const { center, inverseScale, fill } = fitted(true);
  expect([...center]).toEqual([1, 10, 1, 10]);
  expect([...inverseScale]).toEqual([1 / 6, 1 / 50, 1 / 6, 1 / 50]);
  expect([...fill]).toEqual([NaN, NaN, NaN, NaN]);
  expect([...fitted(false).fill]).toEqual([1, 10, 1, 10]);
  // Missing values count for nothing in the mean and the deviation either.
  const whole = { layout: { channels: 2, keepMissing: true }, options: DEFAULTS, ids: [] };
  const standard = fitSequence(columns, rows, whole).encoding.numbers;
  expect([...standard.center]).toEqual([4, 30, 4, 30]);
  expect(standard.inverseScale[1]).toBeCloseTo(1 / Math.sqrt((400 + 100 + 900) / 3), 6);
});
