import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duck, literal } from '../../src/datasets/tables/duck';
import { readParquetTable } from '../../src/datasets/ingest/table';
import { ParquetSource } from '../../src/datasets/tables/table-source';
import { ingest, inFolder, parquetOf, places, refusalOf } from './ingest.fixture';

describe('Parquet', () => {
  test('each type becomes a column type, NULL is missing', async () => {
    const { columns, table, rowCount } = await ingest(
      await parquetOf(`SELECT * FROM (VALUES
        (1::TINYINT, 9007199254740993::BIGINT, 5::BIGINT, 1.25::DECIMAL(9,2), 0.5::FLOAT, true, DATE '2024-01-02',
          TIMESTAMP '2024-01-02 03:04:05.5', 'a ', uuid '00000000-0000-0000-0000-000000000001', 'low'::ENUM('low', 'high')),
        (NULL, NULL, NULL, NULL, 'nan'::FLOAT, NULL, NULL, NULL, NULL, NULL, NULL),
        (3, 1, 7, 2, 'inf'::FLOAT, false, DATE '1969-12-31', TIMESTAMP '1970-01-01', '', NULL, 'high'))
        AS t(tiny, big, small, money, f, flag, day, moment, text, id, grade)`),
      'PARQUET',
    );
    expect(rowCount).toBe(3);
    expect(
      Object.fromEntries(columns.map(({ name, type, missingCount }) => [name, `${type} ${missingCount}`])),
    ).toEqual({
      ...{ tiny: 'INTEGER 1', big: 'TEXT 1', small: 'INTEGER 1', money: 'NUMBER 1', f: 'NUMBER 2', flag: 'BOOLEAN 1' },
      ...{ day: 'DATE 1', moment: 'TIMESTAMP 1', text: 'TEXT 2', id: 'TEXT 2', grade: 'TEXT 1' },
    });
    expect(table.columns[3]).toMatchObject({ values: Float64Array.of(1.25, NaN, 2) });
    expect(table.columns[6]).toMatchObject({ values: Float64Array.of(Date.UTC(2024, 0, 2), NaN, -86_400_000) });
    expect(table.columns[7]).toMatchObject({ values: Float64Array.of(Date.UTC(2024, 0, 2, 3, 4, 5, 500), NaN, 0) });
    expect(table.columns[1]).toMatchObject({ levels: ['1', '9007199254740993'] });
  });

  test('a stored file whose columns are called by their places reads as one with names', async () => {
    const columns = [
      { index: 1, name: 'torque', type: 'NUMBER' as const },
      { index: 0, name: 'id', type: 'TEXT' as const },
    ];
    const read = (query: string) =>
      inFolder(async (folder) => {
        const path = join(folder, 'file.parquet');
        await writeFile(path, await parquetOf(query));
        const { value: part } = await new ParquetSource(path, columns, 1).scan(['torque', 'id']).next();
        return { whole: await readParquetTable(path, columns), part };
      });
    const older = await read(`SELECT 'x' AS c0, 1.5::DOUBLE AS c1`);
    expect(older.whole.columns).toMatchObject([{ values: Float64Array.of(1.5) }, { levels: ['x'] }]);
    expect(await read(`SELECT 'x' AS c1, 1.5::DOUBLE AS c0`)).toEqual(older);
  });

  test('a text with a NUL is refused by its column', async () => {
    const findings = await refusalOf(await parquetOf(`SELECT 1 AS n, 'a' || chr(0) AS t`), 'PARQUET');
    expect(places(findings)).toEqual([['UNREADABLE', 't', null]]);
  });

  test('keys are exact as decimals too, and lost digits are said', async () => {
    const keys = '9007199254740992, 9007199254740993, 9007199254740994'.split(', ');
    const { columns, table, findings } = await ingest(
      await parquetOf(
        `SELECT ${['38,0', '18,0', '38,10'].map((size, at) => `k::DECIMAL(${size}) AS k${at}`).join(', ')},
           (k / 7)::DECIMAL(38,10) + 0.0000000001 AS x, 1.5::DECIMAL(38,10) AS y, 5::DECIMAL(9,0) AS z
         FROM (VALUES ${keys.map((key) => `(${key}::DECIMAL(38,10))`).join(', ')}) AS t(k)`,
      ),
      'PARQUET',
    );
    expect(columns.map(({ type }) => type)).toEqual(['TEXT', 'TEXT', 'TEXT', 'NUMBER', 'NUMBER', 'INTEGER']);
    for (const at of [0, 1, 2]) expect(table.columns[at]).toMatchObject({ levels: keys });
    expect(findings.filter(({ code }) => code === 'DIGITS_LOST')).toMatchObject([{ column: 'x', severity: 'WARNING' }]);
  });

  test('decimals of more digits than can be read are refused by name, not read as other numbers', async () => {
    // pyarrow 25: decimal256(60, 0) of 10^50 and on, decimal256(45, 2) of quarters; both fit fewer bytes than they say.
    const content = await readFile(join(__dirname, 'fixtures', 'decimals-of-60-digits.parquet'));
    const findings = await refusalOf(content, 'PARQUET');
    expect(places(findings)).toEqual([
      ['UNSUPPORTED_TYPE', 'key', null],
      ['UNSUPPORTED_TYPE', 'price', null],
    ]);
    expect(findings[0]).toMatchObject({
      message: 'Column "key" has the type DECIMAL(60,0), which a table for training cannot hold.',
      fix: 'Write it with at most 38 digits, or as text.',
    });
  });

  test.each(['number', 'text'])('a damaged column is named: %s', async (damaged) => {
    const query = `SELECT range AS first, random() AS number, 'x' || random() AS text, range AS last FROM range(2000)`;
    const content = await parquetOf(query);
    const at = await inFolder(async (folder) => {
      const path = join(folder, 'file.parquet');
      await writeFile(path, content);
      const duck = await Duck.open({ scratch: folder, readable: [path], memoryMb: 100 });
      const { offset } = await duck.one<{ offset: number }>(
        `SELECT data_page_offset AS offset FROM parquet_metadata(${literal(path)}) WHERE path_in_schema = '${damaged}'`,
      );
      duck.close();
      return offset;
    });
    content.fill(0xff, at, at + 100);
    const [finding, ...others] = await refusalOf(content, 'PARQUET');
    expect(others).toEqual([]);
    expect(places([finding])).toEqual([['UNREADABLE', damaged, null]]);
    expect(finding.message).toContain(`in column "${damaged}"`);
    expect(finding.fix).toContain('a library for Parquet');
  });

  test('whole numbers that may be dates are named in every type', async () => {
    const query = `SELECT (20240501 + range)::INTEGER AS a, (20240501 + range)::BIGINT AS b FROM range(20)`;
    const { findings } = await ingest(await parquetOf(query), 'PARQUET');
    expect(findings.filter(({ code }) => code === 'TIME_FORMAT')).toMatchObject([
      { column: 'a', severity: 'INFO', row: 1, count: 20 },
      { column: 'b', severity: 'INFO', row: 1, count: 20 },
    ]);
  });

  test('texts stay texts, whatever they look like', async () => {
    const { columns, table, findings } = await ingest(
      await parquetOf(
        `SELECT * FROM (VALUES ('1_0', '007', '2024-01-01', 'x'), ('2_0', '8', '2024-01-02', 'y')) AS t(a, b, c, d)`,
      ),
      'PARQUET',
    );
    expect(columns.map(({ type }) => type)).toEqual(['TEXT', 'TEXT', 'TEXT', 'TEXT']);
    expect(table.columns[0]).toMatchObject({ levels: ['1_0', '2_0'] });
    expect(places(findings)).toContainEqual(['TEXT_KEPT', 'c', null]);
    expect(places(findings)).not.toContainEqual(['TEXT_KEPT', 'd', null]);
  });

  test('times that are infinite or too far away are missing, with the row', async () => {
    const { columns, findings } = await ingest(
      await parquetOf(`SELECT * FROM (VALUES
        (TIMESTAMP '2024-01-01', DATE '2024-01-01', 1), ('infinity'::TIMESTAMP, DATE '5000000-01-01', 2),
        (TIMESTAMP '290000-01-01', '-infinity'::DATE, 3), (NULL, DATE '2024-01-02', 4)) AS t(a, b, n)`),
      'PARQUET',
    );
    expect(columns.map(({ missingCount }) => missingCount)).toEqual([3, 2, 0]);
    const far = findings.filter(({ code }) => code === 'INFINITE_VALUE');
    expect(far).toMatchObject([
      { column: 'a', row: 2, count: 2, severity: 'WARNING' },
      { column: 'b', row: 2, count: 2, severity: 'WARNING' },
    ]);
  });

  test('an infinite number is found with its row', async () => {
    const { findings } = await ingest(
      await parquetOf(`SELECT * FROM (VALUES (1.5), ('-inf'::DOUBLE), (2)) AS t(x)`),
      'PARQUET',
    );
    expect(places(findings)).toContainEqual(['INFINITE_VALUE', 'x', 2]);
  });

  test('nested and binary columns are refused by name', async () => {
    const file = await parquetOf(`SELECT 1 AS good, [1, 2] AS list, {'a': 1, 'b': 2} AS pair, 'x'::BLOB AS bytes`);
    expect(places(await refusalOf(file, 'PARQUET'))).toEqual([
      ['UNSUPPORTED_TYPE', 'list', null],
      ['UNSUPPORTED_TYPE', 'pair', null],
      ['UNSUPPORTED_TYPE', 'bytes', null],
    ]);
  });

  test('no rows, and a cut-off file, are refused', async () => {
    const none = await parquetOf('SELECT 1 AS a WHERE false');
    expect(places(await refusalOf(none, 'PARQUET'))).toEqual([['NO_ROWS', null, null]]);
    const whole = await parquetOf('SELECT range AS a FROM range(1000)');
    expect(places(await refusalOf(whole.subarray(0, 400), 'PARQUET'))).toEqual([['UNREADABLE', null, null]]);
  });

  test('has the same content hash as CSV with the same values', async () => {
    const csv = await ingest('a,b,c\n1,x,true\n2.5,,false\n');
    const file = await parquetOf(`SELECT * FROM (VALUES (1::DOUBLE, 'x', true), (2.5, NULL, false)) AS t(a, b, c)`);
    expect((await ingest(file, 'PARQUET')).hash).toBe(csv.hash);
  });
});

