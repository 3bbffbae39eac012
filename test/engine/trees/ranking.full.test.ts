/** The task ranking by `boosting`: its loss, and from a table to answers. */
import { createFit } from '../../../src/engine/learning/create-fit';
import { Random } from '../../../src/engine/random';
import { openModel } from '../../../src/engine/serving/serving';
import { trainTable } from '../../../src/engine/training/train';
import { lossOf, type Derivatives } from '../../../src/engine/trees/boosting/losses';
import type { Column, NumbersEvaluation, TrainRequest } from '../../../src/engine/types';
import { recorder } from '../support/train-port';
import { DEFAULTS } from '../tables';
import { uniform } from './boosting.fixture';
import { trained } from './learner.fixture';

const loss = lossOf({ name: 'lambdarank', settings: { delta: 1, quantile: 0.5, power: 1.5 } });

function derived(y: number[], scores: number[], starts: number[], spans = [[0, y.length]]): Derivatives {
  const targets = { rows: y.length, count: 1, y: Float32Array.from(y), weight: null, starts: Uint32Array.from(starts) };
  const into = { gradients: new Float64Array(y.length), hessians: new Float64Array(y.length) };
  for (const [from, to] of spans)
    loss.derive({ targets, scores: Float64Array.from(scores), outputs: 1 }, 0, into, { from, to });
  return into;
}

test('a pair is pulled apart by what the NDCG gains when the two change places', () => {
  // Of equal scores each is the better with the chance 1/2; of the gains 1 and 0, ranks 1 and 2 differ by 1 - 1 / log2(3).
  const change = 1 - 1 / Math.log2(3);
  const scaled = Math.log2(1 + change) / change;
  const { gradients, hessians } = derived([0, 1], [0, 0], [0, 2]);
  expect(gradients[0]).toBeCloseTo((scaled * change) / 2, 12);
  expect(gradients[1]).toBeCloseTo((-scaled * change) / 2, 12);
  expect(hessians[0]).toBeCloseTo((scaled * change) / 4, 12);
  // Told apart by 2 already: by the chance 1 / (1 + e^2), and divided by the difference.
  const further = derived([1, 0], [2, 0], [0, 2]);
  const pull = (1 / (1 + Math.exp(2))) * (change / 2.01);
  expect(further.gradients[0]).toBeCloseTo((-pull * Math.log2(1 + 2 * pull)) / (2 * pull), 12);
});

test('rows of different groups have nothing to do with each other, and parts of the rows are derived alike', () => {
  const random = new Random(3);
  const y = Array.from({ length: 200 }, () => random.below(4));
  const scores = y.map(() => uniform(random));
  const starts = [0, 1, 40, 100, 199, 200];
  const whole = derived(y, scores, starts);
  expect(derived(y, scores, starts, [[0, 33], [33, 150], [150, 200]])).toEqual(whole); // prettier-ignore
  for (const [g, start] of starts.slice(0, -1).entries()) {
    const end = starts[g + 1];
    const alone = derived(y.slice(start, end), scores.slice(start, end), [0, end - start]);
    expect(whole.gradients.slice(start, end)).toEqual(alone.gradients);
    const sum = alone.gradients.reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(0, 9);
  }
});

const GROUPS = 120;

/** Sessions of 4 to 15 offers, whose grades go by price and fit within the session. Rows lie mixed. */
function offers(change: (columns: Record<string, Float64Array>) => void = () => {}): TrainRequest {
  const random = new Random(17);
  const rows: number[][] = [];
  for (let session = 0; session < GROUPS; session++) {
    const level = 100 * uniform(random);
    for (let i = 4 + random.below(12); i > 0; i--) {
      const [price, fit] = [uniform(random), uniform(random)];
      const worth = 2 * fit - price + (fit > 0.5 && price < 0.5 ? 1 : 0) + uniform(random) / 2;
      rows.push([session, level + price, price, fit, worth > 1.6 ? 2 : worth > 0.9 ? 1 : 0]);
    }
  }
  rows.sort((a, b) => a[2] - b[2]);
  const names = ['session', 'cost', 'price', 'fit', 'grade'];
  const values = Object.fromEntries(names.map((name, c) => [name, Float64Array.from(rows, (row) => row[c])]));
  change(values);
  const columns: Column[] = names.map((name) => ({ name, kind: 'number', values: values[name] }));
  return {
    ...{ table: { rowCount: rows.length, columns }, target: 'grade', task: 'ranking', seed: 3, resume: null, drop: [] },
    split: { kind: 'group', column: 'session', testFraction: 0.3, validationFraction: 0.2, stratify: true },
    preprocess: DEFAULTS,
    estimator: { family: 'boosting', parameters: { trees: 60, patience: 20 } },
  };
}

const metricOf = ({ evaluation }: Awaited<ReturnType<typeof trained>>, wanted: string) =>
  evaluation.metrics.find(({ name }) => name === wanted)!;

