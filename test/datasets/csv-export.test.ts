import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CsvExports } from '../../src/datasets/tables/csv-export';
import { Duck } from '../../src/datasets/tables/duck';
import type { ColumnType } from '../../src/datasets/ingest/columns/infer';
import { ingestFile, type Ingested } from '../../src/datasets/ingest/ingest';
import { newId } from '../../src/kernel';
import { inFolder } from './ingest.fixture';

/** A table that was read, given out as CSV: by RFC 4180, and the same table when it is read again. */

const exports = new CsvExports();
const tenant = newId();

async function ingestIn(
  folder: string,
  content: string | Uint8Array,
  format: 'CSV' | 'PARQUET' = 'CSV',
): Promise<Ingested> {
  const [path, scratch] = [join(folder, newId()), join(folder, newId())];
  await writeFile(path, content);
  await mkdir(scratch);
  return ingestFile({
    ...{ path, format, scratch, memoryMb: 256, signal: new AbortController().signal },
    limits: { byteCountMax: 1e8, cellCountMax: 1e8, ratioMax: 250 },
    onProgress: () => undefined,
  });
}

const exported = (content: string): Promise<string> =>
  inFolder(async (folder) => {
    const { parquetPath, columns } = await ingestIn(folder, content);
    return text(exports.start(tenant, parquetPath, columns));
  });

test('fields are quoted where they must be; missing values are empty; times are ISO 8601', async () => {
  const csv = await exported(
    'n,i,"a ""b"", c",t,f\n1.5,3,"x, ""y""\nz",2024-01-02,true\n,,,,\n1e300,-7,=1+1,1969-12-31T23:59:59.25Z,false\n',
  );
  expect(csv).toBe(
    'n,i,"a ""b"", c",t,f\r\n' +
      '1.5,3,"x, ""y""\nz",2024-01-02T00:00:00Z,true\r\n' +
      ',,,,\r\n' +
      '1e+300,-7,=1+1,1969-12-31T23:59:59.250000Z,false\r\n',
  );
});

const WRITTEN: Record<string, string> = {
  'texts of every kind':
    'a,b\n"x ""y""",1\n"l1\r\nl2",2\n"\'=cmd|x",3\n日本語 🎈,4\nnaïve;|\t,5\n"a,b",6\n,7\n-,8\nNA,9\n',
  'numbers to the last digit': `a,b\n${[0.1, 5e-324, 1.7976931348623157e308, -0.1, 123456789.123, 1e21, 1 / 3].join(',1\n')},1\n`,
  'whole numbers': 'a,b\n0,1\n-3,2\n9007199254740991,3\n1e15,4\n',
  'numbers that look whole': 'a,b\n1,1\n1e20,2\n9007199254740994.0,3\n',
  codes: 'a,b\n007,1\n9007199254740993,2\n',
  'times to the microsecond':
    'a,b\n2024-01-02T03:04:05.123456Z,1\n1900-01-01,2\n0999-12-31,3\n9999-12-31T23:59:59Z,4\n',
  booleans: 'a,b\ntrue,1\nFALSE,2\n?,3\n',
  'one column with missing values': 'a\n1\n""\n3\n',
  'names that need quotes': '"a,b","c ""d""",e f,A,a\n1,2,3,4,5\n',
};

test.each(Object.entries(WRITTEN))('what is given out reads back: %s', (_, content) =>
  inFolder(async (folder) => {
    const first = await ingestIn(folder, content);
    const csv = await text(exports.start(tenant, first.parquetPath, first.columns));
    const second = await ingestIn(folder, csv);
    expect(second.firstRows).toEqual(first.firstRows);
    expect(second.contentHash.toString('hex')).toBe(first.contentHash.toString('hex'));
  }),
);

/** A Parquet file as ingestion writes it, of the rows of a query. */
async function writeTable(folder: string, query: string): Promise<string> {
  const path = join(folder, 'own.parquet');
  const duck = await Duck.open({ scratch: folder, readable: [], memoryMb: 500 });
  await duck.run(`COPY (${query}) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 20000)`);
  duck.close();
  return path;
}

const column = (type: ColumnType, index: number) => ({ index, name: `c${index}`, type });

test('an empty text is no missing value', () =>
  inFolder(async (folder) => {
    const path = await writeTable(folder, `SELECT * FROM (VALUES ('', 1.0), (NULL, 2.0), (' x ', 3.0)) t(c0, c1)`);
    const columns = [column('TEXT', 0), column('INTEGER', 1)];
    expect(await text(exports.start(tenant, path, columns))).toBe('c0,c1\r\n"",1\r\n,2\r\n" x ",3\r\n');
  }));

test('two thousand columns come in order', () =>
  inFolder(async (folder) => {
    const all = Array.from({ length: 2_000 }, (_, at) => at);
    const path = await writeTable(folder, `SELECT ${all.map((at) => `${at}.0::DOUBLE AS c${at}`).join(', ')}`);
    const csv = await text(
      exports.start(
        tenant,
        path,
        all.map((at) => column('INTEGER', at)),
      ),
    );
    expect(csv.split('\r\n')[1]).toBe(all.join(','));
  }));

test('many rows come in order, and in pieces', () =>
  inFolder(async (folder) => {
    const path = await writeTable(folder, `SELECT i::DOUBLE AS c0, 'x' || i AS c1 FROM range(200000) r(i)`);
    let [pieces, csv] = [0, ''];
    for await (const piece of exports.start(tenant, path, [column('INTEGER', 0), column('TEXT', 1)])) {
      pieces++;
      csv += piece;
    }
    expect(csv).toBe(`c0,c1\r\n${Array.from({ length: 200_000 }, (_, at) => `${at},x${at}\r\n`).join('')}`);
    expect(pieces).toBeGreaterThan(20);
  }));

test('a tenant has two at a time, all together four; one that is left makes room', () =>
  inFolder(async (folder) => {
    const { parquetPath, columns } = await ingestIn(folder, 'a,b\n1,2\n');
    const csvExports = new CsvExports();
    const start = (id: string) => csvExports.start(id, parquetPath, columns);
    const open = [start('one'), start('one'), start('two'), start('three')];
    const codeOf = (id: string) => {
      try {
        return start(id).destroy() && 'started';
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    expect([codeOf('one'), codeOf('four')]).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
    const closed = new Promise((resolve) => open[0].once('close', resolve));
    open[0].destroy();
    await closed;
    expect(codeOf('four')).toBe('started');
    expect(await text(open[1])).toBe('a,b\r\n1,2\r\n');
    for (const stream of open) stream.destroy();
  }));
