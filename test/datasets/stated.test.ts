import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetFormat } from '../../src/datasets';
import { Duck } from '../../src/datasets/duck';
import { RefusedFile, type Finding } from '../../src/datasets/ingest/finding';
import type { ColumnType } from '../../src/datasets/ingest/infer';
import { ingestFile } from '../../src/datasets/ingest/ingest';
import { inFolder } from './ingest.fixture';

/** What the sender says of columns: read exactly so, or refused with the first row that does not fit. */

interface Read {
  types: string[];
  rows: unknown[][];
  findings: Finding[];
}

const readAs = (
  content: string | Uint8Array,
  columns: Record<string, ColumnType>,
  format: DatasetFormat = 'CSV',
): Promise<Read> =>
  inFolder(async (folder) => {
    const [path, scratch] = [join(folder, 'file'), join(folder, 'scratch')];
    await writeFile(path, content);
    await mkdir(scratch);
    const done = await ingestFile({
      ...{ path, format, scratch, memoryMb: 256, signal: new AbortController().signal },
      columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
      limits: { byteCountMax: 1e8, cellCountMax: 1e8, ratioMax: 250 },
      onProgress: () => undefined,
    });
    return { types: done.columns.map(({ type }) => type), rows: done.firstRows, findings: done.findings };
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
