import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { DatasetFormat } from '../../src/datasets';
import { CsvExports } from '../../src/datasets/tables/csv-export';
import { Duck } from '../../src/datasets/tables/duck';
import { ingestFile, type Ingested } from '../../src/datasets/ingest/ingest';
import type { StatedColumn } from '../../src/datasets/ingest/columns/stated';
import type { InputField } from '../../src/engine';
import { COLUMN_TYPES, type ColumnType, formatsNamed } from '../../src/formats';
import { answerRows } from '../../src/predictions/answers/answer.rows';
import { numberReader, textReader } from '../../src/predictions/rows/cell.reader';
import { OutputReader } from '../../src/predictions/answers/output.reader';
import { inFolder, numbersOf } from './ingest.fixture';

/** The types of columns, each through its whole life: read, stored, shown, given out, asked for, answered. */

interface Life extends Ingested {
  /** The table as CSV. */
  csv: string;
  /** Of the stored file, by DuckDB. */
  stored: string[];
}

const lifeOf = (content: string | Buffer, columns: StatedColumn[] = [], format: DatasetFormat = 'CSV'): Promise<Life> =>
  inFolder(async (folder) => {
    const [path, scratch] = [join(folder, 'file'), join(folder, 'scratch')];
    await writeFile(path, content);
    await mkdir(scratch);
    const done = await ingestFile({
      ...{ path, format, scratch, columns, memoryMb: 256, signal: new AbortController().signal },
      limits: { byteCountMax: 1e8, cellCountMax: 1e8, ratioMax: 250 },
      onProgress: () => undefined,
    });
    const csv = await text(new CsvExports().start('tenant', done.parquetPath, done.columns));
    const duck = await Duck.open({ scratch: null, readable: [done.parquetPath], memoryMb: 100 });
    const described = await duck.rows<{ column_type: string }>(
      `DESCRIBE SELECT * FROM read_parquet('${done.parquetPath}')`,
    );
    duck.close();
    return { ...done, csv, stored: described.map((column) => column.column_type) };
  });

const csv = (...cells: string[]) => `x;n\n${cells.map((cell, at) => `${cell};${at}`).join('\n')}\n`;
const stated = (type: ColumnType, format?: string) => [{ name: 'x', type, format }];
const valuesOf = ({ columns, firstRows }: Ingested) => numbersOf(columns, firstRows).map(([value]) => value);

const DAY = Date.UTC(2024, 4, 17);

test.each([
  {
    ...{ type: 'DATE', cells: ['17.05.2024', '', '18.05.2024'], values: [DAY, null, DAY + 86_400_000] },
    ...{ stored: 'DATE', shown: '2024-05-17' },
  },
  {
    ...{ type: 'TIME', cells: ['07:12', '23:59:59.5', 'n.a.'], values: [25_920, 86_399.5, null] },
    ...{ stored: 'TIME', shown: '07:12:00' },
  },
  {
    ...{ type: 'DURATION', cells: ['-1:30:30', '100:00:07.25', ''], values: [-5430, 360_007.25, null] },
    ...{ stored: 'DOUBLE', shown: '-PT1H30M30S' },
  },
])('$type is read, stored, shown and given out', async ({ type, cells, values, stored, shown }) => {
  const done = await lifeOf(csv(...cells));
  expect(done.columns[0].type).toBe(type);
  expect(valuesOf(done)).toEqual(values);
  expect(done.stored[0]).toBe(stored);
  expect(done.columns[0].topValues.map(({ value }) => value)).toContain(shown);
  const again = await lifeOf(done.csv);
  expect(again.columns[0].type).toBe(type);
  expect(again.contentHash.equals(done.contentHash)).toBe(true);
});

test('CATEGORY has few texts, each in many rows; what is said to be TEXT stays so', async () => {
  const cells = Array.from({ length: 60 }, (_, i) => ['red', 'green', '007'][i % 3]);
  const done = await lifeOf(csv(...cells));
  expect(done.columns[0]).toMatchObject({ type: 'CATEGORY', distinctCount: 3, text: { maximumLength: 5 } });
  expect((await lifeOf(csv(...cells), stated('TEXT'))).columns[0].type).toBe('TEXT');
  expect((await lifeOf(csv(...cells.slice(0, 40)))).columns[0].type).toBe('TEXT');
  expect((await lifeOf(csv(...cells.map((cell, i) => cell + (i % 17))))).columns[0].type).toBe('TEXT');
});

test('whole numbers that are codes are categories where a person says so, in files with types too', async () => {
  const codes = await lifeOf(csv('1', '2', '01', 'NA'), stated('CATEGORY'));
  expect(codes.columns[0].type).toBe('CATEGORY');
  expect(valuesOf(codes)).toEqual(['1', '2', '01', 'NA']);
  const json = '{"x":1,"b":true}\n{"x":2.5,"b":null}\n';
  const typed = await lifeOf(json, [...stated('CATEGORY'), { name: 'b', type: 'CATEGORY' }], 'JSONL');
  expect(typed.firstRows).toEqual([
    ['1', 'true'],
    ['2.5', null],
  ]);
  const parquet = await inFolder(async (folder) => {
    await mkdir(folder, { recursive: true });
    const duck = await Duck.open({ scratch: folder, readable: [], memoryMb: 100 });
    await duck.run(
      `COPY (SELECT * FROM (VALUES (1, true, DATE '2024-05-17'), (2, NULL, NULL)) AS t(x, b, d)) TO '${join(folder, 'p')}' (FORMAT parquet)`,
    );
    duck.close();
    return (await import('node:fs/promises')).readFile(join(folder, 'p'));
  });
  const names = ['x', 'b', 'd'].map((name): StatedColumn => ({ name, type: 'CATEGORY' }));
  expect((await lifeOf(parquet, names, 'PARQUET')).firstRows).toEqual([
    ['1', 'true', '2024-05-17'],
    ['2', null, null],
  ]);
  expect((await lifeOf(parquet, [{ name: 'd', type: 'TIMESTAMP' }], 'PARQUET')).columns[2].type).toBe('TIMESTAMP');
});

