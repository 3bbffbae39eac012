import { readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Duck } from '../../src/datasets/tables/duck';
import { RefusedFile } from '../../src/datasets/ingest/finding';
import { readFault } from '../../src/datasets/ingest/files/read-fault';
import { ingest, inFolder, ingestPath, parquetOf, places, refusalOf } from './ingest.fixture';

const fixture = (name: string): Buffer => readFileSync(join(__dirname, 'fixtures', name));

describe('rows times columns are counted in every format', () => {
  const rows = Array.from({ length: 500 }, (_, i) => i);
  const table = async () =>
    [
      ['CSV', `a,b\n${rows.map((i) => `${i},x`).join('\n')}\n`],
      ['CSV', gzipSync(`a,b\n${rows.map((i) => `${i},x`).join('\n')}\n`)],
      ['JSONL', rows.map((i) => JSON.stringify({ a: i, b: 'x' })).join('\n')],
      ['PARQUET', await parquetOf(`SELECT range AS a, 'x' AS b FROM range(500)`)],
    ] as const;

  test('at the limit they pass, one below it they do not', async () => {
    for (const [format, content] of await table()) {
      expect((await ingest(content, format, { cellCountMax: 1_000 })).rowCount).toBe(500);
      const [{ code, message, fix, count }] = await refusalOf(content, format, { cellCountMax: 999 });
      expect({ code, count }).toEqual({ code: 'TOO_LARGE', count: 1_000 });
      expect(message).toBe('The file holds at least 1,000 values (500 rows of 2 columns); at most 999 are accepted.');
      expect(fix).toContain('PRAXIS_INGEST_CELLS_MAX');
    }
  });

  test('rows without a key count all keys that a table would have', async () => {
    const keys = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, 1]));
    const findings = await refusalOf(`${JSON.stringify(keys)}\n${'{}\n'.repeat(99)}`, 'JSONL', { cellCountMax: 9_999 });
    expect(findings[0]).toMatchObject({ code: 'TOO_LARGE', count: 10_000 });
  });
});

test('a query for one row that gives more fails before they are read', async () => {
  const duck = await Duck.open({ scratch: null, readable: [], memoryMb: 50 });
  try {
    expect(await duck.one('SELECT 1 AS a WHERE $1', [true])).toEqual({ a: 1 });
    // Read to its end, this would take longer than a test may.
    const rows = duck.one('SELECT [] AS bytes, [] AS longs FROM range(1000000000000)');
    await expect(rows).rejects.toThrow(/^One row was expected of SELECT \[\]/);
    await expect(duck.one('SELECT 1 AS a WHERE $1', [false])).rejects.toThrow(/^One row was expected/);
    expect(await duck.one('SELECT count(*) AS n FROM range(10)')).toEqual({ n: 10 });
  } finally {
    duck.close();
  }
});

describe('Parquet', () => {
  test('100 million rows in 318 bytes are refused from the metadata', async () => {
    const [few] = await refusalOf(fixture('rows-of-one-value.parquet'), 'PARQUET', { cellCountMax: 1e9 });
    expect(few).toMatchObject({ code: 'TOO_LARGE', count: 100_000_000 });
    expect(few.message).toBe(
      'The file of 318 bytes stands for 100,000,000 values; at most 250 for each byte are accepted.',
    );
    expect(few.fix).toContain('PRAXIS_INGEST_RATIO_MAX');
    const [many] = await refusalOf(fixture('rows-of-one-value.parquet'), 'PARQUET', { cellCountMax: 99_999_999 });
    expect(many.message).toContain('100,000,000 rows of 1 column');
  });

  test('a text that a dictionary repeats counts as often as it stands there', async () => {
    const bomb = fixture('long-text-over-and-over.parquet');
    const [finding] = await refusalOf(bomb, 'PARQUET', { byteCountMax: 5_999_999_999 });
    expect(finding).toMatchObject({ code: 'TOO_LARGE', count: 6_000_000_000 });
    expect(finding.fix).toContain('PRAXIS_UPLOAD_BYTES_MAX');
  });

  test('a text of more than 2 MB is refused by the name of its column', async () => {
    const file = await parquetOf(`SELECT 1 AS a, repeat('x', 2000001) AS long`);
    expect(places(await refusalOf(file, 'PARQUET'))).toEqual([['LONG_RECORD', 'long', null]]);
  });

  test('a footer that claims to be longer than the file, and no columns, are refused', async () => {
    const file = await parquetOf('SELECT 1 AS a');
    const lying = Buffer.from(file);
    lying.writeUInt32LE(0x7fffffff, lying.length - 8);
    expect(places(await refusalOf(lying, 'PARQUET'))).toEqual([['UNREADABLE', null, null]]);
  });

  test('100,000 columns are refused by their number', async () => {
    const names = Array.from({ length: 3_000 }, (_, i) => `${i} AS c${i}`).join(', ');
    const [finding] = await refusalOf(await parquetOf(`SELECT ${names}`), 'PARQUET');
    expect(finding).toMatchObject({ code: 'TOO_MANY_COLUMNS', count: 3_000 });
  });
});

