import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetFormat } from '../../src/datasets';
import { Duck } from '../../src/datasets/tables/duck';
import { RefusedFile, type Finding } from '../../src/datasets/ingest/finding';
import type { ColumnType } from '../../src/datasets/ingest/columns/infer';
import { ingestFile } from '../../src/datasets/ingest/ingest';
import type { StatedColumn } from '../../src/datasets/ingest/columns/stated';
import { COLUMN_TYPES, formatNames, formatsNamed } from '../../src/formats';
import { textReader } from '../../src/predictions/rows/cell.reader';
import { inFolder, numbersOf } from './ingest.fixture';

/** What the sender says of columns: read exactly so, or refused with the first row that does not fit. */

interface Read {
  types: string[];
  rows: unknown[][];
  findings: Finding[];
}

const readAs = (
  content: string | Uint8Array,
  columns: Record<string, ColumnType | Omit<StatedColumn, 'name'>>,
  format: DatasetFormat = 'CSV',
): Promise<Read> =>
  inFolder(async (folder) => {
    const [path, scratch] = [join(folder, 'file'), join(folder, 'scratch')];
    await writeFile(path, content);
    await mkdir(scratch);
    const done = await ingestFile({
      ...{ path, format, scratch, memoryMb: 256, signal: new AbortController().signal },
      columns: Object.entries(columns).map(([name, column]) => ({
        name,
        ...(typeof column === 'string' ? { type: column } : column),
      })),
      limits: { byteCountMax: 1e8, cellCountMax: 1e8, ratioMax: 250 },
      onProgress: () => undefined,
    });
    return {
      types: done.columns.map(({ type }) => type),
      rows: numbersOf(done.columns, done.firstRows),
      findings: done.findings,
    };
  });

const refusalOf = async (...[content, columns, format]: Parameters<typeof readAs>): Promise<Finding[]> => {
  const error = await readAs(content, columns, format).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof RefusedFile) return error.findings;
  throw error ?? new Error('The file was accepted.');
};

/** One column and a second one, so that a missing value is no blank line. */
const csv = (...values: string[]) => `a,b\n${values.map((value, at) => `${value},${at}`).join('\n')}\n`;

test('TEXT keeps what is written, whatever it looks like', async () => {
  const written = ['007', '1.50', 'true', '2024-01-02', 'NA', '9007199254740993', '1e5', '-'];
  const { types, rows, findings } = await readAs(csv(...written, ''), { a: 'TEXT' });
  expect(types).toEqual(['TEXT', 'INTEGER']);
  expect(rows.map(([value]) => value)).toEqual([...written, null]);
  expect(findings.filter(({ code }) => !['MISSING_VALUES', 'IDENTIFIER'].includes(code))).toEqual([]);
  const numbers = await readAs(csv('1', '2', '3'), { a: 'TEXT' });
  expect(numbers).toMatchObject({
    types: ['TEXT', 'INTEGER'],
    rows: [
      ['1', 0],
      ['2', 1],
      ['3', 2],
    ],
  });
});

test('NUMBER takes what would be text or whole numbers; words for missing values are missing, and said', async () => {
  const zeros = await readAs(csv('007', '?', '1.5', ''), { a: 'NUMBER' });
  expect(zeros.types[0]).toBe('NUMBER');
  expect(zeros.rows.map(([value]) => value)).toEqual([7, null, 1.5, null]);
  expect(zeros.findings.map(({ code }) => code)).toContain('DISGUISED_MISSING');
  expect((await readAs(csv('1', '2'), { a: 'NUMBER' })).types).toEqual(['NUMBER', 'INTEGER']);
  const large = await readAs(csv('9007199254740993', '1'), { a: 'NUMBER' });
  expect(large.rows[0][0]).toBe(9007199254740992);
  expect(large.findings).toContainEqual(
    expect.objectContaining({ code: 'LARGE_INTEGER', severity: 'WARNING', count: 1 }),
  );
  expect((await readAs(csv('', '?'), { a: 'NUMBER' })).rows.map(([value]) => value)).toEqual([null, null]);
});

test.each([
  { type: 'NUMBER', values: ['1', '2', 'x7', 'y'], row: 3, count: 2 },
  { type: 'NUMBER', values: ['12 34', '2'], row: 1, count: 1 },
  { type: 'INTEGER', values: ['1', '2.5'], row: 2, count: 1 },
  { type: 'INTEGER', values: ['1', '9007199254740994'], row: 2, count: 1 },
  { type: 'BOOLEAN', values: ['true', 'FALSE', 'yes'], row: 3, count: 1 },
  { type: 'TIMESTAMP', values: ['2024-01-02', 'NA', '31.12.2024'], row: 3, count: 1 },
] as const)('$type refuses the first row that does not fit: $values', async ({ type, values, row, count }) => {
  const [finding, ...others] = await refusalOf(csv(...values), { a: type });
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ code: 'COLUMN_MISMATCH', severity: 'ERROR', column: 'a', row, count });
  expect(finding.message).toContain(`row ${row} holds "${values[row - 1]}"`);
});

