/** What `auto` tries: its list, the order, and that the winner is as if it had been trained alone, whoever reads how. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { AUTO, describe as descriptionOf, families, stepOf } from '../../src/engine';
import { proposing } from '../../src/engine/families/registry';
import { decodeModel } from '../../src/engine/onnx/encode';
import { train } from '../../src/engine/run';
import type { StreamRequest, TrainEvent, TrainRequest } from '../../src/engine/types';
import { sourceOf } from './support/table-source';
import { recorder } from './support/train-port';
import { DEFAULTS, draw, normal, table, uniform } from './tables';

jest.setTimeout(240_000);

const ROWS = 600;
const [a, b] = [1, 2].map((seed) => draw(ROWS, seed, (random) => uniform(random) * 3));
const site = a.map((_, row) => ['north', 'south', 'east'][row % 3]);
const noise = draw(ROWS, 3, (random) => normal(random) / 10);

/** A board of squares: no weighted sum of curves of single columns tells black from white. */
const BOARD = a.map((value, row) => ((Math.floor(value) + Math.floor(b[row])) % 2 === 0 ? 'black' : 'white'));
/** A plane. */
const PLANE = a.map((value, row) => 3 * value - 2 * b[row] + (row % 3) + noise[row]);

const request = (target: Record<string, string[] | number[]>, change: Partial<TrainRequest> = {}): TrainRequest => ({
  table: table({ a, b, site, ...target }),
  target: Object.keys(target)[0],
  ...{ task: null, drop: [], preprocess: DEFAULTS, seed: 5, resume: null },
  split: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true },
  estimator: { family: 'auto', parameters: { epochs: 20 } },
  ...change,
});

async function trained(asked: TrainRequest | StreamRequest) {
  const { events, port } = recorder();
  return { events, result: await train(asked, port, { threads: 1 }) };
}

/** In the order of training. */
const triedIn = (events: TrainEvent[]): string[] => [
  ...new Set(events.flatMap((event) => (event.kind === 'metric' && event.split !== 'test' ? [event.candidate] : []))),
];

const refittedIn = (events: TrainEvent[]): string[] => [
  ...new Set(
    events.flatMap((event) => (event.kind === 'metric' && event.name.startsWith('refit') ? [event.candidate] : [])),
  ),
];

/** Without the card, which tells of the test rows. */
const graphOf = (file: Uint8Array): string => JSON.stringify(decodeModel(file).graph);

const logOf = (events: TrainEvent[]): string =>
  events.flatMap((event) => (event.kind === 'log' ? [event.message] : [])).join('\n');

test('trees win on a board of squares; the winner is the model that is trained when it is named', async () => {
  const { events, result } = await trained(request({ colour: BOARD }));
  const [{ family, parameters, score }] = result.leaderboard;
  expect(['boosting', 'forest']).toContain(family);
  const linear = result.leaderboard.find((one) => one.family === 'logistic')!;
  // A weighted sum knows no more than that there are two colours: log 2.
  expect(score).toBeLessThan(0.3);
  expect(linear.score).toBeGreaterThan(0.6);
  expect(triedIn(events).sort()).toEqual(result.leaderboard.map(({ candidate }) => candidate).sort());
  const { folds, refitted, fittedRows } = result.card;
  expect(folds).toMatchObject({ count: 5, metric: 'logLoss' });
  expect(fittedRows).toBe(result.splitCounts.train + result.splitCounts.validation);
  expect(refitted).toBe(folds!.kept === 'refit');
  expect(logOf(events)).toMatch(new RegExp(`${fittedRows} rows in 5 folds[^]*Of ${family}, .* is kept: `));
  const alone = await trained(request({ colour: BOARD }, { estimator: { family, parameters }, folds: 5 }));
  expect(Buffer.compare(result.model, alone.result.model)).toBe(0);
  expect(result.evaluation).toEqual(alone.result.evaluation);
  expect(result.card).toEqual(alone.result.card);
});

test('a plane is for a weighted sum, which reads encoded rows; a quick one comes first', async () => {
  const { events, result } = await trained(
    request({ height: PLANE }, { estimator: { family: 'auto', parameters: { epochs: 60 } } }),
  );
  const [{ candidate, family, parameters, score }] = result.leaderboard;
  expect(family).toBe('linear');
  expect(result.card.fittedRows).toBe(result.splitCounts.train + result.splitCounts.validation);
  for (const { foldScores, spread, score: mean } of result.leaderboard) {
    const { length } = foldScores!;
    const mid = foldScores!.reduce((sum, value) => sum + value / length, 0);
    const squares = foldScores!.reduce((sum, value) => sum + (value - mid) ** 2, 0);
    expect(spread! ** 2).toBeCloseTo(squares / (length - 1), 10);
    if (length === 5) expect(mean).toBeCloseTo(mid, 10);
  }
  expect(result.leaderboard[0].foldScores).toHaveLength(5);
  expect(result.leaderboard.find((one) => one.family === 'forest')!.foldScores).toHaveLength(2);
  expect(logOf(events)).toMatch(/^forest: validation rmse .*; given up after 2 of 5, /m);
  expect(logOf(events)).toMatch(/^linear.*: validation rmse \S+ on the first of 5 folds\.$/m);
  const scoreOf = (name: string) => result.leaderboard.find((one) => one.family === name)!.score;
  for (const name of ['boosting', 'forest']) expect(scoreOf(name)).toBeGreaterThan(2 * score);
  expect(triedIn(events)[0]).toMatch(/^linear/);
  expect(logOf(events)).toContain(`Chose ${candidate}`);
  const alone = await trained(request({ height: PLANE }, { estimator: { family, parameters }, folds: 5 }));
  expect(Buffer.compare(result.model, alone.result.model)).toBe(0);
});

