import { gzipSync } from 'node:zlib';
import { sniffDialect } from '../../src/datasets/ingest/csv/csv-dialect';
import { CsvScan } from '../../src/datasets/ingest/csv/csv-scan';
import { ingest, places } from './ingest.fixture';

const TABLE = [
  ['name', 'note', 'n'],
  ['A', 'plain', '1'],
  ['B', 'with "quotes"', '2.5'],
  ['C', 'two\nlines', ''],
  ['D', 'comma, semicolon; tab\t bar|', '-4'],
  ['É', '日本 🙂', '5'],
];

interface Style {
  delimiter: string;
  quote: string;
  end: string;
  always?: boolean;
  lastEnd?: boolean;
  mark?: boolean;
}

function write(
  rows: string[][],
  { delimiter, quote, end, always = false, lastEnd = true, mark = false }: Style,
): string {
  const field = (value: string) => {
    const special = [delimiter, quote, '\n', '\r'].some((character) => value.includes(character));
    return always || special ? quote + value.replaceAll(quote, quote + quote) + quote : value;
  };
  const lines = rows.map((row) => row.map(field).join(delimiter));
  return (mark ? '\ufeff' : '') + lines.join(end) + (lastEnd ? end : '');
}

const STYLES: Style[] = [',', ';', '\t', '|'].flatMap((delimiter) => [
  { delimiter, quote: '"', end: '\n' },
  { delimiter, quote: '"', end: '\r\n', mark: true },
  { delimiter, quote: '"', end: '\r', always: true },
  { delimiter, quote: "'", end: '\n', always: true, lastEnd: false },
]);

test.each(STYLES)('reads its own writing: %j', async (style) => {
  const { columns, table, rowCount } = await ingest(write(TABLE, style));
  expect(columns.map(({ name }) => name)).toEqual(TABLE[0]);
  expect(rowCount).toBe(5);
  const texts = table.columns.map((column) =>
    column.kind === 'number'
      ? [...column.values].map((value) => (Number.isNaN(value) ? '' : String(value)))
      : [...column.codes].map((code) => column.levels[code]),
  );
  const lines = TABLE.slice(1).map((row) =>
    row.map((value) => value.replaceAll('\n', style.end === '\r' ? '\n' : '\n')),
  );
  expect(texts[0].map((_, row) => texts.map((values) => values[row]))).toEqual(lines);
});

test('the same content gives the same hash in every style, another content another', async () => {
  const hashes = await Promise.all(STYLES.slice(0, 6).map(async (style) => (await ingest(write(TABLE, style))).hash));
  expect(new Set(hashes).size).toBe(1);
  const changes = [
    TABLE.map((row, index) => (index === 1 ? ['A', 'plain', '2'] : row)),
    TABLE.map((row, index) => (index === 3 ? ['C', 'two\nlines', '0'] : row)),
    TABLE.map((row, index) => (index === 0 ? ['Name', 'note', 'n'] : row)),
    [TABLE[0], ...TABLE.slice(1).reverse()],
    TABLE.slice(0, -1),
  ];
  for (const rows of changes) hashes.push((await ingest(write(rows, STYLES[0]))).hash);
  expect(new Set(hashes).size).toBe(1 + changes.length);
});

test('line ends of several kinds, blank lines and blanks around quotes', async () => {
  const { rowCount, table } = await ingest('\r\n\na,b\r\n1, "x,y" \n\n2,z\r\n\r\n3,"p\nq"');
  expect(rowCount).toBe(3);
  expect(table.columns[1]).toMatchObject({ levels: ['p\nq', 'x,y', 'z'] });
});

test('a single column: every line is a row, blank ones are missing', async () => {
  const { rowCount, columns } = await ingest('a\n1\n\n3\n');
  expect([rowCount, columns[0].missingCount]).toEqual([3, 1]);
});

test.each(['\n', '\r\n', '\r'])(
  'a header with a line break in a name, in a file with lines that end with %j',
  async (end) => {
    const { columns, rowCount } = await ingest(['"a\nb",c', '1,2', '3,4', ''].join(end));
    expect(columns.map(({ name }) => name)).toEqual(['a\nb', 'c']);
    expect(rowCount).toBe(2);
  },
);

test('UTF-16 with a mark is converted, and said so', async () => {
  const text = write(TABLE, STYLES[0]);
  const little = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
  const big = Buffer.from(little).swap16();
  const [plain, ...converted] = [
    await ingest(text),
    await ingest(little),
    await ingest(big),
    await ingest(gzipSync(little)),
  ];
  for (const { hash, findings } of converted) {
    expect(hash).toBe(plain.hash);
    expect(places(findings)).toContainEqual(['ENCODING_CONVERTED', null, null]);
  }
});

describe('the scan', () => {
  const text = Buffer.from(write(TABLE, { delimiter: ';', quote: '"', end: '\r\n', mark: true }) + 'x;y\r\n"a\r\nb";');

  /** What a scan knows once it has read the text in pieces of one size. */
  function scanned(pieceBytes: number) {
    const scan = new CsvScan({ delimiter: ';', quote: '"' });
    for (let at = 0; at < text.length; at += pieceBytes) scan.feed(text.subarray(at, at + pieceBytes));
    scan.end();
    const { rows, columns, ragged, raggedCount, fault, lineEnds, headerEnd, quotedFields } = scan;
    return { rows, columns, ragged, raggedCount, fault, lineEnds, headerEnd, quotedFields };
  }

  test('does not depend on where the pieces end', () => {
    const whole = scanned(text.length);
    expect(whole).toMatchObject({ rows: 7, columns: 3, raggedCount: 2 });
    expect([...whole.ragged.values()]).toEqual([
      { fields: 2, count: 2, endEmpty: 1, places: [8, 9].map((line, at) => ({ row: 6 + at, line })) },
    ]);
    for (const size of [1, 2, 3, 7, 16]) expect(scanned(size)).toEqual(whole);
  });
});

describe('the dialect', () => {
  const sniff = (sample: string) => sniffDialect(Buffer.from(sample));

  test.each([
    ['a,b\n1,2\n', ',', '"'],
    ['a;b\n"1,5";"2,5"\n1,2;3,4\n', ';', '"'],
    ['id;text\n1;hello, world\n2;a, b, c\n', ';', '"'],
    ['a\tb c\n1\t2,3\n', '\t', '"'],
    ["'a','b'\n'1,2','x'\n", ',', "'"],
    ["name,word\nA,'tis\nB,it's\n", ',', '"'],
    ['only\n1\n2\n', ',', '"'],
    ['a,b,c\n1,2\n1,2,3\n4,5,6\n', ',', '"'],
  ])('%j', (sample, delimiter, quote) => expect(sniff(sample)).toEqual({ delimiter, quote }));
});