test('learns an order, and goes on from a state to the same bytes', async () => {
  const whole = await trained(offers(), { checkpointMs: 0 });
  const { card, model, leaderboard } = whole;
  expect(card).toMatchObject({ task: 'ranking', target: 'grade', rankedWithin: 'session', labels: null });
  expect(card.inputs.map(({ name }) => name)).toEqual(['cost', 'price', 'fit']);
  expect(leaderboard[0]).toMatchObject({ metric: 'ndcgLoss' });
  for (const name of ['ndcgAt5', 'ndcgAt10', 'ndcg', 'meanAveragePrecision', 'meanReciprocalRank']) {
    const { value, lower, baseline } = metricOf(whole, name);
    expect(value).toBeGreaterThan(baseline!.value + 0.1);
    expect(lower!).toBeGreaterThan(baseline!.upper!);
  }
  expect(metricOf(whole, 'ndcgAt5').value).toBeGreaterThan(0.9);
  const { bytes, lastOrdinal } = whole.states[Math.floor(whole.states.length / 2)];
  const rest = await trained({ ...offers(), resume: { checkpoint: bytes, skipThroughOrdinal: lastOrdinal } });
  expect(Buffer.compare(rest.model, model)).toBe(0);
  const served = await openModel(model);
  const columns = [Float64Array.of(50, 50), Float64Array.of(0.1, 0.9), Float64Array.of(0.9, 0.1)];
  const answer = await served.predict({ rowCount: 2, columns });
  expect(answer.kind === 'numbers' && answer.prediction[0] > answer.prediction[1]).toBe(true);
  await served.release();
});

test('groups of a single row or a single grade are left out of the scores, and told', async () => {
  // Every fourth session has one grade, and a row in ten is a session of its own.
  const changed = await trained(
    offers(({ session, grade }) => {
      grade.forEach((_, i) => session[i] % 4 === 0 && (grade[i] = 1));
      session.forEach((_, i) => i % 10 === 0 && (session[i] = 1000 + i));
    }),
  );
  const groups = (changed.evaluation as NumbersEvaluation).rankedGroups!;
  expect(groups.leftOut).toBeGreaterThan(groups.scored / 4);
  const messages = changed.events.flatMap((event) => (event.kind === 'log' ? [event.message] : []));
  expect(messages).toContain(
    `Scores are of ${groups.scored} groups of test rows; ${groups.leftOut} of a single row or a single grade, which have no order, are left out.`,
  );
});

describe('refuses', () => {
  const refused = (request: TrainRequest) =>
    trainTable(request, recorder().port, createFit()).catch((error: unknown) => error);

  test('a split without groups', async () => {
    const split = { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true } as const;
    expect(await refused({ ...offers(), split })).toMatchObject({
      path: 'split',
      message: expect.stringContaining('names no column of groups'),
      hint: expect.stringContaining('SPLIT of the kind group'),
    });
  });

  test.each<[string, (columns: Record<string, Float64Array>) => void, string, string]>([
    [
      'a single row in each group',
      ({ session }) => session.forEach((_, i) => (session[i] = i)),
      'split.column',
      'has a single row',
    ],
    [
      'one grade in each group',
      ({ session, grade }) => grade.forEach((_, i) => (grade[i] = session[i] % 3)),
      'target',
      'is the same in all rows of each group',
    ],
    ['a negative grade', ({ grade }) => (grade[41] = -1), 'target', 'is -1 in row 42; grades go from 0 to 30'],
    ['a grade that is too large', ({ grade }) => (grade[7] = 100), 'target', 'is 100 in row 8'],
  ])('%s', async (_, change, path, message) => {
    expect(await refused(offers(change))).toMatchObject({ path, message: expect.stringContaining(message) });
  });

  test('a group that is too large', async () => {
    const request = offers();
    const rowCount = 10_100;
    const columns = request.table.columns.map((column): Column => {
      const values = Float64Array.from({ length: rowCount }, (_, i) => (column.name === 'session' ? 0 : i % 5));
      return { ...column, kind: 'number', values };
    });
    expect(await refused({ ...request, table: { rowCount, columns } })).toMatchObject({
      path: 'split.column',
      message: 'Group "0" of "session" has 10100 rows; ranking takes 10,000 of a group at most.',
    });
  });

  test('a family that does not rank, and a loss of another task', async () => {
    const request = offers();
    expect(await refused({ ...request, estimator: { family: 'mlp', parameters: {} } })).toMatchObject({
      message: expect.stringContaining('cannot do ranking'),
      hint: expect.stringContaining('boosting'),
    });
    const estimator = { family: 'boosting', parameters: { loss: 'mse' } };
    expect(await refused({ ...request, estimator })).toMatchObject({ message: 'mse is not a loss for ranking.' });
  });
});
