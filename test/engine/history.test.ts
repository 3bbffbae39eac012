/** Columns made of an entity's history: by hand, in memory and in parts, at training and at serving alike. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastRows, planHistory, requestOf, stepOf, type PipelineStep } from '../../src/engine';
import { Random } from '../../src/engine/random';
import type { ColumnType } from '../../src/formats';
import { takeRows } from '../../src/engine/rows/kept';
import { withSource } from '../../src/engine/rows/memory';
import { withMadeColumns } from '../../src/engine/rows/repeated';
import { train } from '../../src/engine/run';
import { EngineError, type Column, type Table, type TrainRequest, type TrainResult } from '../../src/engine/types';
import { sourceOf } from './support/table-source';
import { recorder } from './support/train-port';
import { draw, normal, pick, table } from './tables';

const COLUMNS = { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'wear', drop: [], task: null } };
const SPLIT = {
  id: 'split',
  kind: 'SPLIT',
  parameters: { kind: 'time', column: 'day', gap: 0, testFraction: 0.2, validationFraction: 0.2 },
};
const TRAIN = { id: 'train', kind: 'TRAIN', parameters: { family: 'linear', parameters: { epochs: 3 } } };
const UNIT = { key: 'machine', order: 'day' };
const lag = (columns: string[], rows = [1], id = 'lag'): PipelineStep => ({
  ...{ id, kind: 'LAG' },
  parameters: { ...UNIT, columns, rows },
});

const window = (parameters: object, id = 'window'): PipelineStep => ({
  ...{ id, kind: 'WINDOW' },
  parameters: windowStep.parameters.parse({ ...UNIT, columns: ['heat'], ...parameters }) as Record<string, unknown>,
});
const windowStep = stepOf('WINDOW');

const valueOf = (column: Column, row: number): number | string | null => {
  if (column.kind === 'category') return column.levels[column.codes[row]] ?? null;
  return Number.isNaN(column.values[row]) ? null : column.values[row];
};
const valuesOf = (column: Column, rowCount: number) =>
  Array.from({ length: rowCount }, (_, row) => valueOf(column, row));

/** The columns that steps make of a table, by name. */
async function computed(data: Table, steps: PipelineStep[], streamed = false): Promise<Record<string, unknown[]>> {
  const planned = requestOf([COLUMNS, ...steps, TRAIN]).steps!;
  const plan = planHistory(planned, data.columns, { target: 'wear' })!;
  expect(plan.faults).toEqual([]);
  const request = streamed ? { source: sourceOf(data, 7), bytesMax: 1e6, scratch: '' } : { table: data };
  const { source } = await withMadeColumns(withSource(request as unknown as TrainRequest), plan, () => undefined);
  const names = plan.steps.flatMap(({ makes }) => makes.map(({ name }) => name));
  const { columns } = await source.read(names);
  return Object.fromEntries(
    names.map((name) => [
      name,
      valuesOf(
        columns.find((c: Column) => c.name === name)!,
        data.rowCount,
      ),
    ]),
  );
}

describe('by hand', () => {
  // Of a: days 1, 2, 2, 5 in rows 5, 0, 3, 1; of b: days 1, 9 in rows 4, 2.
  const data = table({
    machine: ['a', 'a', 'b', 'a', 'b', 'a'],
    day: [2, 5, 9, 2, 1, 1],
    heat: [20, 50, null, 25, 4, 10],
    state: ['ok', 'hot', 'ok', null, 'cold', 'new'],
    wear: [1, 2, 3, 4, 5, 6],
  });

  test.each([false, true])(
    'a lag is the value of the row so far back, of the same machine (in parts: %s)',
    async (streamed) => {
      expect(await computed(data, [lag(['heat', 'state', 'wear'], [1, 2])], streamed)).toEqual({
        heat_lag_1: [10, 25, 4, 20, null, null],
        heat_lag_2: [null, 20, null, 10, null, null],
        state_lag_1: ['new', null, 'cold', 'ok', null, null],
        state_lag_2: [null, 'ok', null, 'new', null, null],
        wear_lag_1: [6, 4, 5, 1, null, null],
        wear_lag_2: [null, 1, null, 6, null, null],
      });
    },
  );

  test.each([false, true])('a window folds the values of its rows that are there (in parts: %s)', async (streamed) => {
    const functions = ['mean', 'sum', 'min', 'max', 'count', 'std'];
    const half = Math.sqrt(0.5);
    // In their order: 10, 20, 25, 50 of a; 4 and a missing one of b.
    expect(await computed(data, [window({ rows: 2, functions })], streamed)).toEqual({
      heat_mean_last_2: [15, 37.5, 4, 22.5, 4, 10],
      heat_sum_last_2: [30, 75, 4, 45, 4, 10],
      heat_min_last_2: [10, 25, 4, 20, 4, 10],
      heat_max_last_2: [20, 50, 4, 25, 4, 10],
      heat_count_last_2: [2, 2, 1, 2, 1, 1],
      heat_std_last_2: [10 * half, 25 * half, null, 5 * half, null, null],
    });
    expect(await computed(data, [window({ rows: 2, functions: ['sum', 'count'], current: false })], streamed)).toEqual({
      heat_sum_before_2: [10, 45, 4, 30, null, null],
      heat_count_before_2: [1, 2, 1, 2, 0, 0],
    });
  });

  test('a span holds what is less than it before, and rows of one time that come earlier', async () => {
    expect(await computed(data, [window({ span: 3, functions: ['sum'] })])).toEqual({
      heat_sum_last_3: [30, 50, null, 55, 4, 10],
    });
    expect(await computed(data, [window({ span: 3.5, functions: ['sum', 'count'], current: false })])).toEqual({
      'heat_sum_before_3.5': [10, 45, null, 30, null, null],
      'heat_count_before_3.5': [1, 2, 0, 2, 0, 0],
    });
    const days = [0, 1, 3, 7, 8].map((day) => 86_400_000 * day);
    const dated = table({ machine: days.map(() => 'a'), day: days, heat: [1, 2, 4, 8, 16], wear: days });
    expect(await computed(dated, [window({ span: 'P7D', functions: ['sum'] })])).toEqual({
      heat_sum_last_P7D: [1, 3, 7, 14, 28],
    });
  });

  test('large numbers that are near one another keep their deviation', async () => {
    const day = [1, 2, 3];
    const large = table({ machine: ['a', 'a', 'a'], day, heat: [1e9 + 4, 1e9 + 7, 1e9 + 13], wear: day });
    const { heat_std_last_3: std } = await computed(large, [window({ rows: 3, functions: ['std'] })]);
    expect(std[2]).toBeCloseTo(Math.sqrt(21), 12);
  });

  test('machines may be numbers', async () => {
    const numbered = {
      ...data,
      columns: [...table({ machine: [7, 7, -1, 7, -1, 7] }).columns, ...data.columns.slice(1)],
    };
    expect((await computed(numbered, [lag(['heat'])])).heat_lag_1).toEqual([10, 25, 4, 20, null, null]);
  });
});

