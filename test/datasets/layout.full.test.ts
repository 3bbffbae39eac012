/** Files that are laid out in another way than a header and rows: what is read over, what is doubted, what is refused. */
import { sniffDialect } from '../../src/datasets/ingest/csv/csv-dialect';
import { ingest, places, refusalOf, type Outcome } from './ingest.fixture';

const ROWS = Array.from({ length: 30 }, (_, at) => [(at * 0.37).toFixed(3), (5 - at * 0.11).toFixed(3), 'pn'[at % 2]]);
const write = ({ divided = ',', header = ['u', 'v', 'class'], end = '\n', rows = ROWS, tail = '' } = {}): string =>
  [header, ...rows].map((row) => row.join(divided) + tail + end).join('');
const PLAIN = write();
const found = ({ findings }: Outcome, code: string) => findings.filter((finding) => finding.code === code);
const namesOf = ({ columns }: Outcome) => columns.map(({ name }) => name);

describe('what carries no data is read over, and said so', () => {
  test.each([
    ['a sep= line', `sep=;\r\n${write({ divided: ';', end: '\r\n' })}`, 'SKIPPED'],
    ['a sep= line with a comma', `sep=,\n${PLAIN}`, 'SKIPPED'],
    ['a sep= line with a tab', `SEP=\t\n${write({ divided: '\t' })}`, 'SKIPPED'],
    ['a sep= line with a caret', `sep=^\n${write({ divided: '^' })}`, 'SKIPPED'],
    ['a quoted sep= line behind a mark', `\ufeff"sep=:"\n${write({ divided: ':' })}`, 'SKIPPED'],
    ['Ctrl-Z in the last line', `${PLAIN}\x1a`, 'SKIPPED'],
    ['Ctrl-Z behind the last value', `${PLAIN.trimEnd()}\x1a\x1a`, 'SKIPPED'],
    [
      'Ctrl-Z behind a closing quote',
      `${PLAIN.trimEnd()
        .replace(/[^\n,]+/g, '"$&"')
        .replaceAll(',', ';')}\x1a`,
      'SKIPPED',
    ],
    ['a last line of blanks', `${PLAIN}   \n`, 'SKIPPED'],
    ['a last line of blanks and tabs', `${PLAIN} \t \n\t\n`, 'SKIPPED'],
    ['last lines of blanks and Ctrl-Z', `${PLAIN}   \n\n  \n\x1a\r\n`, 'SKIPPED'],
    ['a mark inside the file', PLAIN.replace('\n1.48', '\n\ufeff1.48'), 'SKIPPED'],
    ['a delimiter at the end of every line', write({ tail: ',' }), 'UNNAMED_COLUMN'],
    ['two of them', write({ tail: ';;', divided: ';' }), 'UNNAMED_COLUMN'],
    ['a delimiter at the end of every row', write({ tail: ',' }).replace('class,', 'class'), 'UNNAMED_COLUMN'],
    ['a delimiter at the end of the header', PLAIN.replace('class', 'class,'), 'UNNAMED_COLUMN'],
    ['an empty column in the middle', PLAIN.replaceAll(/^([^,]*),/gm, '$1,,'), 'UNNAMED_COLUMN'],
  ])('%s', async (_name, content, code) => {
    const [plain, outcome] = [await ingest(PLAIN), await ingest(content)];
    expect(outcome.hash).toBe(plain.hash);
    expect(outcome.findings.filter(({ severity }) => severity === 'WARNING')).toEqual([]);
    expect(found(outcome, code)).toMatchObject([{ severity: 'INFO' }]);
  });

  test('tabs that divide fields are no blanks', async () => {
    expect((await ingest('a\tb\n1\t2\n\t\n')).rowCount).toBe(2);
  });

  test('a mark before a quoted field, and quoted names behind a mark', async () => {
    const { table } = await ingest('\ufeff"u\nx",v\n"a, b",1\n\ufeff"c, d",2\n"e",3\n');
    expect(table.columns).toMatchObject([{ name: 'u\nx', levels: ['a, b', 'c, d', 'e'] }, { name: 'v' }]);
  });

  test('a single column keeps its blank rows before a Ctrl-Z', async () => {
    expect((await ingest('a\n1\n\n3\n\x1a')).rowCount).toBe(3);
  });

  test('names are trimmed of invisible characters and composed; names that look the same are one', async () => {
    expect(namesOf(await ingest('\u200bu\u3000,cafe\u0301\n1,2\n'))).toEqual(['u', 'caf\u00e9']);
    expect(places(await refusalOf('caf\u00e9,cafe\u0301\n1,2\n'))).toEqual([['DUPLICATE_HEADER', 'caf\u00e9', null]]);
  });
});