test('without folds, one validation part judges, and only the best of the trees is fitted once more', async () => {
  const { events, result } = await trained(request({ colour: BOARD }, { folds: 0 }));
  const [{ candidate, foldScores }] = result.leaderboard;
  expect(foldScores).toBeUndefined();
  expect(result.card).toMatchObject({
    refitted: true,
    fittedRows: result.splitCounts.train + result.splitCounts.validation,
  });
  expect(result.card.folds).toBeUndefined();
  expect(logOf(events)).toContain(`fitted once more in the end, to the ${result.card.fittedRows} rows`);
  expect(refittedIn(events)).toEqual([candidate]);
});

test('test rows take no part: with others in their place, the model is the same', async () => {
  const isTest = (row: number) => row % 4 === 0;
  const asked = (shift: number) => ({
    ...request({}, { split: { kind: 'column', column: 'part', validationFraction: 0.2 }, target: 'colour' }),
    estimator: { family: 'auto', parameters: { epochs: 3 } },
    table: table({
      ...{ a: a.map((value, row) => (isTest(row) ? value + shift : value)), b, site },
      part: a.map((_, row) => (isTest(row) ? 'test' : 'train')),
      colour: BOARD.map((colour, row) => (isTest(row) ? BOARD[(row + shift) % ROWS] : colour)),
    }),
  });
  const [one, other] = [(await trained(asked(0))).result, (await trained(asked(1))).result];
  expect(other.leaderboard).toEqual(one.leaderboard);
  expect(other.card.folds).toEqual(one.card.folds);
  expect(graphOf(other.model)).toBe(graphOf(one.model));
  expect(other.evaluation).not.toEqual(one.evaluation);
});

test.each([0.3, 0.6, 0.9])('killed at %d of its way and gone on with, it is the same', async (share) => {
  const asked = request({ colour: BOARD }, { estimator: { family: 'auto', parameters: { epochs: 4 } } });
  const whole = await trained(asked);
  const stored: { state: Uint8Array; ordinal: number }[] = [];
  const first = recorder({ checkpoint: (state, ordinal) => stored.push({ state: Uint8Array.from(state), ordinal }) });
  await train(asked, first.port, { threads: 1, checkpointMs: 250 });
  const { state, ordinal } = stored[Math.floor(share * (stored.length - 1))];
  const second = recorder();
  const resume = { checkpoint: state, skipThroughOrdinal: ordinal };
  const result = await train({ ...asked, resume }, second.port, { threads: 2 });
  expect(Buffer.compare(result.model, whole.result.model)).toBe(0);
  expect(result.leaderboard).toEqual(whole.result.leaderboard);
  const before = whole.events.filter((event) => event.ordinal <= ordinal);
  expect([...before, ...second.events]).toEqual(whole.events);
});

test('of a table that is read in parts, trees get the columns where memory holds them', async () => {
  const asked = request({ height: PLANE }, { folds: 0 });
  const { table: whole, ...rest } = asked;
  const scratch = mkdtempSync(join(tmpdir(), 'praxis-auto-'));
  const streamed = (bytesMax: number) => trained({ ...rest, source: sourceOf(whole), bytesMax, scratch });
  try {
    const memory = await trained(asked);
    const columns = 8 * ROWS * 4;
    const roomy = await streamed(4 * columns);
    const scoreOf = ({ result }: typeof roomy, name: string) =>
      result.leaderboard.find(({ candidate }) => candidate === name)?.score;
    expect(scoreOf(roomy, 'boosting')).toBe(scoreOf(memory, 'boosting'));
    expect(scoreOf(roomy, 'forest')).toBe(scoreOf(memory, 'forest'));
    const tight = await streamed(4 * columns - 1);
    expect(tight.result.leaderboard.map(({ family }) => family)).not.toContain('boosting');
    expect(logOf(tight.events)).toMatch(/Not tried, as memory does not hold the columns that they read: .*boosting/);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});

test('its texts name what it tries', () => {
  const titles = families()
    .filter(({ name }) => ['linear', 'logistic', 'mlp', 'forest', 'boosting'].includes(name))
    .map(({ title }) => title.toLowerCase());
  const { description, advise } = descriptionOf(AUTO)!;
  const inStep = JSON.stringify(z.toJSONSchema(stepOf('TRAIN').parameters, { io: 'input' })).toLowerCase();
  const guide = readFileSync(join(__dirname, '../../docs/guides/models.md'), 'utf8');
  const [sentence] = /^`auto` tries [^.]*/m.exec(guide)!;
  expect([...sentence.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual([
    AUTO,
    ...proposing().map(({ name }) => name),
  ]);
  const of = (task: string) => advise!({ task, rows: 600, columns: 3, targets: 1 })!.reason.toLowerCase();
  for (const title of titles) for (const text of [description.toLowerCase(), inStep]) expect(text).toContain(title);
  expect(of('binary')).toMatch(
    /^trains logistic regression, multi-layer perceptron, random forest and boosted trees on/,
  );
  expect(of('regression')).toMatch(
    /^trains linear regression, multi-layer perceptron, random forest and boosted trees on/,
  );
});
