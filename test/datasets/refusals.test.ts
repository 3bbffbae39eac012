import { gzipSync } from 'node:zlib';
import { FINDING_CODES } from '../../src/datasets/ingest/finding';
import { checkHeader } from '../../src/datasets/ingest/csv/header';
import { ingest, places, refusalOf } from './ingest.fixture';

/** Each file with where its findings must point: code, column, row. */
const REFUSED: [name: string, content: string | Uint8Array, expected: unknown[]][] = [
  ['empty', '', [['EMPTY_FILE', null, null]]],
  ['blank lines only', '\n\n\r\n', [['EMPTY_FILE', null, null]]],
  ['byte order mark only', '\ufeff', [['EMPTY_FILE', null, null]]],
  ['blanks only', '\n\n  \n', [['EMPTY_HEADER', null, null]]],
  ['delimiters only', ',,,\n,,,\n', [['EMPTY_HEADER', null, null]]],
  ['header only', 'a,b\n', [['NO_ROWS', null, null]]],
  ['header without line end', 'a,b', [['NO_ROWS', null, null]]],
  ['PNG', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), [['BINARY_FILE', null, null]]],
  ['ZIP or workbook', Buffer.from('504b030414000600', 'hex'), [['BINARY_FILE', null, null]]],
  ['NUL bytes', 'a,b\n1,2\n3,\0\n', [['BINARY_FILE', 'b', 2]]],
  ['UTF-16 without mark', Buffer.from('a,b\n1,2\n', 'utf16le'), [['BINARY_FILE', null, null]]],
  ['UTF-16 without mark, with accents', Buffer.from('a,b\n\xe9,2\n', 'utf16le'), [['BINARY_FILE', null, null]]],
  ['UTF-16 cut off', Buffer.from('\ufeffa,b\n1,2\n', 'utf16le').subarray(0, -1), [['WRONG_ENCODING', null, null]]],
  ['half a surrogate pair', Buffer.from('\ufeffa,b\n\ud83d,2\n', 'utf16le'), [['WRONG_ENCODING', null, null]]],
  ['binary that begins with high bytes', Buffer.from('f5c000010200fe7f', 'hex'), [['BINARY_FILE', null, null]]],
  ['Latin-1', Buffer.from('name,city\nA,Bonn\nB,K\xf6ln\n', 'latin1'), [['WRONG_ENCODING', 'city', 2]]],
  ['Latin-1 in the header', Buffer.from('gr\xf6\xdfe\n1\n', 'latin1'), [['WRONG_ENCODING', null, null]]],
  ['UTF-8 cut off', Buffer.from('a,b\n1,\u00f6', 'utf8').subarray(0, -1), [['WRONG_ENCODING', 'b', 1]]],
  [
    'ragged rows',
    'a,b,c\n1,2,3\n1,2\n4,5,6\n1,2,3,4\n',
    [
      ['RAGGED_ROW', null, 2],
      ['RAGGED_ROW', null, 4],
    ],
  ],
  [
    'duplicate headers',
    'a,b,a,b\n1,2,3,4\n',
    [
      ['DUPLICATE_HEADER', 'a', null],
      ['DUPLICATE_HEADER', 'b', null],
    ],
  ],
  ['headers equal after trimming', 'a, a\n1,2\n', [['DUPLICATE_HEADER', 'a', null]]],
  ['empty headers', 'a,,c, \n1,2,3,4\n', [['EMPTY_HEADER', null, 1]]],
  ['10,000 columns', `${wide(10_000)}\n${wide(10_000)}\n`, [['TOO_MANY_COLUMNS', null, null]]],
  ['unterminated quote', 'a,b\n1,"x\n3,4\n', [['UNTERMINATED_QUOTE', 'b', 1]]],
  ['text after a quote', 'a,b\n1,2\n"x"y,4\n', [['MALFORMED_QUOTE', 'a', 2]]],
  ['a row that is a little too long', `a,b\n1,2\n3,${'x'.repeat(2_000_001)}\n4,5\n`, [['LONG_RECORD', null, 2]]],
  ['a row of 3 MB', `a,b\n1,${'x'.repeat(3_000_000)}\n`, [['LONG_RECORD', null, 1]]],
  ['JSON lines sent as CSV', '{"a":1}\n{"a":2}\n', [['FORMAT_MISMATCH', null, null]]],
  ['damaged gzip', gzipSync('a,b\n1,2\n').subarray(0, 20), [['UNREADABLE', null, null]]],
  ['gzip of gzip', gzipSync(gzipSync('a,b\n1,2\n')), [['BINARY_FILE', null, null]]],
  ['gzip of a PNG', gzipSync(Buffer.from('89504e470d0a1a0a', 'hex')), [['BINARY_FILE', null, null]]],
];

function wide(count: number): string {
  return Array.from({ length: count }, (_, index) => `c${index}`).join(',');
}

test.each(REFUSED)('CSV, %s', async (_name, content, expected) => {
  const findings = await refusalOf(content);
  expect(places(findings)).toEqual(expected);
  for (const { severity, message, fix } of findings) {
    expect(severity).toBe('ERROR');
    expect(message.length).toBeGreaterThan(10);
    expect(fix.length).toBeGreaterThan(10);
  }
});

