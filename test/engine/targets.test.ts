/** Runs with several targets or none: what they learn, what the served file answers, and what is refused. */
import type { Fit } from '../../src/engine/learning/fit';
import { selectColumns } from './support/selection';
import { createFit } from '../../src/engine/learning/create-fit';
import { openModel } from '../../src/engine/serving/serving';
import { trainTable } from '../../src/engine/training/train';
import {
  comparedValues,
  EngineError,
  ofKind,
  type SplitOptions,
  type Table,
  type TrainEvent,
  type TrainRequest,
} from '../../src/engine/types';
import { DEFAULTS, draw, normal, table, uniform } from './tables';

const N = 400;
const RANDOM: SplitOptions = { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true };
const [a, b, c] = [1, 2, 3].map((seed) => draw(N, seed, normal));
const noise = draw(N, 4, normal);
const gap = draw(N, 5, uniform);
const part = draw(N, 6, (r) => ['train', 'train', 'train', 'validation', 'test'][r.below(5)]);

/** One value in ten is missing. */
const holes = <T>(values: T[], from = 0): (T | null)[] =>
  values.map((value, i) => (gap[i] >= from && gap[i] < from + 0.1 ? null : value));

const LABELS = {
  hot: holes(a.map((v, i) => Number(v + 0.3 * noise[i] > 0))),
  loud: holes(
    b.map((v, i) => (v - c[i] > 0.3 ? 'yes' : 'no')),
    0.3,
  ),
};
const NUMBERS = {
  near: holes(a.map((v, i) => 100 + 20 * v + noise[i])),
  far: b.map((v, i) => 0.01 * (v * c[i]) + 0.0005 * noise[i]),
};
/** Each of five steps is up or down from the one before; the first is flat. Short sequences end in missing steps. */
const STEPS = 5;
const walks = Array.from({ length: STEPS }, (_, t) =>
  draw(N, 20 + t, (r, i) => (gap[i] < 0.2 && t > 2 ? null : normal(r))),
);
const moves = walks.map((walk, t) =>
  walk.map((v, i) => (v === null ? null : t === 0 ? 'flat' : v > walks[t - 1][i]! ? 'up' : 'down')),
);
const named = <T>(prefix: string, columns: T[]) => Object.fromEntries(columns.map((v, t) => [`${prefix}${t}`, v]));
const SEQUENCES = { ...named('x', walks), ...named('y', moves) };
const MOVES = moves.map((_, t) => `y${t}`);
/** On a line, but for every fortieth row. */
const odd = a.map((_, i) => i % 40 === 7);
const LINE = {
  p: a,
  q: a.map((v, i) => (odd[i] ? -3 - v : 2 * v) + 0.05 * noise[i]),
  r: a.map((v, i) => 1 - v + 0.05 * b[i]),
};

type Data = Record<string, (number | null)[] | (string | null)[]>;

const request = (data: Data, change: Partial<TrainRequest>): TrainRequest => ({
  table: table({ ...data, part } as never),
  target: [],
  task: null,
  drop: [],
  split: { kind: 'column', column: 'part', validationFraction: 0.2 },
  preprocess: DEFAULTS,
  estimator: { family: 'mlp', parameters: {} },
  seed: 3,
  resume: null,
  ...change,
});

/** Trains, and keeps what the trained network gave for the validation rows, as in training. */
async function run(data: Data, change: Partial<TrainRequest>) {
  const fit = createFit();
  const events: TrainEvent[] = [];
  let forward = new Float32Array();
  const watched: Fit = async (fitRequest, port) => {
    const fitted = await fit(fitRequest, port);
    if ('x' in fitRequest.validation)
      forward = (await fitted.predict(fitRequest.validation.x, fitRequest.validation.rows)) as never;
    return fitted;
  };
  const port = {
    emit: (chunk: TrainEvent[]) => events.push(...chunk),
    checkpoint: () => {},
    control: () => 'continue' as const,
  };
  const result = await trainTable(request(data, change), port, watched);
  const served = await openModel(result.model);
  const rows = part.flatMap((name, i) => (name === 'validation' ? [i] : []));
  const columns = result.card.inputs.map(({ name, type }) =>
    type === 'number'
      ? Float32Array.from(rows, (row) => (data[name][row] as number | null) ?? NaN)
      : rows.map((row) => (data[name][row] as string | null) ?? ''),
  );
  const output = await served.predict({ rowCount: rows.length, columns });
  await served.release();
  const score = (name: string, target?: string) =>
    result.evaluation.metrics.find((metric) => metric.name === name && metric.target === target)!;
  return { ...result, rows, output, forward, score, events };
}

