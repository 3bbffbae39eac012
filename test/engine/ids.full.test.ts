/** Ids are told apart by their value, from the table to the served file; an unknown one is answered by the mean. */
import { GraphColumns } from '../../src/engine/columns/tensors';
import { knownIds } from '../../src/engine/serving/known-ids';
import { encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { encodeIds, IdCounter, vocabularyOf } from '../../src/engine/preprocess/ids/ids';
import { appendIds } from '../../src/engine/preprocess/ids/ids.graph';
import { train } from '../../src/engine/run';
import { OrtSession } from '../../src/engine/executors/ort';
import { openModel } from '../../src/engine/serving/serving';
import type { ModelCard, Table, TrainRequest, TrainResult } from '../../src/engine/types';
import { recorder } from './support/train-port';
import { sourceOf } from './support/table-source';
import { DEFAULTS, draw, table, uniform } from './tables';
import former from './fixtures/former-recommender.json';

const ROWS = 600;
const [USERS, ITEMS] = [60, 40];
const RANDOM = { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true } as const;

const users = draw(ROWS, 1, (random) => random.below(USERS));
const items = draw(ROWS, 2, (random) => random.below(ITEMS));
const rating = draw(ROWS, 3, (random, i) => Math.sin(users[i] * 7) + Math.cos(items[i] * 3) + uniform(random) / 10);

type Id = number | string | null;
type Change = Partial<Omit<TrainRequest, 'estimator'>> & { family?: string; parameters?: Record<string, unknown> };

const request = (rows: Table, { family = 'recommender', parameters = {}, ...change }: Change): TrainRequest => ({
  ...{ table: rows, target: 'y', task: null, drop: [], split: RANDOM, preprocess: DEFAULTS },
  estimator: { family, parameters: { epochs: 30, ...parameters } },
  ...{ seed: 7, resume: null },
  ...change,
});

const rated = (user: (id: number) => Id, item: (id: number) => Id = (id) => id): Table =>
  table({ user: users.map(user) as number[], item: items.map(item) as number[], y: rating });

async function run(rows: Table, change: Change = {}) {
  const { events, port } = recorder();
  const result = await train(request(rows, change), port, { threads: 1 });
  return { result, log: events.flatMap((event) => (event.kind === 'log' ? [event.message] : [])) };
}

const scores = ({ evaluation }: TrainResult) => evaluation.metrics.map(({ name, value }) => [name, value]);

async function predict({ model }: Pick<TrainResult, 'model'>, columns: Id[][]) {
  const served = await openModel(model);
  const typed = columns.map((values, i) =>
    served.inputs[i].type === 'number'
      ? Float64Array.from(values, (value) => (value === null ? NaN : Number(value)))
      : values.map((value) => String(value ?? '')),
  );
  const { prediction } = await served.predict({ rowCount: columns[0].length, columns: typed });
  await served.release();
  return [...prediction];
}

describe('recommender', () => {
  test.each([7, 1, 2])('learns from any ids what it learns from 0 to n − 1, seed %d', async (seed) => {
    const { result: plain } = await run(
      rated((id) => id),
      { seed },
    );
    const value = (name: string) => plain.evaluation.metrics.find((metric) => metric.name === name)!.value;
    expect(value('r2')).toBeGreaterThan(0.6);
    const others: ((id: number) => Id)[] = [
      (id) => id + 5000,
      (id) => id - 1000,
      (id) => 2_000_000_000 + id,
      (id) => 9_007_199_254_740_000 + id,
      (id) => id * 1_000_003,
      (id) => id + 0.5,
      (id) => `user ${String(id).padStart(4, '0')}`,
      (id) => `90071992547409${String(id).padStart(4, '0')}`,
    ];
    for (const other of others) {
      const { result } = await run(rated(other, other), { seed });
      expect(scores(result)).toEqual(scores(plain));
      expect(result.card.vocabularies).toEqual([
        expect.objectContaining({ count: 60 }),
        expect.objectContaining({ count: 40 }),
      ]);
    }
  });

  test('an unknown id is answered by the mean of all, a missing one too, and no other one', async () => {
    const { result } = await run(
      rated(
        (id) => id + 5000,
        (id) => `i${id}`,
      ),
    );
    const all = Array.from({ length: USERS }, (_, id) => id + 5000);
    const known = (await predict(result, [all, all.map(() => 'i3')])) as number[];
    const [far, near, half, missing] = await predict(result, [
      [0, 5060, 5000.5, null],
      ['i3', 'i3', 'i3', 'i3'],
    ]);
    // The score of a factorization is linear in the vector of the user and its bias.
    expect(far).toBeCloseTo(known.reduce((a, b) => a + b) / USERS, 4);
    expect([near, half, missing]).toEqual([far, far, far]);
    expect(known).not.toContain(far);
    const [unknownItem, emptyItem] = await predict(result, [
      [5000, 5000],
      ['i40', null],
    ]);
    expect(unknownItem).toBe(emptyItem);
  });

  test('rows whose ids training did not see are counted', async () => {
    const split = users.map((id, i) => (id < 5 ? 'test' : i % 6 === 0 ? 'validation' : 'train'));
    const rows = { ...rated((id) => id + 5000), columns: [...rated((id) => id + 5000).columns] };
    rows.columns.push(...table({ split }).columns);
    const { log, result } = await run(rows, { split: { kind: 'column', column: 'split', validationFraction: 0.2 } });
    const held = split.filter((part) => part === 'test').length;
    expect(log).toContain(
      `${held} rows of the test part have ids in "user" that training did not see; the mean of all ids answers for them.`,
    );
    expect(result.card.vocabularies![0]).toMatchObject({ count: USERS - 5 });
  });

  test('the parameter is an upper bound: the most frequent ids have vectors, and the run says so', async () => {
    const often = users.map((id, i) => (i % 2 ? id % 10 : id) + 5000);
    const rows = table({ user: often, item: items, y: rating });
    const { result, log } = await run(rows, { parameters: { users: 10 } });
    expect(result.card.vocabularies![0].ids).toEqual(Array.from({ length: 10 }, (_, id) => String(id + 5000)));
    expect(log).toContainEqual(
      expect.stringMatching(
        /^"user" has \d+ ids, from 5000 to 5059, and users is 10: .* answered by the mean\. Raise users/,
      ),
    );
    const loose = await run(
      rated((id) => id),
      { parameters: { users: 100 } },
    );
    expect(loose.result.card.vocabularies![0].count).toBe(USERS);
    expect(loose.log.filter((line) => line.includes('users'))).toEqual([]);
  });

  test('a column without any id is refused', async () => {
    await expect(run(rated(() => null))).rejects.toThrow('"user" has no id in any row to train on.');
  });

  test.each(['factorization', 'towers'])('%s takes missing ids in training', async (model) => {
    const { result } = await run(
      rated((id) => (id % 7 === 0 ? null : id)),
      { parameters: { model } },
    );
    expect(result.evaluation.metrics.find(({ name }) => name === 'r2')!.value).toBeGreaterThan(0.5);
  });

  test('infoNce takes unknown and missing ids', async () => {
    const taken = users.map((id, i) => (id % 4 === items[i] % 4 ? 'yes' : 'no'));
    const rows = table({ user: users.map((id) => (id === 3 ? null : id + 7e9)), item: items, y: taken });
    const { result } = await run(rows, { parameters: { loss: 'infoNce' } });
    const [known, unknown] = await predict(result, [
      [7e9, 1],
      [1, 1],
    ]);
    expect(['yes', 'no']).toEqual(expect.arrayContaining([known, unknown]));
  });
});

test('a table larger than memory knows the ids of all its rows, and answers as the one in memory', async () => {
  const many = draw(4000, 5, (random) => random.below(900));
  const y = many.map((id) => Math.sin(id));
  const rows = table({ user: many.map((id) => `u${id}`), item: many.map((id) => id % 30), y });
  const { table: held, ...rest } = request(rows, { parameters: { epochs: 2 } });
  const { events, port } = recorder();
  const { mkdtempSync, rmSync } = await import('node:fs');
  const scratch = mkdtempSync('/tmp/praxis-ids-');
  const stream = { ...rest, source: sourceOf(held), bytesMax: 20_000, scratch };
  const [streamed, whole] = [await train(stream, port, { threads: 1 }), await run(rows, { parameters: { epochs: 2 } })];
  rmSync(scratch, { recursive: true });
  expect(streamed.card.vocabularies).toEqual(whole.result.card.vocabularies);
  const unseen = (lines: string[]) => lines.filter((line) => line.includes('did not see'));
  expect(unseen(whole.log).length).toBeGreaterThan(0);
  expect(unseen(events.flatMap((event) => (event.kind === 'log' ? [event.message] : [])))).toEqual(unseen(whole.log));
});

describe('tokens', () => {
  const words = ['red', 'green', 'blue', '7', '8', '-1'];
  const steps = [0, 1, 2].map((seed) => draw(ROWS, 20 + seed, (random) => random.below(6)));
  const y = steps[0].map((first, i) => (first % 2 === steps[1][i] % 2 ? 'yes' : 'no'));
  const options = {
    input: 'tokens',
    width: 16,
    heads: 2,
    feed: 32,
    layers: 1,
    dropout: 0,
    epochs: 30,
    learningRate: 0.005,
  };
  const change = (parameters: Record<string, unknown> = {}): Change => ({
    family: 'transformer',
    parameters: { ...options, ...parameters },
  });
  const accuracy = ({ evaluation }: TrainResult) => evaluation.metrics.find(({ name }) => name === 'accuracy')!.value;
  const shown = (of: (token: number, step: number) => Id): Table =>
    table({ ...Object.fromEntries(steps.map((values, s) => [`s${s}`, values.map((v) => of(v, s)) as number[]])), y });

  test('texts and numbers, in columns of either kind, are one vocabulary', async () => {
    const { result } = await run(
      shown((token) => words[token]),
      change(),
    );
    expect(accuracy(result)).toBeGreaterThan(0.95);
    expect(result.card.vocabularies).toEqual([
      { count: 6, ids: ['-1', '7', '8', 'blue', 'green', 'red'], padding: '0' },
    ]);
    // The first step as numbers alone, the others as texts of the same numbers: one token each.
    const { result: mixed } = await run(
      {
        rowCount: ROWS,
        columns: [...shown((t) => t + 10).columns.slice(0, 1), ...shown((t) => `${t + 10}`).columns.slice(1)],
      },
      change(),
    );
    expect(mixed.card.inputs.map(({ type }) => type)).toEqual(['number', 'category', 'category']);
    expect(mixed.card.vocabularies![0].count).toBe(6);
    const { result: numbers } = await run(
      shown((t) => t + 10),
      change(),
    );
    expect(scores(mixed)).toEqual(scores(numbers));
  });

  test('padding by value, missing steps and steps left out are the same', async () => {
    const empty = (values: Id) => shown((token, step) => (step === 2 && token < 3 ? values : token + 5001));
    const [zero, missing, word] = [
      await run(empty(0), change()),
      await run(empty(null), change()),
      await run(empty(-9), change({ padding: -9 })),
    ];
    expect(scores(missing.result)).toEqual(scores(zero.result));
    expect(scores(word.result)).toEqual(scores(zero.result));
    const rows = [[5001], [5002], [0]];
    expect(await predict(zero.result, rows)).toEqual(await predict(missing.result, [[5001], [5002], [null]]));
  });
});

describe('graph network', () => {
  const nodes = Array.from({ length: 40 }, (_, i) => i);
  const ring = (name: (node: number) => Id) => nodes.map((node) => [name(node), name((node + 2) % 40)]);
  const rows = (name: (node: number) => Id): Table =>
    table({
      node: nodes.flatMap((node) => [node, node, node]).map(name) as number[],
      y: nodes.flatMap((node) => Array(3).fill(node % 2 ? 'odd' : 'even')) as string[],
    });

  test('nodes are known by name, from the edges and the rows', async () => {
    const parameters = { epochs: 60, units: 8 };
    const of = async (name: (node: number) => Id) =>
      (await run(rows(name), { family: 'gcn', parameters: { ...parameters, edges: ring(name) } })).result;
    const plain = await of((node) => node);
    for (const name of [(node: number) => node + 70_000_000, (node: number) => `n${node + 100}`]) {
      const result = await of(name);
      expect(scores(result)).toEqual(scores(plain));
      expect(result.card.vocabularies![0].count).toBe(40);
    }
  });

  test('more nodes than there may be are refused with column, range and parameter', async () => {
    const parameters = { nodes: 30, edges: [[70, 71]] };
    await expect(
      run(
        rows((node) => node + 70),
        { family: 'gcn', parameters },
      ),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/^"node" has \d+ ids, from 70 to 10\d, and nodes is 30\.$/),
      path: 'estimator.parameters.nodes',
    });
  });
});