test('a column that is not there is named, with the nearest name', async () => {
  const findings = await refusalOf('code,temperature\n1,2\n', { coed: 'TEXT', Temperature: 'NUMBER' });
  expect(findings.map(({ code, column }) => [code, column])).toEqual([
    ['COLUMN_MISMATCH', 'coed'],
    ['COLUMN_MISMATCH', 'Temperature'],
  ]);
  expect(findings[0].fix).toContain('Did you mean "code"');
});

test('a column that the file types itself keeps its type', async () => {
  const parquet = await inFolder(async (folder) => {
    const duck = await Duck.open({ scratch: folder, readable: [], memoryMb: 100 });
    const path = join(folder, 'own.parquet');
    await duck.run(
      `COPY (SELECT * FROM (VALUES (1.0, true, 'x'), (2.5, false, '7')) t(d, f, s)) TO '${path}' (FORMAT parquet)`,
    );
    duck.close();
    return readFile(path);
  });
  expect((await readAs(parquet, { d: 'NUMBER', f: 'BOOLEAN', s: 'TEXT' }, 'PARQUET')).types).toEqual([
    ...['NUMBER', 'BOOLEAN', 'TEXT'],
  ]);
  expect(await refusalOf(parquet, { d: 'TEXT' }, 'PARQUET')).toMatchObject([{ code: 'COLUMN_MISMATCH', column: 'd' }]);
  expect(await refusalOf(parquet, { d: 'INTEGER' }, 'PARQUET')).toMatchObject([{ code: 'COLUMN_MISMATCH', row: 2 }]);
  expect(await refusalOf(parquet, { s: 'NUMBER' }, 'PARQUET')).toMatchObject([{ code: 'COLUMN_MISMATCH', row: 1 }]);
});