test('messages say what was expected and what is there', async () => {
  const [row] = await refusalOf('a,b,c\n"x\ny",2,3\n1,2\n');
  expect(row.message).toBe('Row 2 (line 4) has 2 fields, the header has 3.');
  const [name] = await refusalOf('a,b,a\n1,2,3\n');
  expect(name.message).toContain('columns 1 and 3');
  const [byte] = await refusalOf(Buffer.from('a\n\xe9\n', 'latin1'));
  expect(byte.message).toContain('0xe9 at offset 2');
});

test('one message says how many rows have too few fields, and where the first are', async () => {
  const findings = await refusalOf(`a,b\n${'1\n'.repeat(50)}`);
  expect(findings).toMatchObject([{ code: 'RAGGED_ROW', row: 1, count: 50 }]);
  expect(findings[0].message).toBe(
    'All 50 rows have 1 field, the header has 2: row 1 (line 2), row 2 (line 3), row 3 (line 4) ….',
  );
});

test('an archive that unpacks to more than the limit is refused', async () => {
  const bomb = gzipSync(`a\n${'0\n'.repeat(1_000_000)}`);
  expect(bomb.length).toBeLessThan(10_000);
  expect(places(await refusalOf(bomb, 'CSV', { byteCountMax: 100_000 }))).toEqual([['TOO_LARGE', null, null]]);
});

describe('JSON lines', () => {
  test.each([
    ['empty', '', [['EMPTY_FILE', null, null]]],
    ['blank', '\n\n', [['NO_ROWS', null, null]]],
    ['no JSON', '{"a":1}\n{"a":\n', [['INVALID_JSON', null, 2]]],
    ['many lines that are no JSON', '{"a":1}\nx\n'.repeat(50), [['INVALID_JSON', null, 2]]],
    ['a line that is a little too long', `{}\n{"a":"${'x'.repeat(2_000_001)}"}\n{}\n`, [['LONG_RECORD', null, 2]]],
    ['a list', '[1,2]\n', [['INVALID_JSON', null, 1]]],
    [
      'nested',
      '{"a":1}\n{"a":{"b":1},"c":[1]}\n',
      [
        ['NESTED_VALUE', 'a', 2],
        ['NESTED_VALUE', 'c', 2],
      ],
    ],
    ['CSV content', 'a,b\n1,2\n', [['INVALID_JSON', null, 1]]],
    ['Latin-1', Buffer.from('{"a":"x"}\n{"a":"\xf6"}\n', 'latin1'), [['WRONG_ENCODING', null, 2]]],
    ['blank key', '{"a":1,"":2}\n', [['EMPTY_HEADER', null, 1]]],
  ])('%s', async (_name, content, expected) => {
    expect(places(await refusalOf(content, 'JSONL'))).toEqual(expected);
  });
});

describe('Parquet', () => {
  test.each([
    ['text', 'a,b\n1,2\n', [['FORMAT_MISMATCH', null, null]]],
    ['empty', '', [['EMPTY_FILE', null, null]]],
    ['cut off', Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(100)]), [['UNREADABLE', null, null]]],
  ])('%s', async (_name, content, expected) => {
    expect(places(await refusalOf(content, 'PARQUET'))).toEqual(expected);
  });

  test('Parquet sent as CSV', async () => {
    const [finding] = await refusalOf(Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(100)]));
    expect(finding.code).toBe('FORMAT_MISMATCH');
    expect(finding.fix).toContain('PARQUET');
  });
});

test('no name, value or path becomes SQL', async () => {
  const evil = `x"); DROP TABLE raw; --,'; ATTACH 'f' AS f; --,$1,{brace},c0,C0,日本,a"b`;
  const quoted = evil.split(',').map((name) => `"${name.replaceAll('"', '""')}"`);
  const { columns, rowCount } = await ingest(
    `${quoted.join(',')}\n${quoted.toReversed().join(',')}\n1,2,3,4,5,6,7,8\n`,
  );
  expect(columns.map(({ name }) => name)).toEqual(evil.split(','));
  expect(columns.every(({ distinctCount }) => distinctCount === 2)).toBe(true);
  expect(rowCount).toBe(2);
});

test('every code has words in the schema', () => {
  for (const words of Object.values(FINDING_CODES)) expect(words).toMatch(/\.$/);
});

test('2,000 columns pass, one more does not', async () => {
  expect(checkHeader(wide(2_000).split(','), [])).toHaveLength(2_000);
  const findings = await refusalOf(`${wide(2_001)}\n${wide(2_001)}\n`);
  expect(places(findings)).toEqual([['TOO_MANY_COLUMNS', null, null]]);
});

test('a hundred columns and more fit into the memory of a small server', async () => {
  const { columns, table } = await ingest(`${wide(150)}\n${wide(150).replaceAll('c', '')}\n`);
  expect(columns).toHaveLength(150);
  expect(table.columns[149]).toMatchObject({ name: 'c149', values: Float64Array.of(149) });
});