test('an embedding that reads the columns has a vector for each id of them', async () => {
  const layers = [{ type: 'embedding', vocabulary: 1000, units: 4 }, { type: 'flatten' }];
  const parameters = { layers, epochs: 30, learningRate: 0.02 };
  const shifted = (by: number) =>
    rated(
      (id) => id + by,
      (id) => id + by,
    );
  const [plain, far] = await Promise.all(
    [0, 5000].map((shift) => run(shifted(shift), { family: 'network', parameters })),
  );
  expect(scores(far.result)).toEqual(scores(plain.result));
  expect(far.result.evaluation.metrics.find(({ name }) => name === 'r2')!.value).toBeGreaterThan(0.8);
  const [unknown, other] = await predict(far.result, [
    [9, 99],
    [5001, 5001],
  ]);
  expect(unknown).toBe(other);
});

test.each<Id>([null, 0, 3, 'b'])('the file looks ids up as training does, padding %j', async (padding) => {
  const numbers = [0, -0, 3, -7, 2.5, 16_777_217, 2 ** 53, -(2 ** 53) + 1, 1e300, null, Infinity];
  const texts = ['a', 'b', 'B', '3', '03', '-7', '1e300', '9007199254740993', ' ', 'ü', null];
  const known = table({ n: numbers.slice(0, 9), t: [...texts.slice(0, 8), null] });
  const counter = new IdCounter({ columns: 2, parameter: 'x', most: null, padding });
  for (const column of known.columns) counter.add(column, Uint32Array.from(Array(9).keys()));
  const { encoding } = counter.encoding(known.columns);
  const asked = table({ n: [...numbers, 4, -1, 16_777_216], t: [...texts, 'c', 'A', '3.0'] });
  const out = new Float32Array(28);
  const rows = Uint32Array.from(Array(14).keys());
  encodeIds(asked.columns, rows, encoding, { out, width: 2, offset: 0 });
  const graph = new GraphBuilder('ids');
  graph.input('n', 'float64', ['batch', 1]);
  graph.input('t', 'string', ['batch', 1]);
  graph.output(appendIds(graph, encoding, GraphColumns.ofInputs(graph)), 'float32', ['batch', 2]);
  const session = await OrtSession.create(encodeModel(graph));
  const [n, t] = asked.columns;
  const answer = await session.run({
    n: { type: 'float64', dims: [14, 1], data: (n as { values: Float64Array }).values },
    t: { type: 'string', dims: [14, 1], data: [...texts, 'c', 'A', '3.0'].map((text) => text ?? '') },
  });
  await session.release();
  expect(t.kind).toBe('category');
  expect([...(Object.values(answer)[0].data as Float32Array)]).toEqual([...out]);
  const places = [...out].filter((place) => place >= 0);
  expect(Math.max(...places)).toBe(vocabularyOf(encoding).count - 1);
});