describe('the format that is said of a column', () => {
  test.each([
    // Of what can be read in two ways.
    { type: 'NUMBER', format: 'decimal point', values: ['1.234', '2.658'], read: [1.234, 2.658] },
    {
      type: 'NUMBER',
      format: 'points between thousands, decimal comma',
      values: ['1.234', '2.658'],
      read: [1234, 2658],
    },
    { type: 'NUMBER', format: 'decimal comma', values: ['"3,632"', '"1,000"'], read: [3.632, 1] },
    { type: 'INTEGER', format: 'commas between thousands', values: ['"3,632"', '"1,000"'], read: [3632, 1000] },
    {
      type: 'TIMESTAMP',
      format: 'day, month, year',
      values: ['01/02/2024', '03/04/2024'],
      read: [Date.UTC(2024, 1, 1), Date.UTC(2024, 3, 3)],
    },
    {
      type: 'TIMESTAMP',
      format: 'month, day, year',
      values: ['01.02.2024', '03.04.2024 7:30 PM'],
      read: [Date.UTC(2024, 0, 2), Date.UTC(2024, 2, 4, 19, 30)],
    },
    {
      type: 'TIMESTAMP',
      format: 'year, month, day without signs',
      values: ['20240517', '20231231 10:30'],
      read: [Date.UTC(2024, 4, 17), Date.UTC(2023, 11, 31, 10, 30)],
    },
    // Of what is not recognised: units that nobody knows, words for true and false.
    { type: 'NUMBER', format: 'decimal point, boxes behind it', values: ['7 boxes', '12 boxes'], read: [7, 12] },
    { type: 'BOOLEAN', format: 'ja, nein', values: ['Ja', 'NEIN', 'unknown'], read: [true, false, null] },
    { type: 'BOOLEAN', format: '1, 0', values: ['1', '0'], read: [true, false] },
    { type: 'NUMBER', format: 'hours, minutes, seconds', values: ['1:30', '0:00:07.5'], read: [5400, 7.5] },
  ] as const)('$type, $format', async ({ type, format, values, read }) => {
    const { types, rows, findings } = await readAs(csv(...values), { a: { type, format } });
    expect(types[0]).toBe(type);
    expect(rows.map(([value]) => value)).toEqual(read);
    expect(findings.filter(({ severity, code }) => severity === 'WARNING' && code !== 'DISGUISED_MISSING')).toEqual([]);
  });

  test('the guide names all of them', async () => {
    const guide = await readFile('docs/guides/reading-again.md', 'utf8');
    expect(
      (Object.keys(COLUMN_TYPES) as ColumnType[]).flatMap(formatNames).filter((name) => !guide.includes(`\`${name}\``)),
    ).toEqual([]);
  });

  test('`predict` takes the words for true and false that were said, and true and false', () => {
    const [cellFormat] = formatsNamed('ja, nein', 'BOOLEAN');
    const read = textReader({ name: 'a', columnType: 'BOOLEAN', cellFormat } as never);
    expect(['Ja', ' nein ', 'TRUE', false, 1, 'unknown'].map(read)).toEqual([
      'true',
      'false',
      'true',
      'false',
      'true',
      '',
    ]);
  });

  test('no word is true in one language and false in another', () => {
    const names = formatNames('BOOLEAN').map((name) => name.split(', '));
    const falses = new Set(names.map(([, no]) => no));
    expect(names.filter(([yes]) => falses.has(yes))).toEqual([]);
  });

  test('BOOLEAN alone takes the words of any language that is known', async () => {
    expect((await readAs(csv('oui', 'Non', ''), { a: 'BOOLEAN' })).rows.map(([value]) => value)).toEqual([
      ...[true, false, null],
    ]);
  });

  test('one cell in a hundred may be odd: it is missing, and its row is named', async () => {
    const values = Array.from({ length: 200 }, (_, i) => `${1 + (i % 12)}/${1 + (i % 9)}/2024`);
    values[150] = '31/31/2024';
    const columns = { a: { type: 'TIMESTAMP', format: 'day, month, year' } } as const;
    const { rows, findings } = await readAs(csv(...values), columns);
    expect(rows[1][0]).toBe(Date.UTC(2024, 1, 2));
    expect(findings).toContainEqual(expect.objectContaining({ code: 'MIXED_TYPES', column: 'a', row: 151, count: 1 }));
    const [refused] = await refusalOf(csv(...values.slice(140, 180)), columns);
    expect(refused).toMatchObject({ code: 'COLUMN_MISMATCH', column: 'a', row: 11, count: 1 });
  });

  test('a format that the cells do not have is refused, with those that they have', async () => {
    const [finding] = await refusalOf(csv('17.5.2024', '18.5.2024'), {
      a: { type: 'TIMESTAMP', format: 'month, day, year' },
    });
    expect(finding).toMatchObject({ code: 'COLUMN_MISMATCH', column: 'a', row: 1, count: 2 });
    expect(finding.message).toContain('TIMESTAMP, written as "month, day, year", but row 1 holds "17.5.2024"');
    expect(finding.fix).toContain('can be read as "day, month, year"');
    expect(await refusalOf(csv('1,5', 'x'), { a: { type: 'INTEGER', format: 'decimal comma' } })).toMatchObject([
      { row: 1 },
    ]);
    expect((await refusalOf(csv('01/02/2024', '03/04/2024'), { a: 'TIMESTAMP' }))[0].fix).toContain(
      '"day, month, year" or "month, day, year"',
    );
  });

  test('an unknown name, one of another type, and one of a column without texts', async () => {
    const fixOf = async (column: Omit<StatedColumn, 'name'>) => (await refusalOf(csv('1'), { a: column }))[0].fix;
    expect(await fixOf({ type: 'NUMBER', format: 'decimal coma, \u20ac behind it' })).toBe(
      'Did you mean "decimal comma" or "decimal point"?',
    );
    expect(await fixOf({ type: 'TIMESTAMP', format: 'decimal comma' })).toContain('Known: "year, month, day"');
    expect(await fixOf({ type: 'TEXT', format: 'decimal comma' })).toBe('Known: "Excel text".');
    expect(await fixOf({ type: 'NUMBER', format: 'decimal point, 5 behind it' })).toContain('"decimal point"');
    const parquet = await inFolder(async (folder) => {
      const duck = await Duck.open({ scratch: folder, readable: [], memoryMb: 100 });
      const path = join(folder, 'own.parquet');
      await duck.run(`COPY (SELECT 1.5 AS d) TO '${path}' (FORMAT parquet)`);
      duck.close();
      return readFile(path);
    });
    const columns = { d: { type: 'NUMBER', format: 'decimal comma' } } as const;
    expect(await refusalOf(parquet, columns, 'PARQUET')).toMatchObject([{ code: 'COLUMN_MISMATCH', column: 'd' }]);
  });
});