describe('gzip', () => {
  const bomb = gzipSync(Buffer.concat([Buffer.from('a\n'), Buffer.alloc(80 * 2 ** 20, '0\n')]));

  test('what unpacks to hundreds of times its size is refused while it unpacks', async () => {
    const [finding] = await refusalOf(bomb, 'CSV', { byteCountMax: 1e9 });
    expect(finding.code).toBe('TOO_LARGE');
    expect(finding.message).toMatch(/^The gzip file unpacks to more than 250 times its size: 67,\d{3},\d{3} bytes/);
    expect(finding.fix).toContain('PRAXIS_INGEST_RATIO_MAX');
  });

  test('what is refused leaves no more than the limit in its folder, and an ordinary ratio passes', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'file');
      await writeFile(path, bomb);
      const scratch = join(folder, 'scratch');
      const limits = { byteCountMax: 1e6 };
      await expect(ingestPath(path, 'CSV', scratch, limits)).rejects.toBeInstanceOf(RefusedFile);
      expect(readFileSync(join(scratch, 'unpacked')).length).toBeLessThan(1.1e6);
    });
    expect((await ingest(gzipSync(`a\n${'0\n'.repeat(100_000)}`))).rowCount).toBe(100_000);
  });
});

describe('text', () => {
  test('more than 100,000 blank lines are what the refusal names', async () => {
    const file = (blank: number) => `a,b\n1,2\n${'\n'.repeat(blank)}3,4\n`;
    expect((await ingest(file(100_000))).rowCount).toBe(2);
    const [finding] = await refusalOf(file(100_001));
    expect(finding.code).toBe('BLANK_LINES');
    expect(finding.message).toContain('more than 100,000 blank lines');
    expect(finding.fix).toContain("grep -v '^\\s*$'");
  });

  test('what follows too many columns or a fault is not read', async () => {
    const wide = Array.from({ length: 100_000 }, (_, i) => `c${i}`).join(',');
    const rest = Buffer.concat([Buffer.alloc(3 * 2 ** 20, 'x\n'), Buffer.from([0xff])]);
    const findings = await refusalOf(Buffer.concat([Buffer.from(`${wide}\n`), rest]));
    expect(findings).toMatchObject([{ code: 'TOO_MANY_COLUMNS', count: 100_000 }]);
    const broken = await refusalOf(Buffer.concat([Buffer.from('a,b\n"x"y,1\n'), rest]));
    expect(places(broken)).toEqual([['MALFORMED_QUOTE', 'a', 1]]);
  });

  test('JSON nested 100,000 deep is one finding of ordinary length', async () => {
    const [finding] = await refusalOf(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n`, 'JSONL');
    expect(finding).toMatchObject({ code: 'NESTED_VALUE', column: 'a', row: 1 });
    const [open] = await refusalOf(`{"a":${'['.repeat(500_000)}\n`, 'JSONL');
    expect(open.code).toBe('INVALID_JSON');
    expect(open.message.length).toBeLessThan(200);
  });

  test.each([
    ['a blank that is none of JSON', '{"a":1}\n\u00a0\n{"a":2}\n'],
    ['half a surrogate pair', '{"a":1}\n{"a":"\\ud800"}\n'],
    ['half a surrogate pair in a key', '{"a":1}\n{"\\udc00":"x"}\n'],
  ])('JSON lines with %s name the row', async (_name, content) => {
    expect(await refusalOf(content, 'JSONL')).toMatchObject([{ code: 'INVALID_JSON', row: 2 }]);
  });
});

test('what DuckDB says goes to no client: its messages hold paths', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'file');
    await mkdir(join(folder, 'scratch'));
    await writeFile(path, '{"a":1}\n{"a":\n');
    const duck = await Duck.open({ scratch: join(folder, 'scratch'), readable: [path], memoryMb: 100 });
    const thrown = await duck.rows('SELECT * FROM read_ndjson_objects($1)', [path]).catch((error: unknown) => error);
    duck.close();
    expect(String(thrown)).toContain(folder);
    const { findings } = readFault(thrown) as RefusedFile;
    expect(findings).toMatchObject([{ code: 'UNREADABLE' }]);
    expect(JSON.stringify(findings)).not.toContain(folder);
    expect(findings[0].message).toMatch(/ near line \d/);
    expect(await readdir(folder)).toEqual(['file', 'scratch']);
  });
});

test.each([
  ['INTERRUPT Error: Interrupted!'],
  ['IO Error: Could not write file "/x": No space left on device'],
  ['Permission Error: Cannot access file "/x"'],
])('%s is no fault of the file', (message) => {
  const error = new Error(message);
  expect(readFault(error)).toBe(error);
});

test('errors that are not of DuckDB stay as they are', () => {
  const errors = [
    new TypeError('x'),
    Object.assign(new Error('x'), { code: 'EIO' }),
    new DOMException('x', 'AbortError'),
  ];
  for (const error of errors) expect(readFault(error)).toBe(error);
});