function expectEqual(actual: ArrayLike<number>, expected: ArrayLike<number>, scale = 1): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(Math.abs(actual[i] - expected[i])).toBeLessThan(2e-4 * scale);
}

describe('several labels', () => {
  const data = { a, b, c, ...LABELS };
  const change = { target: ['hot', 'loud'], estimator: { family: 'mlp', parameters: { epochs: 15 } } };

  test('are learnt where they are known; the file answers as the network does', async () => {
    const { card, output, forward, score, evaluation, leaderboard } = await run(data, change);
    expect(card).toMatchObject({ task: 'multilabel', target: null, labels: ['hot', 'loud'] });
    expect(card.targets).toEqual([
      { name: 'hot', labels: ['0', '1'] },
      { name: 'loud', labels: ['no', 'yes'] },
    ]);
    expectEqual(comparedValues(output), forward);
    expect(output.prediction).toEqual(Array.from(forward, (p, i) => card.targets![i % 2].labels![Number(p > 0.5)]));
    expect(score('rocAuc').value).toBeGreaterThan(0.9);
    expect(score('f1', 'hot').value).toBeGreaterThan(0.8);
    expect(score('hammingLoss').lower).toBeLessThan(score('hammingLoss').value);
    expect(evaluation.kind).toBe('labels');
    expect(leaderboard[0].metric).toBe('logLoss');
  });

  test('the same seed gives the same events and bytes; auto and class weights do them too', async () => {
    const options = { ...change, estimator: { family: 'auto', parameters: { epochs: 3, classWeight: 'balanced' } } };
    const [one, two] = [await run(data, options), await run(data, options)];
    expect(one.leaderboard.length).toBeGreaterThan(2);
    expect(one.events).toEqual(two.events);
    expect(Buffer.compare(one.model, two.model)).toBe(0);
  });
});

test('several numbers are learnt each in its unit', async () => {
  const { card, output, forward, score, leaderboard, rows } = await run(
    { a, b, c, ...NUMBERS },
    { target: ['near', 'far'], estimator: { family: 'mlp', parameters: { epochs: 40 } } },
  );
  expect(card).toMatchObject({ task: 'multi_regression', labels: null, targets: [{ name: 'near' }, { labels: null }] });
  expect(output.kind).toBe('numbers');
  expect(output.prediction.length).toBe(2 * rows.length);
  expect(leaderboard[0].metric).toBe('averageRelativeRmse');
  expect(score('r2', 'near').value).toBeGreaterThan(0.95);
  expect(score('r2', 'far').value).toBeGreaterThan(0.5);
  expect(score('rmse', 'near').value).toBeGreaterThan(100 * score('rmse', 'far').value);
  expect(score('averageRelativeRmse').upper).toBeLessThan(0.8);
  // What is served is the network's answer, stretched to the unit of each target by one factor and shift.
  const known = part.flatMap((p, i) => (p === 'train' && NUMBERS.near[i] !== null ? [NUMBERS.near[i]!] : []));
  const mean = known.reduce((x, y) => x + y, 0) / known.length;
  const deviation = Math.sqrt(known.reduce((x, y) => x + (y - mean) ** 2, 0) / known.length);
  const near = (values: ArrayLike<number>) => rows.map((_, i) => values[2 * i]);
  expectEqual(
    near(output.prediction as Float32Array),
    near(forward).map((v) => v * deviation + mean),
    100,
  );
});

