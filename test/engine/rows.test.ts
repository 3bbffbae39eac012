/** Which rows are used: filters, de-duplication, steps of others; in memory and in parts alike. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { requestOf, type PipelineStep, type StepEdge } from '../../src/engine';
import { firstOfEach } from '../../src/engine/rows/distinct';
import { keptSource, takeRows } from '../../src/engine/rows/kept';
import { withSource } from '../../src/engine/rows/memory';
import { scanRows } from '../../src/engine/rows/scan';
import type { RowReader } from '../../src/engine/rows/definition';
import { train } from '../../src/engine/run';
import { defineStep, registerStep } from '../../src/engine/steps';
import { Random } from '../../src/engine/random';
import { EngineError, type Column, type Table, type TrainRequest, type TrainResult } from '../../src/engine/types';
import { sourceOf } from './support/table-source';
import { recorder } from './support/train-port';
import { draw, normal, pick, table, uniform } from './tables';

const N = 600;
const data = (() => {
  const heat = draw(N, 1, normal);
  const site = draw(N, 2, (r) => pick(r, ['north', 'south', null]));
  const running = draw(N, 3, (r) => pick(r, ['true', 'true', 'true', 'false']));
  const output = draw(N, 4, (r, i) => 10 + 3 * heat[i] + 0.1 * normal(r));
  return table({ heat, site, running, output });
})();

const text = (column: Column, row: number): unknown =>
  column.kind === 'number' ? column.values[row] : (column.levels[column.codes[row]] ?? null);
const cells = ({ columns, rowCount }: Table): unknown[][] =>
  Array.from({ length: rowCount }, (_, row) => columns.map((column) => text(column, row)));

const COLUMNS = { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'output', drop: [], task: null } };
const TRAIN = { id: 'train', kind: 'TRAIN', parameters: { family: 'linear', parameters: { epochs: 3 } } };
const filter = (id: string, where: string, parts?: string[]): PipelineStep => ({
  id,
  kind: 'FILTER',
  parameters: { where, ...(parts && { parts }) },
});
const chain = (...ids: string[]): StepEdge[] => ids.slice(1).map((to, i) => ({ from: ids[i], to }));

const folders: string[] = [];
afterAll(() => folders.forEach((path) => rmSync(path, { recursive: true, force: true })));

interface Outcome {
  result: TrainResult;
  lines: string[];
}

async function run(data: Table, steps: PipelineStep[], edges: StepEdge[] = [], streamed = false): Promise<Outcome> {
  const request = { ...requestOf([COLUMNS, ...steps, TRAIN], edges), seed: 3, resume: null } as Omit<
    TrainRequest,
    'table'
  >;
  const { events, port } = recorder();
  const scratch = mkdtempSync(join(tmpdir(), 'praxis-rows-'));
  folders.push(scratch);
  const where = streamed ? { source: sourceOf(data), bytesMax: 20_000, scratch } : { table: data };
  const result = await train({ ...request, ...where } as TrainRequest, port, { threads: 1 });
  return { result, lines: events.flatMap((event) => (event.kind === 'log' ? [event.message] : [])) };
}

const fault = async (act: () => Promise<unknown>): Promise<EngineError> => {
  try {
    await act();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
};

describe('some rows of a table', () => {
  const rows = Uint32Array.from({ length: N }, (_, i) => i).filter((row) => (row * 7) % 5 < 2);

  test('are the same in memory, read as columns, in parts and as a sample', async () => {
    const wanted = cells(takeRows(data, rows));
    const kept = keptSource(sourceOf(data, 31), rows);
    expect(kept.rowCount).toBe(rows.length);
    expect(wanted).toEqual(Array.from(rows, (row) => cells(data)[row]));
    expect(cells(await kept.read(kept.columns))).toEqual(wanted);
    const parts: unknown[][] = [];
    for await (const part of kept.scan(kept.columns)) parts.push(...cells(part));
    expect(parts).toEqual(wanted);
    const sample = await kept.sample(60, 5);
    expect(sample.rowCount).toBeGreaterThan(20);
    expect(cells(sample)).toEqual(Array.from(sample.rowNumbers, (row) => wanted[row]));
    expect(takeRows(data, rows.subarray(0, 1)).columns[1]).toMatchObject({ levels: expect.arrayContaining([]) });
  });

  test('are copied once of a table in memory, which is not copied itself', async () => {
    const { source } = withSource({ table: data } as TrainRequest);
    expect((await source.read(['site'])).columns[0]).toBe(data.columns[1]);
    const sample = await source.sample(10, 5);
    expect(sample.columns).toBe(data.columns);
    expect([...sample.rowNumbers]).toEqual([...Array(N).keys()]);
    const kept = keptSource(source, rows);
    const [[column], [again]] = [(await kept.read(['heat'])).columns, (await kept.sample(10, 5)).columns];
    expect(column).toBe(again);
  });

  test('come in the parts that a table comes in, and a table that ends too early is refused', async () => {
    const source = sourceOf(data, 31);
    const found: number[] = [];
    for await (const { part, some } of scanRows(source, ['heat'], { some: rows })) {
      expect(Array.from(some.at, (at) => text(part.columns[0], at))).toEqual(
        Array.from(some.rows, (row) => text(data.columns[0], row)),
      );
      found.push(...some.rows);
    }
    expect(found).toEqual([...rows]);
    const beyond = async () => {
      for await (const _ of scanRows(source, ['heat'], { some: Uint32Array.of(1, N, N + 1) }));
    };
    await expect(beyond()).rejects.toThrow('The table ended 2 rows too early.');
  });

  test('have no levels that only other rows have', () => {
    const [column] = takeRows(table({ site: ['a', 'b', 'a', 'c'] }), Uint32Array.of(1, 3)).columns;
    expect(column).toMatchObject({ levels: ['b', 'c'], codes: Int32Array.of(0, 1) });
  });
});

describe('the first of rows that are the same', () => {
  const reader = (data: Table, bytesMax: number): RowReader => ({
    ...{
      rowCount: data.rowCount,
      columns: data.columns,
      bytesMax,
      scan: (names) => sourceOf(data, 13).scan([...names]),
    },
    compute: () => {
      throw new Error('It computes nothing.');
    },
  });

  test('random tables, in one pass and in many, as by comparing texts', async () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = new Random(seed, 0xd15);
      const n = 1 + random.below(300);
      const data = table({
        a: draw(n, seed, (r) => pick(r, [null, 0, -0, 1, 2, 1e-300, NaN])),
        b: draw(n, seed + 1, (r) => pick(r, [null, 'x', 'y', 'xy', '北京', 'long '.repeat(5), 'long '.repeat(6)])),
        c: draw(n, seed + 2, (r) => (uniform(r) < 0.9 ? 1 : r.below(1000))),
      });
      for (const names of [['a', 'b', 'c'], ['b'], ['a', 'c']]) {
        const seen = new Set<string>();
        const wanted = cells({ ...data, columns: data.columns.filter(({ name }) => names.includes(name)) }).map(
          (row) => {
            const key = JSON.stringify(row.map((cell) => (cell === 0 ? 0 : Number.isNaN(cell) ? null : cell)));
            if (seen.has(key)) return 0;
            seen.add(key);
            return 1;
          },
        );
        for (const bytesMax of [1 << 20, 32 * Math.ceil(n / 7)]) {
          expect([...(await firstOfEach(reader(data, bytesMax), names))]).toEqual(wanted);
        }
      }
    }
  });

  test('texts of two columns do not run into one another, and many rows are told apart', async () => {
    const n = 60_000;
    const data = table({
      a: Array.from({ length: n }, (_, i) => `${i % 250}`),
      b: Array.from({ length: n }, (_, i) => `${Math.floor(i / 250) % 120}`),
    });
    const mask = await firstOfEach(reader(data, 1 << 28), ['a', 'b']);
    expect(mask.reduce((sum, kept) => sum + kept, 0)).toBe(30_000);
    expect(mask.subarray(0, 30_000).every((kept) => kept === 1)).toBe(true);
  });
});

describe('steps of a run', () => {
  const value = (name: string, row: number) =>
    text(
      data.columns.find((column) => column.name === name)!,
      row,
    );
  const count = (holds: (row: number) => boolean) => Array.from({ length: N }, (_, row) => row).filter(holds).length;

  test.each([false, true])('a filter leaves the rows for which it is true; streamed: %p', async (streamed) => {
    const { result, lines } = await run(data, [filter('cold', 'heat < 1 and site = "north"')], [], streamed);
    const rowsOut = count((row) => (value('heat', row) as number) < 1 && value('site', row) === 'north');
    expect(result.stepRows).toEqual([{ stepId: 'cold', parts: ['train', 'validation', 'test'], rowsIn: N, rowsOut }]);
    expect(lines).toContain(`Step "cold" (FILTER) keeps ${rowsOut} of ${N} rows.`);
    const { train: trained, validation, test: tested } = result.splitCounts;
    expect(trained + validation + tested).toBe(rowsOut);
    expect(result.card.inputs.find(({ name }) => name === 'heat')!.maximum!).toBeLessThan(1);
    // The model answers for rows that no step leaves.
    expect(result.card.inputs.map(({ name }) => name)).toEqual(['heat', 'running']);
  });

  test('booleans of a file are conditions', async () => {
    const { result } = await run(data, [filter('running', 'running and not isMissing(site)')]);
    const rowsOut = count((row) => value('running', row) === 'true' && value('site', row) !== null);
    expect(result.stepRows).toMatchObject([{ rowsIn: N, rowsOut }]);
  });

  test.each([false, true])('of one part, the others keep theirs; streamed: %p', async (streamed) => {
    const whole = (await run(data, [], [], streamed)).result.splitCounts;
    const { result } = await run(data, [filter('cold', 'heat < 0', ['train'])], [], streamed);
    expect(result.splitCounts).toMatchObject({ validation: whole.validation, test: whole.test });
    expect(result.stepRows).toEqual([
      { stepId: 'cold', parts: ['train'], rowsIn: whole.train, rowsOut: result.splitCounts.train },
    ]);
    expect(result.splitCounts.train).toBeLessThan(whole.train * 0.6);
  });

  test('behind the step that divides, it takes rows out of the parts', async () => {
    const split = {
      id: 'split',
      kind: 'SPLIT',
      parameters: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true },
    };
    const whole = (await run(data, [split])).result.splitCounts;
    const steps = [split, filter('cold', 'heat < 0')];
    const behind = (await run(data, steps, chain('columns', 'split', 'cold', 'train'))).result;
    const before = (await run(data, steps, chain('columns', 'cold', 'split', 'train'))).result;
    expect(behind.stepRows).toMatchObject([{ rowsIn: N }]);
    expect(behind.stepRows[0].rowsOut).toBe(before.stepRows[0].rowsOut);
    expect(behind.splitCounts.test).not.toBe(before.splitCounts.test);
    expect(behind.splitCounts.test).toBeLessThan(whole.test);
  });

  test.each([false, true])('repeated rows are used once, in the order of the edges; streamed: %p', async (streamed) => {
    const twice = takeRows(
      data,
      Uint32Array.from({ length: 2 * N }, (_, i) => i >> 1),
    );
    const once = { id: 'once', kind: 'DEDUPLICATE', parameters: {} };
    const { result } = await run(twice, [once, filter('cold', 'heat < 1')], [], streamed);
    const cold = count((row) => (value('heat', row) as number) < 1);
    expect(result.stepRows).toEqual([
      expect.objectContaining({ stepId: 'cold', rowsIn: 2 * N, rowsOut: 2 * cold }),
      expect.objectContaining({ stepId: 'once', rowsIn: 2 * cold, rowsOut: cold }),
    ]);
    const edges = chain('columns', 'once', 'cold', 'train');
    const other = await run(twice, [once, filter('cold', 'heat < 1')], edges, streamed);
    expect(other.result.stepRows.map(({ stepId, rowsIn }) => [stepId, rowsIn])).toEqual([
      ['once', 2 * N],
      ['cold', N],
    ]);
    expect(Buffer.from(other.result.model).equals(Buffer.from(result.model))).toBe(true);
  });

  test('the same model as of a table that has these rows alone', async () => {
    const rows = Uint32Array.from({ length: N }, (_, row) => row).filter((row) => (value('heat', row) as number) < 1);
    const [filtered, cut] = [await run(data, [filter('cold', 'heat < 1')]), await run(takeRows(data, rows), [])];
    expect(Buffer.from(filtered.result.model).equals(Buffer.from(cut.result.model))).toBe(true);
  });

  test('in some columns alone', async () => {
    const parameters = { columns: { names: ['site', 'running'] } };
    const error = await fault(() => run(data, [{ id: 'once', kind: 'DEDUPLICATE', parameters }]));
    expect(error.message).toMatch(/rows/);
  });
});

describe('what leaves too little, or names what is not there, is refused at its step', () => {
  const cases: [string, PipelineStep[], string, RegExp][] = [
    ['no rows', [filter('none', 'heat > 100')], 'steps.none', /Step "none" leaves none of 600 rows/],
    ['no row of a part', [filter('none', 'heat > 100', ['train'])], 'steps.none', /none of \d+ rows of the train part/],
    [
      'few rows of a part',
      [filter('few', 'heat > 2.5', ['train'])],
      'steps.few',
      /Step "few": The train part has \d rows/,
    ],
    ['a column', [filter('odd', 'heaat > 1')], 'steps.odd.where', /no column "heaat"/],
    ['a number', [filter('odd', 'heat + 1')], 'steps.odd.where', /expected a boolean, found a number/],
    [
      'columns to compare',
      [{ id: 'once', kind: 'DEDUPLICATE', parameters: { columns: { names: ['sight'] } } }],
      'steps.once.columns.names[0]',
      /no column "sight"/,
    ],
  ];
  test.each(cases)('%s', async (_, steps, path, message) => {
    const error = await fault(() => run(data, steps));
    expect(error.path).toBe(path);
    expect(error.message).toMatch(message);
    expect(error.hint).not.toBe('');
  });
});

test('a step of another room works like those of the house', async () => {
  const everyOther = defineStep({
    ...{ kind: 'EVERY_NTH', title: 'Every n-th', summary: 'Uses each n-th row.', description: 'Uses each n-th row.' },
    ...{ stage: 'rows', rank: 1, isRepeatable: true, places: {} },
    parameters: z.strictObject({ n: z.int().min(1) }),
    rows: {
      atServing: 'omit',
      check: () => undefined,
      keep: async ({ n }, { rowCount }) => Uint8Array.from({ length: rowCount }, (_, row) => Number(row % n === 0)),
    },
  });
  const takeOut = registerStep(everyOther);
  try {
    for (const streamed of [false, true]) {
      const { result } = await run(data, [{ id: 'third', kind: 'EVERY_NTH', parameters: { n: 3 } }], [], streamed);
      expect(result.stepRows).toMatchObject([{ stepId: 'third', rowsIn: N, rowsOut: N / 3 }]);
      expect(result.splitCounts.test).toBe(N / 15);
    }
  } finally {
    takeOut();
  }
});
