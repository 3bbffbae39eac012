/** Numbers far from zero, or beyond float32: in training, in the score and in the file that is served. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { openModel, train } from '../../src/engine/run';
import {
  comparedValues,
  EngineError,
  type PreprocessOptions,
  type TrainEvent,
  type TrainRequest,
} from '../../src/engine/types';
import stored from './fixtures/float32-models.json';
import { recorder } from './support/train-port';
import { DEFAULTS, draw, normal, table, uniform } from './tables';

const N = 400;
const SECONDS = draw(N, 1, (r) => r.below(120));
const OTHER = draw(N, 2, uniform);
const NOISE = draw(N, 3, normal);
const TARGET = SECONDS.map((t, i) => 0.5 * t - 10 * OTHER[i] + 0.5 * NOISE[i]);
const SIDE = SECONDS.map((t, i) => (t + 20 * OTHER[i] > 70 ? 'in' : 'out'));

type Columns = Parameters<typeof table>[0];

function request(columns: Columns, change: Partial<TrainRequest> = {}): TrainRequest {
  return {
    table: table(columns),
    target: 'y',
    task: null,
    drop: [],
    split: { kind: 'random', testFraction: 0.25, validationFraction: 0.2, stratify: true },
    preprocess: DEFAULTS,
    estimator: { family: 'mlp', parameters: { epochs: 60 } },
    seed: 3,
    resume: null,
    ...change,
  };
}

async function run(columns: Columns, change: Partial<TrainRequest> = {}) {
  const { events, port } = recorder();
  const result = await train(request(columns, change), port);
  const score = (name: string) => result.evaluation.metrics.find((metric) => metric.name === name)!.value;
  const warnings = events.flatMap((event: TrainEvent) =>
    event.kind === 'log' && event.level === 'warn' && /digits/.test(event.message) ? [event.message] : [],
  );
  return { ...result, score, warnings };
}

const fault = (columns: Columns, change: Partial<TrainRequest> = {}): Promise<EngineError> =>
  run(columns, change).then(
    () => Promise.reject(new Error('It was trained.')),
    (error: EngineError) => error,
  );

const plus = (values: number[], constant: number) => values.map((value) => value + constant);

describe('a table and the same table plus a constant give the same score', () => {
  const scales: PreprocessOptions['scale'][] = ['standard', 'robust', 'minmax'];

  test.each(scales)('seconds since 1970 as a feature, %s', async (scale) => {
    const preprocess = { ...DEFAULTS, scale };
    const near = await run({ t: SECONDS, x: OTHER, y: TARGET }, { preprocess });
    const far = await run({ t: plus(SECONDS, 1_715_940_000), x: OTHER, y: TARGET }, { preprocess });
    expect(near.score('r2')).toBeGreaterThan(0.98);
    expect(far.score('r2')).toBeCloseTo(near.score('r2'), 3);
    expect(far.warnings).toEqual([]);
  });

  test('a linear model, without bins to help it, and with missing values', async () => {
    const change = { preprocess: { ...DEFAULTS, bins: 0 }, estimator: { family: 'linear', parameters: {} } };
    const gaps = SECONDS.map((t, i) => (i % 20 === 0 ? null : t));
    const near = await run({ t: gaps, x: OTHER, y: TARGET }, change);
    const moved = gaps.map((t) => (t === null ? null : t + 1_715_940_000_000));
    const far = await run({ t: moved, x: OTHER, y: TARGET }, change);
    expect(near.score('r2')).toBeGreaterThan(0.7);
    expect(far.score('r2')).toBeCloseTo(near.score('r2'), 3);
  });

  test('classes by a coordinate in millimetres', async () => {
    const { score } = await run({ t: plus(SECONDS, 4_512_345_600), x: OTHER, y: SIDE });
    expect(score('accuracy')).toBeGreaterThan(0.95);
  });

  test('milliseconds since 1970 as the target', async () => {
    const columns = { t: SECONDS, x: OTHER };
    const near = await run({ ...columns, y: TARGET });
    const far = await run({ ...columns, y: plus(TARGET, 1_704_067_200_000) });
    expect(far.score('r2')).toBeCloseTo(near.score('r2'), 3);
    expect(far.score('rmse')).toBeCloseTo(near.score('rmse'), 2);
    expect(far.leaderboard[0].score).toBeCloseTo(near.leaderboard[0].score, 2);
  });

  test('steps of a sequence', async () => {
    const steps = Array.from({ length: 6 }, (_, step) => draw(N, 10 + step, (r) => r.below(100)));
    const y = steps[0].map((first, i) => (first < steps[5][i] ? 'rising' : 'falling'));
    const named = (constant: number) =>
      Object.fromEntries(steps.map((values, step) => [`s${step}`, plus(values, constant)]));
    const change = { estimator: { family: 'gru', parameters: { units: 16, epochs: 40 } } };
    const near = await run({ ...named(0), y }, change);
    const far = await run({ ...named(1.7e9), y }, change);
    expect(near.score('accuracy')).toBeGreaterThan(0.85);
    expect(Math.abs(far.score('accuracy') - near.score('accuracy'))).toBeLessThan(0.03);
  });
});

test('the file takes and gives doubles, and tells two rows apart that float32 does not', async () => {
  const start = 1_715_940_000;
  const columns = { t: plus(SECONDS, start), x: OTHER, y: plus(TARGET, 1e9) };
  const { model, card, variants } = await run(columns);
  expect(card.inputs.map(({ elementType }) => elementType)).toEqual(['float64', 'float64']);
  const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
  const types = [...session.inputMetadata, ...session.outputMetadata].map((value) => value.isTensor && value.type);
  expect(types).toEqual(['float64', 'float64', 'float64']);
  const feed = (...values: number[]) => new Tensor('float64', Float64Array.from(values), [values.length, 1]);
  const { prediction } = await session.run({ t: feed(start + 20, start + 100), x: feed(0.5, 0.5) });
  await session.release();
  const [early, late] = prediction.data as Float64Array;
  expect(early).toBeCloseTo(1e9 + 5, -0.5);
  expect(late - early).toBeGreaterThan(35);
  for (const variant of variants) {
    const served = await openModel(variant.model);
    const batch = { rowCount: 2, columns: [Float64Array.of(start + 20, start + 100), Float64Array.of(0.5, 0.5)] };
    const [first, second] = (await served.predict(batch)).prediction as Float64Array;
    await served.release();
    expect(Math.max(Math.abs(first - early), Math.abs(second - late))).toBeLessThan(2);
  }
});

test('an autoencoder writes columns back in their units', async () => {
  const columns = { t: plus(SECONDS, 1_715_940_000), u: SECONDS.map((t, i) => 2 * t + NOISE[i]), x: OTHER };
  const estimator = { family: 'autoencoder', parameters: { epochs: 60, code: 2 } };
  const { model } = await run(columns, { target: [], estimator });
  const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
  const feeds = Object.entries(columns).map(([name, values]) => [
    name,
    new Tensor('float64', Float64Array.from(values), [N, 1]),
  ]);
  const { reconstruction } = await session.run(Object.fromEntries(feeds));
  await session.release();
  const errors = columns.t.map((t, i) => Math.abs((reconstruction.data as Float64Array)[3 * i] - t));
  expect(errors.reduce((a, b) => a + b) / N).toBeLessThan(15);
});

describe('numbers beyond float32', () => {
  test.each([1e39, 1e300])('are learnt from and predicted: %d', async (unit) => {
    const large = (values: number[]) => values.map((value) => value * unit);
    const { score, model } = await run({ t: large(SECONDS), x: OTHER, y: large(TARGET) });
    expect(score('r2')).toBeGreaterThan(0.98);
    const served = await openModel(model);
    const batch = { rowCount: 1, columns: [Float64Array.of(100 * unit), Float64Array.of(0.5)] };
    expect(((await served.predict(batch)).prediction[0] as number) / unit).toBeCloseTo(45, -1);
    await served.release();
  });

  test('a column that is not scaled is named with its range', async () => {
    const columns = { t: SECONDS.map((t) => t * 1e38), x: OTHER, y: TARGET };
    const error = await fault(columns, { preprocess: { ...DEFAULTS, scale: 'none' } });
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({
      path: 'drop',
      message: expect.stringContaining('Column "t" goes from 0 to 1.19e+40'),
    });
    expect(error.hint).toMatch(/Scale the numbers/);
  });

  test('a column out of all proportion is named with its range, a target too', async () => {
    const odd = SECONDS.map((t, i) => (i % 100 === 0 ? t * 1e300 : t));
    const preprocess = { ...DEFAULTS, scale: 'robust' as const };
    const range = /goes from 0 to \d.*e\+301/;
    expect(await fault({ t: odd, x: OTHER, y: TARGET }, { preprocess })).toMatchObject({
      ...{ path: 'drop', message: expect.stringMatching(range) },
      hint: expect.stringMatching(/out of all proportion/),
    });
    const part = SECONDS.map((_, i) => (i < 300 ? 'train' : 'test'));
    const split = { kind: 'column' as const, column: 'part', validationFraction: 0.2 };
    const apart = TARGET.map((y, i) => (i === 399 ? 1e300 : y));
    expect(await fault({ t: SECONDS, part, y: apart }, { split })).toMatchObject({
      ...{ path: 'target', message: expect.stringMatching(/Column "y" goes from -?\d\S+ to 1e\+300/) },
    });
  });
});

describe('digits that are lost are said', () => {
  test('of a column that is not scaled, in the log and on the card', async () => {
    const columns = { t: plus(SECONDS, 1_715_940_000), x: OTHER, y: TARGET };
    const { warnings, card, model } = await run(columns, { preprocess: { ...DEFAULTS, scale: 'none' } });
    expect(card.warnings).toContainEqual({ code: 'DIGITS_LOST', message: warnings[0] });
    const served = await openModel(model);
    expect(served.card).toEqual(card);
    await served.release();
    expect(warnings).toEqual([
      expect.stringMatching(/^Column "t" varies by \d+ around 1716000000; digits are lost. Scale the numbers/),
    ]);
  });

  test('of a column whose values nearly all lie together, far from a few', async () => {
    const t = SECONDS.map((value, i) => (i % 100 === 0 ? 1e15 : value));
    const { warnings } = await run({ t, x: OTHER, y: TARGET });
    expect(warnings).toEqual([expect.stringMatching(/^Column "t" varies by .* It goes from 0 to 1000000000000000/)]);
  });

  test('not of whole numbers that float32 holds, or of what varies enough', async () => {
    const columns = { t: plus(SECONDS, 2 ** 23), x: OTHER.map((x) => 1e9 * x), y: TARGET };
    expect((await run(columns, { preprocess: { ...DEFAULTS, scale: 'none' } })).warnings).toEqual([]);
  });
});

describe('files that were written before inputs were doubles', () => {
  const { at, heat, load, site } = stored.asked;
  const numbers = { heat, at, load };

  test.each(['classifier', 'regressor'] as const)('%s: takes the same numbers, answers the same bits', async (kind) => {
    const { model: base64, numbers: expected } = stored[kind];
    const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
    const served = await openModel(bytes);
    const doubles = Object.values(numbers).map((values) => Float64Array.from(values, (value) => value ?? NaN));
    const output = await served.predict({ rowCount: 5, columns: [...doubles, site] });
    await served.release();
    const answer = comparedValues(output);
    // As plain ONNX Runtime does from the floats that the file was always given.
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
    const floats = Object.keys(numbers).map((name, i) => [
      name,
      new Tensor('float32', Float32Array.from(doubles[i]), [5, 1]),
    ]);
    const plain = await session.run({ ...Object.fromEntries(floats), site: new Tensor('string', site, [5, 1]) });
    await session.release();
    expect(answer).toBeInstanceOf(Float32Array);
    expect(answer).toEqual((plain.probabilities ?? plain.prediction).data);
    // Another processor may differ in the last bit.
    expect([...answer]).toEqual(expected.map((value) => expect.closeTo(value, kind === 'regressor' ? 2 : 5)));
  });
});