test.each([
  ['gru', { units: 16, bidirectional: true, epochs: 25 }],
  ['transformer', { input: 'sequence', width: 16, heads: 2, feed: 32, layers: 1, epochs: 25 }],
  ['cnn1d', { kernelSize: [3], filters: [16, 16], epochs: 50 }],
])('each step of a sequence gets a label: %s', async (family, parameters) => {
  // Convolutions know no padding: a missing step reads as the mean.
  const { card, output, forward, score, evaluation, rows } = await run(SEQUENCES, {
    target: MOVES,
    estimator: { family, parameters },
  });
  expect(card).toMatchObject({ task: 'sequence_labeling', labels: ['down', 'flat', 'up'], target: null });
  expect(card.inputs.map(({ name }) => name)).toEqual(['x0', 'x1', 'x2', 'x3', 'x4']);
  expectEqual(comparedValues(output), forward);
  expect(output.prediction.length).toBe(STEPS * rows.length);
  expect(comparedValues(output).length).toBe(STEPS * 3 * rows.length);
  expect(score('tokenAccuracy').value).toBeGreaterThan(0.8);
  expect(score('sequenceAccuracy').value).toBeLessThanOrEqual(score('tokenAccuracy').value);
  const counted = ofKind(evaluation, 'classes')
    .confusionMatrix.counts.flat()
    .reduce((x, y) => x + y, 0);
  const tested = part.flatMap((name, i) => (name === 'test' ? moves.map((move) => move[i]) : []));
  expect(counted).toBe(tested.filter((move) => move !== null).length);
});

describe('anomalies', () => {
  const estimator = { family: 'autoencoder', parameters: { hidden: [16], code: 1, epochs: 60, corruption: 0.1 } };
  const truth = odd.map((is) => (is ? 'odd' : 'fine'));

  test('are rows that are written badly; a label serves the evaluation alone', async () => {
    const { card, output, forward, score, evaluation, model, rows } = await run(
      { ...LINE, truth },
      { target: 'truth', estimator },
    );
    expect(card).toMatchObject({ task: 'anomaly', target: 'truth', labels: null });
    expect(card.inputs.map(({ name }) => name)).toEqual(['p', 'q', 'r']);
    expect(score('rocAuc').value).toBeGreaterThan(0.9);
    expect(ofKind(evaluation, 'anomalies').rocCurve).not.toBeNull();
    const errors = output.prediction as Float32Array;
    const above = errors.filter((error) => error > card.threshold!).length / rows.length;
    expect(Math.abs(above - 0.01)).toBeLessThanOrEqual(1 / rows.length);
    // The error of the file is that of the network over the scaled columns.
    const train = part.flatMap((name, i) => (name === 'train' ? [i] : []));
    const scaled = [LINE.p, LINE.q, LINE.r].map((values) => {
      const mean = train.reduce((sum, i) => sum + values[i], 0) / train.length;
      const deviation = Math.sqrt(train.reduce((sum, i) => sum + (values[i] - mean) ** 2, 0) / train.length);
      return rows.map((i) => (values[i] - mean) / deviation);
    });
    const expected = rows.map((_, i) => scaled.reduce((sum, x, t) => sum + (x[i] - forward[3 * i + t]) ** 2, 0) / 3);
    expectEqual(errors, expected);
    expect(model.length).toBeGreaterThan(0);
  });

  test('need no target', async () => {
    const { card, evaluation } = await run(LINE, { estimator });
    expect(card).toMatchObject({ task: 'anomaly', target: null });
    expect(evaluation.metrics.map(({ name }) => name)).toEqual(['reconstructionError', 'anomalyRate']);
    expect(evaluation).toMatchObject({ kind: 'anomalies', rocCurve: null });
  });
});