describe('what stands where the header should', () => {
  test.each([
    ['comments', `# from a tool\n# unit: mm\n${PLAIN}`, 'look like comments', 'line 3'],
    ['a title', `My report\n\n${PLAIN}`, 'look like a title', 'line 3'],
    ['a title above semicolons', `Report, of 2024\n${write({ divided: ';' })}`, 'looks like a title', 'line 2'],
    ['a title that is padded', `My report,,\n${PLAIN}`, 'looks like a title', 'line 2'],
    ['a title above quoted texts', 'Report of May\n"a, b";c\nx;"y, z"\nu;v\nx;w\n', 'looks like a title', 'line 2'],
    ['two titles', `Report\nof May\n${write({ divided: ';' })}`, 'look like a title', 'line 3'],
    ['a title with commas', `Report, made by me, and you, in May\n${PLAIN}`, 'looks like a title', 'line 2'],
    [
      'a title above rows without a header',
      `Report\n${write({ header: ['1', '2', 'p'] })}`,
      'title',
      'without a header',
    ],
  ])('%s', async (_name, content, what, where) => {
    const [finding, ...others] = await refusalOf(content);
    expect([finding.code, others]).toEqual(['HEADER_MISPLACED', []]);
    expect(finding.message).toContain(what);
    expect(finding.message).toContain(where);
  });

  test.each([
    ['numbers and a text', '5.1,3.5,setosa\n4.9,3.0,setosa\n6.1,2.2,virginica\n5.0,3.6,setosa\n'],
    ['texts that are values', 'red,small\nblue,big\nred,big\nblue,small\nred,big\nblue,small\n'],
    ['a text that is a value, and one number', '北京,3\n上海,4\n北京,5\n广州,6\n'],
    ['a date', '2024-01-01,a\n2024-01-02,b\n2024-01-03,c\n'],
  ])('a first row of %s is doubted', async (_name, content) => {
    expect(found(await ingest(content), 'HEADER_NUMERIC')).toMatchObject([{ severity: 'WARNING' }]);
  });

  test.each([
    ['years', 'country,2019,2020,2021\na,1,2,3\nb,2,3,4\nc,5,6,7\n'],
    ['one year', 'country,2019\na,1\nb,2\nc,5\n'],
    ['a name that is a value too', 'kind,size\nkind,1\nother,2\nnone,3\n'],
  ])('names that are %s are not', async (_name, content) => {
    expect(found(await ingest(content), 'HEADER_NUMERIC')).toEqual([]);
  });

  test.each([
    ['units', 'mm,kg,-'],
    ['units in brackets', '[mm],[kg],'],
    ['a second header', 'length,weight,kind'],
  ])('a row of %s below the header is named', async (_name, row) => {
    const outcome = await ingest(PLAIN.replace('class\n', `class\n${row}\n`));
    expect(found(outcome, 'UNITS_ROW')).toMatchObject([{ severity: 'WARNING', row: 1, count: 2, columns: ['u', 'v'] }]);
    expect(outcome.findings.filter(({ severity }) => severity === 'WARNING')).toHaveLength(1);
  });

  test('a first row that has no value for a number is none of units', async () => {
    expect(found(await ingest(PLAIN.replace('class\n', 'class\nNA,-,p\n')), 'UNITS_ROW')).toEqual([]);
  });

  test.each([
    ['a note below the table', `${PLAIN}Source: lab\n`, 'note'],
    ['a comment below the header', PLAIN.replace('class\n', 'class\n# in mm\n'), 'comment'],
    ['row names of R', PLAIN.replace(/^(?=[\d-])/gm, 'r1,'), 'row.names'],
    ['a delimiter at the end of some rows', PLAIN.replaceAll('p\n', 'p,\n'), 'delimiter ends these rows'],
  ])('%s', async (_name, content, fix) => {
    const [finding, ...others] = await refusalOf(content);
    expect([finding.code, others]).toEqual(['RAGGED_ROW', []]);
    expect(finding.fix).toContain(fix);
  });

  test.each([
    ['a total', `${PLAIN}9.1,7,Total\n`, 31, 'total'],
    [
      'a sum in German',
      `${write({ divided: ';', header: ['class', 'v', 'u'], rows: ROWS.map(([u, v, c]) => [c, v, u]) })}Summe:;1;2\n`,
      31,
      'total',
    ],
    ['a note', `${PLAIN}"Source: our lab, 2024",,\n`, 31, 'note'],
    ['cells without a value', `${PLAIN},,\n,,\n`, 31, '2 rows'],
    ['a line that is drawn', PLAIN.replace('class\n', 'class\n---,:--:,---\n'), 1, 'drawn'],
    ['a line drawn between bars', '| u | v |\n|---|---|\n|1|2|\n|3|4|\n|5|6|\n', 1, 'as in Markdown'],
    ['a line drawn between bars', '|u|v|\n|---|\u200b---|\n|1|2|\n|3|4|\n|5|6|\n', 1, 'drawn'],
  ])('a row of %s is no row of the table', async (_name, content, row, what) => {
    const [finding, ...others] = found(await ingest(content), 'STRAY_ROW');
    expect([finding, others]).toMatchObject([{ severity: 'WARNING', row }, []]);
    expect(finding.message).toContain(what);
  });

  test.each([
    ['a label of several rows', 'kind,size\nmale,1\ntotal,2\nmale,3\ntotal,4\n'],
    ['a label without a number', 'kind,size\na,1\nb,2\nc,\n'],
    ['a missing value of the only column', 'size\n1\n\n3\n'],
  ])('a row of %s is one', async (_name, content) => {
    expect(found(await ingest(content), 'STRAY_ROW')).toEqual([]);
  });

  test('objects without a member, and rows of a word for missing, hold no value', async () => {
    const objects = await ingest('{"a":1,"b":"x"}\n{}\n{"a":2}\n', 'JSONL');
    expect(found(objects, 'STRAY_ROW')).toMatchObject([{ row: 2, count: 1 }]);
    expect(found(await ingest('a,b\n1,2\nNA,NA\n3,4\n'), 'STRAY_ROW')).toMatchObject([{ row: 2 }]);
  });

  test('where the first line is as wide as the table, it may be a header that is not whole', async () => {
    const [finding] = await refusalOf('Group,,\nheight,width,label\n1,2,x\n3,4,y\n5,6,z\n');
    expect(finding).toMatchObject({ code: 'HEADER_MISPLACED' });
    expect(finding.fix).toContain('If it is the header itself, give every column a name');
  });

  test.each([
    ['texts', '# exported\n# at noon\nname|city\nann|bern\nbob|rome\ncy|oslo\n'],
    ['long and negative durations', `% exported\nrun|walk\n${'100:05:00.25|-7:54:00\n|\n'.repeat(6)}`],
  ])('comments do not hide the delimiter of a table of %s', async (_name, content) => {
    const [finding] = await refusalOf(content);
    expect(finding.code).toBe('HEADER_MISPLACED');
    expect(finding.message).toMatch(/comment.*the header seems to stand in line \d/);
  });

  test('rows that repeat the header are named', async () => {
    const outcome = await ingest(PLAIN + PLAIN + PLAIN);
    expect(found(outcome, 'REPEATED_HEADER')).toMatchObject([{ severity: 'WARNING', row: 31, count: 2 }]);
    expect(found(outcome, 'HEADER_NUMERIC')).toEqual([]);
  });

  test('rows that repeat the header cost no column, and are told once', async () => {
    const rows = (part: number) =>
      Array.from({ length: 20 }, (_, at) => `2024-03-${at + 10},${part + at / 2},k${at % 2}\n`).join('');
    const content = [0, 1, 2, 3, 4].map((part) => `day,size,kind\n${rows(100 * part)}`).join('');
    const { table, findings, rowCount } = await ingest(content);
    expect(rowCount).toBe(104);
    expect(table.columns.map(({ kind }) => kind)).toEqual(['number', 'number', 'category']);
    expect(findings.filter(({ severity }) => severity === 'WARNING')).toMatchObject([
      { code: 'REPEATED_HEADER', row: 21, count: 4, message: expect.stringContaining('their cells are missing') },
    ]);
  });

  test('in a table of one column, what is written as its name may be a value', async () => {
    const outcome = await ingest(`yes\n${'yes\nno\n'.repeat(5)}`);
    expect(found(outcome, 'REPEATED_HEADER')[0].message).not.toContain('missing');
    expect(outcome.table.columns[0]).toMatchObject({ kind: 'category', levels: expect.arrayContaining(['yes', 'no']) });
  });

  test('an unnamed column with values is refused with its first row', async () => {
    const [finding] = await refusalOf(',a\n,1\nx,2\n');
    expect(finding).toMatchObject({ code: 'EMPTY_HEADER', row: 2 });
    expect(finding.message).toBe('Column 1 of 2 has no name, but a value in row 2.');
  });
});