describe('what a version knows', () => {
  test('more ids than a card lists are known by a filter that takes few others for known', () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => 3 * i);
    const counter = new IdCounter({ columns: 1, parameter: 'users', most: null });
    const columns = [{ name: 'u', kind: 'number' as const, values: Float64Array.from(ids) }];
    counter.add(columns[0], Uint32Array.from(ids.keys()));
    const vocabularies = [vocabularyOf(counter.encoding(columns).encoding)];
    expect(vocabularies[0]).toMatchObject({ count: 20_000, ids: null });
    const input = {
      name: 'u',
      type: 'number' as const,
      minimum: 0,
      maximum: 6e4,
      levels: null,
      fill: null,
      vocabulary: 0,
    };
    const [known] = knownIds({ family: 'recommender', parameters: {}, inputs: [input], vocabularies });
    expect(ids.every((id) => known!.knows(id))).toBe(true);
    expect(ids.filter((id) => known!.knows(id + 1)).length).toBeLessThan(400);
  });

  test('a version with a vocabulary knows the ids in it, sent as number or as text', async () => {
    const { result } = await run(
      rated(
        (id) => id + 5000,
        (id) => `i${id}`,
      ),
      { parameters: { epochs: 1 } },
    );
    const [user, item] = knownIds(result.card);
    expect([5000, '5059', 4999, 5000.5, 'i3'].map((id) => user!.knows(id))).toEqual([true, true, false, false, false]);
    expect(['i3', 'i40', 3].map((id) => item!.knows(id))).toEqual([true, false, false]);
    expect(user!.answer).toMatch(/the mean of all ids/);
  });

  test('a version made before answers the same bits, and knows the ids 0 to n − 1', async () => {
    const model = Uint8Array.from(Buffer.from(former.model, 'base64'));
    const columns = [0, 1].map((column) => former.rows.map((row) => row[column]));
    expect(await predict({ model }, columns)).toEqual(former.prediction);
    const known = knownIds(former.card as unknown as ModelCard);
    const told = former.rows.map((row) => row.map((id, i) => known[i]!.knows(id)));
    expect(told).toEqual([
      [true, true],
      [true, true],
      [true, true],
      [false, true],
      [false, true],
      [false, true],
      [true, false],
    ]);
    expect(known[0]!.answer).toMatch(/none of the ids 0 to 5 that this version/);
  });

  test('columns that are no ids have none', () => {
    const inputs = [{ name: 'a', type: 'number' as const, minimum: 0, maximum: 1, levels: null, fill: 0 }];
    expect(knownIds({ family: 'mlp', parameters: {}, inputs })).toEqual([null]);
  });
});
