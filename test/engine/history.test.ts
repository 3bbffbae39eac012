/** Columns made of an entity's history: by hand, in memory and in parts, at training and at serving alike. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastRows, planHistory, requestOf, type PipelineStep } from '../../src/engine';
import { Random } from '../../src/engine/random';
import { takeRows } from '../../src/engine/rows/kept';
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

const valueOf = (column: Column, row: number): number | string | null => {
  if (column.kind === 'category') return column.levels[column.codes[row]] ?? null;
  return Number.isNaN(column.values[row]) ? null : column.values[row];
};
const valuesOf = (column: Column, rowCount: number) =>
  Array.from({ length: rowCount }, (_, row) => valueOf(column, row));

/** The columns that steps make of a table, by name. */
async function made(given: Table, steps: PipelineStep[], streamed = false): Promise<Record<string, unknown[]>> {
  const planned = requestOf([COLUMNS, ...steps, TRAIN]).steps!;
  const plan = planHistory(planned, given.columns, { target: 'wear' })!;
  expect(plan.faults).toEqual([]);
  const request = streamed ? { source: sourceOf(given, 7), bytesMax: 1e6, scratch: '' } : { table: given };
  const wide = await withMadeColumns(request as unknown as TrainRequest, plan, () => undefined);
  const names = plan.steps.flatMap(({ makes }) => makes.map(({ name }) => name));
  const { columns } = 'source' in wide ? await (wide as any).source.read(names) : wide.table;
  return Object.fromEntries(
    names.map((name) => [
      name,
      valuesOf(
        columns.find((c: Column) => c.name === name),
        given.rowCount,
      ),
    ]),
  );
}

describe('by hand', () => {
  // Of a: days 1, 2, 2, 5 in rows 5, 0, 3, 1; of b: days 1, 9 in rows 4, 2.
  const given = table({
    machine: ['a', 'a', 'b', 'a', 'b', 'a'],
    day: [2, 5, 9, 2, 1, 1],
    heat: [20, 50, null, 25, 4, 10],
    state: ['ok', 'hot', 'ok', null, 'cold', 'new'],
    wear: [1, 2, 3, 4, 5, 6],
  });

  test.each([false, true])(
    'a lag is the value of the row so far back, of the same machine (in parts: %s)',
    async (streamed) => {
      expect(await made(given, [lag(['heat', 'state', 'wear'], [1, 2])], streamed)).toEqual({
        heat_lag_1: [10, 25, 4, 20, null, null],
        heat_lag_2: [null, 20, null, 10, null, null],
        state_lag_1: ['new', null, 'cold', 'ok', null, null],
        state_lag_2: [null, 'ok', null, 'new', null, null],
        wear_lag_1: [6, 4, 5, 1, null, null],
        wear_lag_2: [null, 1, null, 6, null, null],
      });
    },
  );

  test('machines may be numbers', async () => {
    const numbered = {
      ...given,
      columns: [...table({ machine: [7, 7, -1, 7, -1, 7] }).columns, ...given.columns.slice(1)],
    };
    expect((await made(numbered, [lag(['heat'])])).heat_lag_1).toEqual([10, 25, 4, 20, null, null]);
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

const STEPS = [lag(['heat', 'state', 'wear'], [1, 2, 3])];

test('of 300 random histories, what is made of the rows up to one is what training made of it', async () => {
  for (let seed = 0; seed < 300; seed++) {
    const given = random(seed);
    const trained = await made(given, STEPS, seed % 2 === 1);
    const [machine, day] = given.columns;
    const rows = Array.from({ length: given.rowCount }, (_, row) => row);
    const before = (row: number) =>
      rows.filter((other) => {
        const [a, b] = [other, row].map((each) => valueOf(day, each) as number);
        return valueOf(machine, other) === valueOf(machine, row) && (a < b || (a === b && other <= row));
      });
    const asked = rows.filter((row) => row % 3 === seed % 3);
    if (asked.length === 0) continue;
    const histories = asked.map(before);
    const all = histories.flat();
    const columns = takeRowsInOrder(given, all);
    const card = { order: 'day', steps: [...requestOf([COLUMNS, ...STEPS, TRAIN]).steps!] };
    const served = lastRows(card, new Set(Object.keys(trained)), {
      ...{ columns, counts: Uint32Array.from(histories, ({ length }) => length) },
    });
    expect(Array.from(served.rows, (row) => all[row])).toEqual(asked);
    for (const column of served.made) {
      expect(valuesOf(column, asked.length)).toEqual(asked.map((row) => trained[column.name][row]));
    }
    expect(served.made.map(({ name }) => name)).toEqual(Object.keys(trained));
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
  const given = table({ machine, day: heat.map((_, i) => (i % 7 === 3 && i < 20 ? null : i)), heat, wear });
  const folders: string[] = [];
  afterAll(() => folders.forEach((path) => rmSync(path, { recursive: true, force: true })));

  async function run(steps: PipelineStep[], streamed = false): Promise<{ result: TrainResult; lines: string[] }> {
    const request = { ...requestOf([COLUMNS, ...steps, TRAIN]), seed: 3, resume: null };
    const { events, port } = recorder();
    const scratch = mkdtempSync(join(tmpdir(), 'praxis-history-'));
    folders.push(scratch);
    const where = streamed ? { source: sourceOf(given), bytesMax: 20_000, scratch } : { table: given };
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

  test.each<[string, object, RegExp, string]>([
    ['texts as an order', { order: 'machine', key: 'day' }, /holds texts/, '.order'],
    ['the target as a key', { key: 'wear' }, /is the target/, '.key'],
    ['one column as key and order', { key: 'day' }, /is the key/, '.order'],
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