describe('the delimiter', () => {
  const NUMBERS = Array.from({ length: 20 }, (_, at) => [`${at},70`, `${at + 3},779`, 'yes']);

  test.each([
    [';', write({ divided: ';', header: ['length, mm', 'width, mm', 'fits'], rows: NUMBERS })],
    ['|', write({ divided: '|', header: ['a, b', 'c, d', 'e'], rows: NUMBERS })],
    ['\t', write({ divided: '\t', header: ['a, b', 'c, d', 'e'], rows: NUMBERS })],
    [';', `"two\nlines";b;c, d\n${'0,25;PT100H5M0.25S;7:30:00 AM\n'.repeat(20)}`],
    [';', 'city, state;mood\nBonn, NW;a\nKiel, SH;b\nUlm, BW;c\n'],
    [',', write({ rows: ROWS.map(([u, v]) => [u, v, 'a|b;c']) })],
  ])('%j wins a tie', (delimiter, content) => {
    expect(sniffDialect(Buffer.from(content))).toEqual({ delimiter, quote: '"' });
  });

  test.each(['\u060c', '\uff0c', '\uff1b', '\u3001'])(
    '%s in every row of the only column is doubted',
    async (divided) => {
      const [finding] = found(await ingest(write({ divided })), 'DELIMITER_DOUBT');
      expect(finding).toMatchObject({ severity: 'WARNING' });
      expect(finding.message).toContain(divided);
      const texts = `text\n${`one${divided} two\n`.repeat(5)}`;
      expect(found(await ingest(texts), 'DELIMITER_DOUBT')).toEqual([]);
    },
  );

  test('what stands in nearly every field is shown, in whichever column', async () => {
    const dates = `$1\tlength, mm\n${'07:30:00\tThu, 29 Feb 2024\n'.repeat(5)}`;
    const [finding] = found(await ingest(dates), 'DELIMITER_DOUBT');
    expect(finding.message).toContain('such as "Thu, 29 Feb 2024"');
  });

  test('a sign that divides nearly every row of the only column is doubted', async () => {
    const [finding] = found(await ingest(`text\nhello\n${'one|two\n'.repeat(20)}`), 'DELIMITER_DOUBT');
    expect(finding.message).toContain('"|" stands in nearly every row of the only column, such as "one|two"');
    expect(found(await ingest(`text\n${'hello\none|two\n'.repeat(20)}`), 'DELIMITER_DOUBT')).toEqual([]);
  });

  test.each([
    ['^', '"^"'],
    ['\x01', '"\\u0001"'],
  ])('%j is read, with a doubt, where it divides nearly all lines', async (divided, sign) => {
    const outcome = await ingest(write({ divided, header: ['"a, b"', '"two\nlines"', 'class'] }));
    expect(namesOf(outcome)).toEqual(['a, b', 'two\nlines', 'class']);
    const [finding] = found(outcome, 'DELIMITER_DOUBT');
    expect(finding).toMatchObject({ severity: 'WARNING' });
    expect(finding.message).toContain(sign);
  });

  test('no doubt is left where a line names the sign, and powers in the texts of one column divide nothing', async () => {
    expect(found(await ingest(`sep=^\n${write({ divided: '^' })}`), 'DELIMITER_DOUBT')).toEqual([]);
    expect(namesOf(await ingest('formula\nx^2\ny^2\nz\n'))).toEqual(['formula']);
  });

  test.each([
    ['an open quote in the last row', `${PLAIN}"7,8,p\n`, 'UNTERMINATED_QUOTE', 31],
    ['an open quote behind points', `${write({ divided: ';' })}"7;8;p`, 'UNTERMINATED_QUOTE', 31],
    ['text behind a quote', `${write({ divided: '\t' })}"7"x\t8\tp\n9\t9\tp\n`, 'MALFORMED_QUOTE', 31],
    [
      'names of rows without a name, in single quotes',
      `'u'~'v~w'\n${"'r'~'1'~'2'\n".repeat(9)}`.replaceAll('~', '|'),
      'RAGGED_ROW',
      1,
    ],
    ['a cut row, among commas', `a, b;c, d;e\n${'1,5;2,5;3\n'.repeat(23)}9,5`, 'RAGGED_ROW', 24],
  ])('a fault does not hide it: %s', async (_name, content, code, row) => {
    expect(await refusalOf(content)).toMatchObject([{ code, row }]);
  });

  test('a tab divides, whatever blanks stand around it', async () => {
    const rows = ROWS.map((cells) => cells.map((cell) => ` ${cell} `));
    const content = write({ divided: '\t', header: [' u ', ' v ', ' c '], rows });
    expect(namesOf(await ingest(content))).toEqual(['u', 'v', 'c']);
  });

  test.each([
    [
      'quotes around whole lines that hold quotes',
      `"a,b"\n${'"x,""u, v"""\n"y,""w"""\n'.repeat(4)}`,
      'in quotes as a whole',
    ],
    [
      'quotes around whole lines that begin with a time',
      `"at,value,length"\n${Array.from({ length: 9 }, (_, i) => `"2024-02-0${i + 1}T10:30:00Z,${i}.25,${i}h 5m"`).join('\n')}\n`,
      'in quotes as a whole',
    ],
    ['quotes around whole lines', PLAIN.replace(/^.*$/gm, (line) => line && `"${line}"`), 'in quotes as a whole'],
    [
      'a pipe in two of three columns',
      'a|b,c|d,e|f\nx|y,z|w,k|l\nx|y,z|w,k|m\nx|z,z|w,k|l\n'.replaceAll('e|f', 'e'),
      '"|"',
    ],
    ['lists in the only column', 'note\nhello; you\nthat; this\na; b\n', '";"'],
  ])('a doubt: %s', async (_name, content, message) => {
    const [finding] = found(await ingest(content), 'DELIMITER_DOUBT');
    expect(finding).toMatchObject({ severity: 'WARNING' });
    expect(finding.message).toContain(message);
  });

  test.each([
    ['decimal commas', write({ divided: ';', header: ['a, b', 'c, d', 'e'], rows: NUMBERS })],
    ['lists in one column', 'id,genres\n1,a;b\n2,b;c\n3,a;d\n'],
    ['names with a comma', 'name\n"Doe, John"\n"Roe, Jane"\n"Poe, Ed"\n'],
    ['times', 'at\n2024-01-01 10:00:00\n2024-01-02 10:00:00\n2024-01-03 10:00:00\n'],
  ])('no doubt: %s', async (_name, content) => {
    expect(found(await ingest(content), 'DELIMITER_DOUBT')).toEqual([]);
  });
});
