import { type GraphQLSchema, type OperationDefinitionNode, parse } from 'graphql';
import { complexityOf } from '../../src/graphql/limits/complexity';
import { toGlobalId, type TenantContext } from '../../src/kernel';
import { addRuns, openTestApp, openTestDatabase, Operations } from '../support';

jest.setTimeout(60_000);

interface Point {
  sequence: number;
  step: number;
  epoch: number;
  value: number | null;
  minimum: number | null;
  maximum: number | null;
  count: number;
}
interface History {
  endSequence: number;
  truncated: boolean;
  series: { name: string; split: string; candidate: string; valueCount: number; points: Point[] }[];
}

const QUERY = `query ($id: ID!, $names: [String!], $split: SplitPart, $candidate: String, $after: SafeInt! = 0, $points: Int! = 500) {
  runById(id: $id) { metricHistory(names: $names, split: $split, candidate: $candidate, afterSequence: $after, pointsMax: $points) {
    endSequence truncated series { name split candidate valueCount
      points { sequence step epoch value minimum maximum count } } } } }`;

const database = openTestDatabase();
let operations: Operations;
let schema: GraphQLSchema;
let owner: TenantContext;

beforeAll(async () => {
  const { app } = await openTestApp(database);
  schema = app.schema();
  operations = new Operations(app.platform.database, schema);
  owner = await database.createTenant('Owner');
});

/** A run with events as SQL makes them of the number i, 1 to `count`. */
async function addRun(count: number, kind: string, payload: string): Promise<string> {
  const {
    runIds: [run],
  } = await addRuns(database, owner.tenantId);
  const sql = (text: string, ...params: unknown[]) => database.ownerQuery(text, [owner.tenantId, ...params]);
  await sql(`INSERT INTO event_streams (tenant_id, subject_id, last_sequence) VALUES ($1, $2, $3)`, run, count);
  await sql(
    `INSERT INTO events (tenant_id, subject_id, sequence, kind, payload)
     SELECT $1, $2, i, ${kind}, ${payload} FROM generate_series(1, $3::integer) i`,
    ...[run, count],
  );
  return toGlobalId('Run', run);
}

const metric = (name: string, value: string, candidate = `'a'`): string =>
  `jsonb_build_object('candidate', ${candidate}, 'name', ${name}, 'split', CASE WHEN i % 2 = 0 THEN 'train' ELSE 'validation' END,
    'step', i * 10, 'epoch', i / 4, 'value', ${value})`;

const history = async (id: string, variables: object = {}): Promise<History> =>
  (await operations.run<any>(owner, QUERY, { id, ...variables })).runById.metricHistory;

test('short series are shown value by value, with what is no finite number', async () => {
  const id = await addRun(
    9,
    `CASE WHEN i = 5 THEN 'log' ELSE 'metric' END`,
    metric(`'loss'`, 'CASE WHEN i <> 4 THEN i END'),
  );
  const all = await history(id);
  expect([all.endSequence, all.truncated]).toEqual([9, false]);
  expect(all.series.map(({ split, valueCount }) => [split, valueCount])).toEqual([
    ['VALIDATION', 4],
    ['TRAIN', 4],
  ]);
  const point = (i: number, value: number | null = i) => ({
    ...{ sequence: i, step: i * 10, epoch: Math.floor(i / 4), value, minimum: value, maximum: value, count: 1 },
  });
  expect(all.series[1].points).toEqual([point(2), point(4, null), point(6), point(8)]);
  expect((await history(id, { after: 6 })).series).toMatchObject([
    { points: [point(7), point(9)] },
    { points: [point(8)] },
  ]);
  expect((await history(id, { split: 'TRAIN', points: 2 })).series).toMatchObject([
    {
      points: [
        { sequence: 4, value: null, minimum: 2, maximum: 2, count: 2 },
        { sequence: 8, minimum: 6, maximum: 8 },
      ],
    },
  ]);
  expect(await history(id, { names: ['accuracy'] })).toEqual({ series: [], truncated: false, endSequence: 9 });
  expect(await history(id, { after: 9 })).toEqual({ series: [], truncated: false, endSequence: 9 });
});

test('long series are drawn together, and no peak is lost', async () => {
  const count = 60_000;
  // One peak in each series, far from any other value; the second candidate trains in the last tenth.
  const value = 'CASE WHEN i IN (31234, 31235) THEN 1000 ELSE i / 100000.0 END';
  const id = await addRun(count, `'metric'`, metric(`'loss'`, value, `CASE WHEN i > 54000 THEN 'b' ELSE 'a' END`));
  const { series, endSequence } = await history(id, { points: 200 });
  expect(endSequence).toBe(count);
  expect(series.map(({ candidate, valueCount }) => [candidate, valueCount])).toEqual([
    ['a', 27_000],
    ['a', 27_000],
    ['b', 3_000],
    ['b', 3_000],
  ]);
  for (const { points, valueCount, candidate } of series) {
    expect(points).toHaveLength(200);
    expect(points.reduce((sum, point) => sum + point.count, 0)).toBe(valueCount);
    expect(points.map(({ sequence }) => sequence)).toEqual(
      points.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
    );
    expect(points.every(({ step, sequence }) => step === sequence * 10)).toBe(true);
    const highest = Math.max(...points.map(({ maximum }) => maximum!));
    expect(highest).toBeCloseTo(candidate === 'a' ? 1000 : 0.6, 3);
    // As wide as each other, to the grain of the first pass.
    expect(Math.max(...points.map((point) => point.count))).toBeLessThan((2 * valueCount) / 200);
  }
  expect((await history(id, { candidate: 'b', points: 2 })).series.map(({ points }) => points.length)).toEqual([2, 2]);
});

test('many series share what an answer may hold', async () => {
  const id = await addRun(24_000, `'metric'`, metric(`'m' || i % 240`, 'i'));
  const { series, truncated } = await history(id, { points: 2000 });
  expect([series.length, truncated]).toEqual([100, true]);
  expect(series.map(({ name }) => name)).toEqual(Array.from({ length: 100 }, (_, i) => `m${i + 1}`));
  const many = await addRun(40_000, `'metric'`, metric(`'m' || i % 40`, 'i'));
  const shared = await history(many, { points: 2000 });
  expect(shared.series.map(({ points }) => points.length)).toEqual(Array(40).fill(500));
});

test('sizes out of bounds are refused, and a run without events has no series', async () => {
  const id = await addRun(0, `'metric'`, metric(`'loss'`, 'i'));
  expect(await history(id)).toEqual({ series: [], truncated: false, endSequence: 0 });
  const refused = [{ points: 1 }, { points: 2001 }, { points: -5 }, { after: -1 }, { names: Array(21).fill('x') }];
  for (const variables of refused) {
    await expect(history(id, variables)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  }
});

test('a query costs by its points and by the size of its pages, from either end', () => {
  const cost = (query: string): number => {
    const document = parse(query);
    return complexityOf(schema, document, document.definitions[0] as OperationDefinitionNode, {});
  };
  const points = (pointsMax: number) =>
    cost(
      `{ runById(id: "x") { metricHistory(pointsMax: ${pointsMax}) { series { points { step minimum maximum } } } } }`,
    );
  expect(points(2000) / points(200)).toBeGreaterThan(9);
  // What is refused later must not make up for what else is asked for.
  expect(points(-1_000_000)).toBe(points(2));
  const page = (size: string) => cost(`{ runs(${size}) { edges { node { id name } } } }`);
  expect(page('last: 100')).toBe(page('first: 100'));
  expect(page('last: 100')).toBeGreaterThan(4 * page('filter: {}'));
});
