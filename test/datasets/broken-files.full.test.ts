import { gzipSync } from 'node:zlib';
import { ingest, parquetOf, refusalOf } from './ingest.fixture';

/** Files that came to harm: what is told, and where. */

const table = Buffer.from(`a,b\n${Array.from({ length: 20_000 }, (_, at) => `${at},${Math.sin(at)}\n`).join('')}`);
const packed = gzipSync(table);

test.each([5, 1_000, packed.length - 9])('gzip that ends at byte %d was cut off there', async (end) => {
  const [finding, ...others] = await refusalOf(packed.subarray(0, end));
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ code: 'UNREADABLE', severity: 'ERROR' });
  expect(finding.message).toContain(`cut off: it ends at byte ${end.toLocaleString('en-US')} in the middle`);
});

test.each([packed.length >> 1, packed.length - 6])('gzip with other bytes at %d is damaged', async (at) => {
  const bytes = Buffer.from(packed);
  for (const place of [at, at + 1]) bytes[place] ^= 0xff;
  const [{ code, message }] = await refusalOf(bytes);
  expect(code).toBe('UNREADABLE');
  expect(message).toMatch(/damaged, as is noticed behind byte [0-9,]+ of [0-9,]+, after [0-9,]+ unpacked bytes/);
});

test('Parquet that was cut off is told with the byte where it ends', async () => {
  const whole = await parquetOf('SELECT range AS a, range * 2 AS b FROM range(5000)');
  for (const end of [6, whole.length >> 1, whole.length - 100]) {
    const [{ code, message }] = await refusalOf(whole.subarray(0, end), 'PARQUET');
    expect(code).toBe('UNREADABLE');
    expect(message).toContain(`ends at byte ${end.toLocaleString('en-US')} without the mark PAR1`);
  }
});

test('Parquet without a column is called so', async () => {
  // The metadata by the specification (Thrift, compact): version 1, a schema of a root alone, 3 rows in one group.
  const footer = Buffer.from('1502191c4806736368656d611500001606191c190c160016060000', 'hex');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  const file = Buffer.concat([Buffer.from('PAR1'), footer, length, Buffer.from('PAR1')]);
  expect(await refusalOf(file, 'PARQUET')).toMatchObject([
    { code: 'EMPTY_FILE', message: 'The Parquet file has no column.' },
  ]);
});

test.each([
  ['U+2028', '\u2028'],
  ['U+2029', '\u2029'],
  ['U+0085', '\u0085'],
  ['vertical tab', '\v'],
  ['form feed', '\f'],
  ['record separator', '\x1e'],
  ['backslash and an n', '\\n'],
])('lines that end with %s are told with the first one', async (name, mark) => {
  for (const delimiter of [',', ';', '\t']) {
    const lines = Array.from({ length: 30 }, (_, at) => `${at}${delimiter}x`);
    const [finding, ...others] = await refusalOf([`aé${delimiter}b`, ...lines, ''].join(mark));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'NO_ROWS' });
    expect(finding.message).toContain(name);
    expect(finding.message).toContain('first at byte 5,');
  }
  expect((await refusalOf(['a', '1', '2', ''].join(mark)))[0].message).toContain(name);
});

test('such signs within texts are texts, and a header alone is a header', async () => {
  expect(await ingest('a,b\nfoo\u2028bar,2\nx,4\n')).toMatchObject({ rowCount: 2 });
  expect((await refusalOf('first\u2028name,b\n'))[0].message).toContain('header with 2 columns but no row');
});

test('JSON objects that are divided by U+2028 are told so', async () => {
  const [{ code, fix }] = await refusalOf('{"a":1}\u2028{"a":2}\u2028', 'JSONL');
  expect(code).toBe('INVALID_JSON');
  expect(fix).toContain('no line break');
});