test.each(['factorization', 'towers'])('pairs are learnt from the other pairs of their batch: %s', async (model) => {
  const user = draw(N, 31, (r) => r.below(8));
  const item = draw(N, 32, (r) => r.below(8));
  // A user takes the items of the own group of two.
  const taken = user.map((u, i) => (u >> 1 === item[i] >> 1 ? 'yes' : 'no'));
  const parameters = {
    model,
    users: 8,
    items: 8,
    factors: 8,
    loss: 'infoNce',
    temperature: 0.2,
    epochs: 60,
    batchSize: 64,
  };
  const { card, output, forward, score } = await run(
    { user, item, taken },
    { target: 'taken', estimator: { family: 'recommender', parameters } },
  );
  expect(card).toMatchObject({ task: 'binary', labels: ['no', 'yes'] });
  expectEqual(comparedValues(output), forward);
  expect(score('rocAuc').value).toBeGreaterThan(0.95);
  expect(score('accuracy').value).toBeGreaterThan(0.85);
});

describe('targets that do not fit are refused', () => {
  const select = (data: Data, target: string | string[], task: TrainRequest['task'] = null) => {
    try {
      selectColumns({ table: table(data as never) as Table, target, task, drop: [], split: RANDOM });
    } catch (error) {
      if (error instanceof EngineError) return [error.path, error.message];
      throw error;
    }
    throw new Error('Nothing was thrown.');
  };
  const empty = a.map(() => null) as null[];

  test.each<[string, Data, string | string[], TrainRequest['task'], string, RegExp]>([
    ['no value', { a, ...NUMBERS, empty }, ['near', 'empty'], null, 'targets[1]', /no value in any row/],
    ['named twice', { a, ...NUMBERS }, ['near', 'near'], null, 'targets[1]', /named twice/],
    ['no column', { a, ...NUMBERS }, ['near', 'fra'], null, 'targets[1]', /no column "fra"/],
    [
      'other labels',
      { a, x: moves[1], z: moves[2].map((m) => m && `${m}!`), w: moves[1].map((m, i) => (i % 9 ? m : 'flat')) },
      ['x', 'z', 'w'],
      null,
      'targets[1]',
      /no label in common/,
    ],
    ['text as numbers', { a, ...NUMBERS, ...LABELS }, ['near', 'loud'], 'multi_regression', 'targets[1]', /holds text/],
    [
      'three values',
      { a, ...LABELS, moves: moves[1].map((m, i) => (i % 9 ? m : 'flat')) },
      ['hot', 'moves'],
      'multilabel',
      'targets[1]',
      /3 different values/,
    ],
    ['several for one', { a, ...NUMBERS }, ['near', 'far'], 'regression', 'targets', /takes one target; 2/],
    ['none for one', { a, b }, [], 'regression', 'target', /takes one target; 0/],
    [
      'three values to evaluate by',
      { a, m: moves[1].map((m, i) => (i % 9 ? m : 'flat')) },
      'm',
      'anomaly',
      'target',
      /3 different values/,
    ],
  ])('%s', (...[, data, target, task, path, message]) =>
    expect(select(data, target, task)).toEqual([
      path === 'target' && task === 'anomaly' ? 'task' : path,
      expect.stringMatching(message),
    ]),
  );

  test.each<[string, Data, Partial<TrainRequest>, string, RegExp]>([
    ['a family that cannot', SEQUENCES, { target: MOVES }, 'estimator.family', /cannot do sequence_labeling/],
    [
      'auto',
      SEQUENCES,
      { target: MOVES, estimator: { family: 'auto', parameters: {} } },
      'estimator.family',
      /does not try/,
    ],
    [
      'more steps than targets',
      SEQUENCES,
      { target: MOVES.slice(0, 4), drop: ['y4'], estimator: { family: 'lstm', parameters: {} } },
      'targets',
      /5 steps and 4 targets/,
    ],
    [
      'a margin for several labels',
      { a, b, ...LABELS },
      { target: ['hot', 'loud'], estimator: { family: 'mlp', parameters: { loss: 'hinge' } } },
      'estimator.parameters.loss',
      /not a loss for multilabel/,
    ],
  ])('%s', async (...[, data, change, path, message]) =>
    expect(run(data, change)).rejects.toMatchObject({ path, message: expect.stringMatching(message) }),
  );
});