const random = (seed: number): Table => {
  const n = 1 + new Random(seed).below(60);
  return table({
    machine: draw(n, seed, (r) => pick(r, ['a', 'b', 'c', 'd'])),
    day: draw(n, seed + 1, (r) => r.below(12)),
    heat: draw(n, seed + 2, (r) => (r.below(5) === 0 ? null : 1e3 * normal(r))),
    state: draw(n, seed + 3, (r) => pick(r, ['ok', 'hot', null])),
    wear: draw(n, seed + 4, (r) => r.below(100)),
  });
};

const FUNCTIONS = ['mean', 'sum', 'min', 'max', 'count', 'std'];
const STEPS = [
  lag(['heat', 'state', 'wear'], [1, 2, 3]),
  window({ rows: 4, functions: FUNCTIONS }),
  window({ columns: ['wear'], span: 3, functions: FUNCTIONS, current: false }, 'span'),
];

test('of 300 random histories, what is made of the rows up to one is what training made of it', async () => {
  for (let seed = 0; seed < 300; seed++) {
    const input = random(seed);
    const trained = await computed(input, STEPS, seed % 2 === 1);
    const [machine, day] = input.columns;
    const rows = Array.from({ length: input.rowCount }, (_, row) => row);
    const before = (row: number) =>
      rows.filter((other) => {
        const [a, b] = [other, row].map((each) => valueOf(day, each) as number);
        return valueOf(machine, other) === valueOf(machine, row) && (a < b || (a === b && other <= row));
      });
    const asked = rows.filter((row) => row % 3 === seed % 3);
    if (asked.length === 0) continue;
    const histories = asked.map(before);
    const all = histories.flat();
    const columns = takeRowsInOrder(input, all);
    const card = { order: 'day', steps: [...requestOf([COLUMNS, ...STEPS, TRAIN]).steps!] };
    const served = lastRows(card, new Set(Object.keys(trained)), {
      ...{ columns, counts: Uint32Array.from(histories, ({ length }) => length) },
    });
    expect(Array.from(served.rows, (row) => all[row])).toEqual(asked);
    for (const column of served.computed) {
      expect(valuesOf(column, asked.length)).toEqual(asked.map((row) => trained[column.name][row]));
    }
    expect(served.computed.map(({ name }) => name)).toEqual(Object.keys(trained));
  }
});

/** Rows of any order, more than once. */
const takeRowsInOrder = ({ columns, rowCount }: Table, rows: number[]): Column[] =>
  takeRows({ columns, rowCount }, Uint32Array.from(rows)).columns;