describe('JSON lines', () => {
  test('keys in order of appearance, absent and null are missing, text is exact', async () => {
    const { columns, table, rowCount } = await ingest(
      '\ufeff{"b":1.50,"a/~\\"k":"x\\n\\u00e9"}\r\n\r\n{"a/~\\"k":null,"B":true,"b":-2e3}\n{"B":false,"0":"7","b":"3"}',
      'JSONL',
    );
    expect(rowCount).toBe(3);
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ['b', 'NUMBER'],
      ['a/~"k', 'TEXT'],
      ['B', 'BOOLEAN'],
      ['0', 'TEXT'],
    ]);
    expect(table.columns[0]).toMatchObject({ values: Float64Array.of(1.5, -2000, 3) });
    expect(table.columns[1]).toMatchObject({ levels: ['x\né'], codes: Int32Array.of(0, -1, -1) });
    expect(table.columns[2]).toMatchObject({ codes: Int32Array.of(-1, 1, 0) });
    expect(table.columns[3]).toMatchObject({ levels: ['7'], codes: Int32Array.of(-1, -1, 0) });
  });

  test('columns stand in the order of the text, also those that are whole numbers', async () => {
    const { columns } = await ingest('{"11":1,"b":2,"0":3}\n{"5":4,"__proto__":5,"11":1}\n', 'JSONL');
    expect(columns.map(({ name }) => name)).toEqual(['11', 'b', '0', '5', '__proto__']);
  });

  test('NaN and infinities are missing numbers, beside texts as well', async () => {
    const outcome = await ingest('{"a":1.5,"t":"x"}\n{"a": NaN ,"t":NaN}\n{"a":-Infinity,"t":"NaN"}\n', 'JSONL');
    expect(outcome.table.columns[0]).toMatchObject({ values: Float64Array.of(1.5, NaN, NaN) });
    expect(outcome.table.columns[1]).toMatchObject({ levels: ['NaN', 'x'], codes: Int32Array.of(1, -1, 0) });
    expect(places(outcome.findings)).toContainEqual(['INFINITE_VALUE', 'a', 3]);
  });

  test('quoted values are texts, but for times, which JSON has not', async () => {
    const { columns, findings } = await ingest(
      '{"code":"1_0","n":"5","flag":"true","at":"2024-01-01"}\n{"code":"2_0","n":"6","flag":"false","at":"2024-01-02"}\n',
      'JSONL',
    );
    expect(columns.map(({ type }) => type)).toEqual(['TEXT', 'TEXT', 'TEXT', 'DATE']);
    expect(places(findings)).toEqual(
      expect.arrayContaining([
        ['TEXT_KEPT', 'n', null],
        ['TEXT_KEPT', 'flag', null],
      ]),
    );
  });

  test('an empty key without a value is left out', async () => {
    const { columns, findings } = await ingest('{"a":1,"":null}\n{"a":2}\n', 'JSONL');
    expect(columns.map(({ name }) => name)).toEqual(['a']);
    expect(places(findings)).toContainEqual(['UNNAMED_COLUMN', null, null]);
  });

  test('marks inside the file and Ctrl-Z at its end are read over', async () => {
    expect((await ingest('\ufeff{"a":1}\n\ufeff{"a":2}\r\n\x1a', 'JSONL')).rowCount).toBe(2);
  });

  test.each([
    ['a key that stands twice', '{"a":1}\n{"b":1,"b":2}\n{"b":1,"b":2}\n', ['DUPLICATE_HEADER', 'b', 2], 'twice'],
    ['one that stands twice in two spellings', '{"b":1,"\\u0062":2}\n', ['DUPLICATE_HEADER', 'b', 1], 'twice'],
    ['half of a surrogate pair', '{"a":1}\n{"a":"x\\ud83d"}\n', ['INVALID_JSON', 'a', 2], 'surrogate'],
    ['a NUL', '{"a":1,"b":"x"}\n{"a":2,"b":"\\u0000"}\n', ['INVALID_JSON', 'b', 2], 'NUL character (\\u0000)'],
    ['objects as Python prints them', "{'a': 1}\n{'a': 2}\n", ['INVALID_JSON', null, 1], '(2 rows like it)'],
  ])('%s is refused with row and key', async (_name, content, place, message) => {
    const findings = await refusalOf(content, 'JSONL');
    expect(places(findings)).toEqual([place]);
    expect(findings[0].message).toContain(message);
  });

  test('lines that straddle the pieces of a large file', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => JSON.stringify({ i, text: `é${'x'.repeat(i % 97)}` }));
    const { rowCount, table } = await ingest(lines.join('\n'), 'JSONL');
    expect(rowCount).toBe(20_000);
    expect(table.columns[0]).toMatchObject({ values: Float64Array.from({ length: 20_000 }, (_, i) => i) });
  });
});

describe('the session', () => {
  test('reaches no file but its own, no network, no extension, and keeps its settings', async () => {
    await inFolder(async (folder) => {
      const duck = await Duck.open({ scratch: folder, readable: [__filename], memoryMb: 100 });
      const tries = [
        `SELECT * FROM read_csv('/etc/passwd')`,
        `SELECT * FROM read_text('${join(folder, '..', 'x')}')`,
        `SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')`,
        `COPY (SELECT 1) TO '/tmp/praxis-escape.csv'`,
        `ATTACH '/tmp/praxis-escape.db'`,
        'INSTALL httpfs',
        'LOAD httpfs',
        `SET memory_limit='9GB'`,
        'SET enable_external_access=true',
      ];
      for (const sql of tries) await expect(duck.run(sql)).rejects.toThrow(/Permission|Cannot|locked|disabled/);
      expect(await duck.rows(`SELECT count(*) AS n FROM read_text('${__filename}')`)).toEqual([{ n: 1 }]);
      duck.close();
    });
  });
});