test.each<[ColumnType, string | undefined, string[], unknown[]]>([
  ['TIMESTAMP', undefined, ['17.05.2024'], [DAY]],
  ['TIMESTAMP', 'day, month, year', ['17.05.2024'], [DAY]],
  ['NUMBER', undefined, ['07:12:00'], [25_920]],
  ['NUMBER', undefined, ['1:00:00', '25:00:00'], [3_600, 90_000]],
  ['DURATION', undefined, ['07:12:00'], [25_920]],
  ['DURATION', 'minutes, seconds', ['3:45', '61:05.5'], [225, 3_665.5]],
  ['TIME', undefined, ['7:05', '14:20'], [25_500, 51_600]],
  ['DATE', undefined, ['2024-05-17'], [DAY]],
])('%s (%s) may be said of %s', async (type, format, cells, values) => {
  const done = await lifeOf(csv(...cells), stated(type, format));
  expect(done.columns[0].type).toBe(type);
  expect(valuesOf(done)).toEqual(values);
});

test('a type that is said holds for every value', async () => {
  await expect(lifeOf(csv('2024-05-17', '2024-05-18 10:00'), stated('DATE'))).rejects.toThrow('row 2');
  await expect(lifeOf(csv('07:12', '25:00'), stated('TIME'))).rejects.toThrow('row 2');
});

test('minutes or hours: both are named; one cell of three parts settles it', async () => {
  const codes = async (...cells: string[]) =>
    (await lifeOf(csv(...cells))).findings.filter(({ code }) => code === 'TIME_FORMAT');
  const [finding] = await codes('3:45', '12:10', '61:05');
  expect(finding).toMatchObject({ severity: 'WARNING', row: 1, count: 3 });
  expect(finding.message).toContain('(hours, minutes, seconds; minutes, seconds)');
  expect(finding.fix).toContain('type: DURATION, format: "minutes, seconds"');
  expect(await codes('3:45', '1:02:03')).toMatchObject([{ severity: 'INFO' }]);
});

test('="00001" is the text 00001, and said so', async () => {
  const done = await lifeOf(csv('="00001"', '="2"', '="a b"'));
  expect(done.columns[0]).toMatchObject({ type: 'TEXT', format: { name: 'Excel text' } });
  expect(valuesOf(done)).toEqual(['00001', '2', 'a b']);
  expect(done.findings).toContainEqual(expect.objectContaining({ code: 'TEXT_FORMAT', row: 1, count: 3 }));
  const input = { name: 'x', columnType: 'TEXT', cellFormat: done.columns[0].format } as unknown as InputField;
  expect(['="00001"', ' 00001 ', 2].map(textReader(input))).toEqual(['00001', '00001', '2']);
  const [first] = valuesOf(await lifeOf(csv('="00001"'), stated('TEXT')));
  expect(first).toBe('="00001"');
});

describe('predict', () => {
  const reader = (columnType: ColumnType, format?: string) =>
    numberReader({
      columnType,
      elementType: 'float64',
      cellFormat: format && formatsNamed(format, columnType)[0],
    } as never);

  test.each<[ColumnType, string | undefined, unknown[], (number | null)[]]>([
    [
      'DATE',
      'day, month, year',
      ['17.05.2024', '2024-05-17', '2024-05-17T00:00:00Z', DAY, 'soon'],
      [DAY, DAY, DAY, DAY, null],
    ],
    ['TIMESTAMP', 'day, month, year', ['17.05.2024', '2024-05-17T10:00:00Z'], [DAY, DAY + 36_000_000]],
    ['TIME', 'hour, minute, second', ['07:12', '7:12', 25_920, '25:00'], [25_920, 25_920, 25_920, null]],
    ['DURATION', 'hours, minutes, seconds', ['1:30', 'PT1H30M', 5_400, 'long'], [5_400, 5_400, 5_400, null]],
  ])('takes %s as the file had it, and as ISO 8601', (type, format, cells, values) => {
    expect(cells.map(reader(type, format))).toEqual(values);
  });

  test.each<[ColumnType, number, string]>([
    ['DATE', DAY + 40_000_000, '2024-05-17'],
    ['DATE', DAY + 50_000_000, '2024-05-18'],
    ['TIMESTAMP', DAY + 1, '2024-05-17T00:00:00.001Z'],
    ['TIME', 25_920, '07:12:00'],
    ['TIME', -60.5, '23:58:59.500'],
    ['TIME', 86_400 + 3_600, '01:00:00'],
    ['DURATION', 5_400, 'PT1H30M'],
    ['DURATION', -90_061.25, '-PT25H1M1.25S'],
    ['DURATION', 0, 'PT0S'],
  ])('answers %s %d as %s, which it takes', (columnType, value, text) => {
    const card = { task: 'regression', labels: null, columnType } as never;
    const answer = answerRows({ kind: 'numbers', rowCount: 1, prediction: Float64Array.of(value) });
    const output = new OutputReader(card, answer);
    expect(output.values()).toEqual([text]);
    expect(reader(columnType)(text)).not.toBeNull();
  });
});

test('each type says all that others ask of it', () => {
  for (const [name, entry] of Object.entries(COLUMN_TYPES)) {
    expect([name, entry.isText === true || entry.formats.length > 0]).toEqual([name, true]);
    expect(entry.formats.every(({ kind }) => entry.kinds.includes(kind))).toBe(true);
  }
});