describe('trained', () => {
  const N = 400;
  const machine = draw(N, 1, (r) => pick(r, ['a', 'b', 'c', 'd', 'e']));
  const last = new Map<string, number>();
  const heat = draw(N, 2, normal);
  const wear = heat.map((_, i) => {
    const value = (last.get(machine[i]) ?? 0) + 0.01;
    last.set(machine[i], heat[i]);
    return value;
  });
  const data = table({ machine, day: heat.map((_, i) => (i % 7 === 3 && i < 20 ? null : i)), heat, wear });
  const folders: string[] = [];
  afterAll(() => folders.forEach((path) => rmSync(path, { recursive: true, force: true })));

  async function run(steps: PipelineStep[], streamed = false): Promise<{ result: TrainResult; lines: string[] }> {
    const request = { ...requestOf([COLUMNS, ...steps, TRAIN]), seed: 3, resume: null };
    const { events, port } = recorder();
    const scratch = mkdtempSync(join(tmpdir(), 'praxis-history-'));
    folders.push(scratch);
    const where = streamed ? { source: sourceOf(data), bytesMax: 20_000, scratch } : { table: data };
    const result = await train({ ...request, ...where } as unknown as TrainRequest, port, { threads: 1 });
    return { result, lines: events.flatMap((event) => (event.kind === 'log' ? [event.message] : [])) };
  }

  test.each([false, true])('the card tells of the unit and of what its rows hold (in parts: %s)', async (streamed) => {
    const { result, lines } = await run([lag(['heat', 'wear']), SPLIT], streamed);
    expect(result.stepRows).toEqual([
      { stepId: 'lag', parts: ['train', 'validation', 'test'], rowsIn: N, rowsOut: N - 3 },
    ]);
    const { history, inputs, leftOut } = result.card;
    expect(inputs.map(({ name }) => name)).toEqual(['heat', 'heat_lag_1', 'wear_lag_1']);
    expect(history).toMatchObject({ ...UNIT, steps: [{ id: 'lag', kind: 'LAG' }] });
    expect(history!.inputs.map(({ name }) => name)).toEqual(['day', 'heat', 'wear']);
    expect(leftOut.map(({ column }) => column)).toEqual(['machine', 'day']);
    expect(lines.join('\n')).not.toMatch(/may be in several parts/);
  });

  test('rows of one machine in several parts are warned of', async () => {
    const { lines } = await run([lag(['heat'])]);
    expect(lines.find((line) => /may be in several parts/.test(line))).toMatch(
      /by time, by "day", or by group, by "machine"/,
    );
  });

  test('a window of the target with the row itself, of texts, and one that no request could send are refused', async () => {
    const of = (columns: string[], parameters: object = {}) =>
      run([window({ columns, rows: 2, ...parameters })]).then(
        () => null,
        (thrown: unknown) => thrown as EngineError,
      );
    expect(await of(['heat', 'wear'])).toMatchObject({
      message: expect.stringMatching(/"wear" is the target/),
      path: 'steps.window.columns[1]',
      hint: expect.stringMatching(/current/),
    });
    expect(await of(['heat', 'wear'], { current: false })).toBeNull();
    expect(await of(['machine'])).toMatchObject({ message: expect.stringMatching(/holds texts/) });
    const n = 10_002;
    const long = table({
      machine: draw(n, 1, () => 'a'),
      day: draw(n, 1, (_, i) => i),
      heat: draw(n, 1, () => 1),
      wear: draw(n, 1, () => 1),
    });
    await expect(computed(long, [window({ span: 10_000 })])).resolves.toBeDefined();
    await expect(computed(long, [window({ span: 10_001 })])).rejects.toMatchObject({
      message: expect.stringMatching(/more than 10000 rows/),
      path: 'steps.window',
    });
  });

  test.each<[string, object, RegExp, string]>([
    ['texts as an order', { order: 'machine', key: 'day' }, /holds texts/, '.order'],
    ['the target as a key', { key: 'wear' }, /is the target/, '.key'],
    ['one column as key and order', { key: 'day' }, /is the key/, '.order'],
    ['the key as a column', { columns: ['machine'] }, /"machine" names the entity/, '.columns[0]'],
    ['an unknown column', { columns: ['heat', 'hat'] }, /no column "hat"/, '.columns[1]'],
    [
      'a column twice',
      { columns: ['heat', 'heat'] },
      /makes column "heat_lag_1", which the step makes already/,
      '.columns[1]',
    ],
  ])('%s is refused', async (_, parameters, message, path) => {
    const step = { ...lag(['heat']), parameters: { ...lag(['heat']).parameters, ...parameters } };
    const error = await run([step]).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(EngineError);
    expect((error as EngineError).message).toMatch(message);
    expect((error as EngineError).path).toBe(`steps.lag${path}`);
  });
});

test('a window of a duration is along times and dates: along numbers its length has a unit that only people know', () => {
  const columns = (type: ColumnType) => [
    ...[{ name: 'day', kind: 'number' as const, traits: { type, role: 'FEATURE' as const } }],
    ...[
      { name: 'heat', kind: 'number' as const },
      { name: 'machine', kind: 'category' as const },
    ],
  ];
  const faults = (type: ColumnType, span: number | string) =>
    planHistory([window({ span })], columns(type), { target: 'wear' })!.faults;
  for (const type of ['INTEGER', 'NUMBER', 'TIME', 'DURATION'] as const) {
    expect(faults(type, 7200)).toEqual([]);
    expect(faults(type, 'PT2H')).toMatchObject([
      { path: '.span', hint: expect.stringContaining('give a number in the unit') },
    ]);
  }
  for (const type of ['DATE', 'TIMESTAMP'] as const) expect(faults(type, 'PT2H')).toEqual([]);
});
