import { ingest, places, type Outcome } from './ingest.fixture';

const column = (name: string, values: string[]) =>
  `${name},n\n${values.map((value, index) => `${value},${index}`).join('\n')}\n`;
const quoted = (...values: string[]) => values.map((value) => `"${value}"`);
const typeOf = async (...values: string[]) => (await ingest(column('x', values))).columns[0].type;
const found = ({ findings }: Outcome, code: string) => findings.filter((finding) => finding.code === code);

describe('types', () => {
  test.each([
    ['INTEGER', ['1', '-2', '3.0', '1e3']],
    ['NUMBER', ['1', '2.5', ' 3 ', '.5']],
    ['BOOLEAN', ['true', 'False', 'TRUE']],
    ['TIMESTAMP', ['2024-01-01', '2024-01-02 10:00', '2024-01-03T10:00:00Z']],
    ['TIMESTAMP', ['2024-01-01 00:00:00', '2024-01-02 00:00:00']],
    ['DATE', ['2024-01-01', '2024-02-29', 'NA']],
    ['DATE', ['24.10.2022', '1.2.2023']],
    ['TIME', ['07:12', '23:59:59.5', '']],
    ['TIME', ['7:12 PM', '12:00 a.m.']],
    ['DURATION', ['1:30:30', '25:00:00']],
    ['DURATION', ['PT1H30M', '-P1DT0.5S']],
    ['DURATION', quoted('1 day, 2:03:04', '0:00:07')],
    ['TEXT', ['PT', 'P1Y']],
    ['TEXT', ['1', '2', 'x']],
    ['TEXT', ['007', '008']],
    ['TEXT', ['9007199254740993', '1']],
    ['TEXT', ['epoch', 'infinity']],
    ['NUMBER', ['1', '1e300', '2']],
    ['NUMBER', quoted('1,5', '-2,25', '3', '1.234,5', '?')],
    ['NUMBER', quoted('0,125', '1,250')],
    ['TEXT', quoted('1,234', '2,500')],
    ['INTEGER', quoted('1,234', '1,234,567')],
    ['TEXT', quoted('1,5', '2.5')],
    ['TEXT', quoted('1,5', 'red')],
    ['NUMBER', ['1.5', '?', 'NA', 'n/a', 'null', '-', 'NaN', '']],
    ['INTEGER', ['1', 'inf', '2']],
    ['BOOLEAN', ['true', 'NA']],
  ])('%s: %j', async (type, values) => expect(await typeOf(...values)).toBe(type));
});

describe('findings', () => {
  test('a text among numbers is named, and not what other forms of numbers read', async () => {
    const plain = Array.from({ length: 12 }, (_, at) => `${at}.5`);
    const outcome = await ingest(column('x', ['(1.5)', ...plain, 'abc', '(2.5)', 'xyz']));
    const [finding] = found(outcome, 'MIXED_TYPES');
    expect(finding).toMatchObject({ column: 'x', row: 14, count: 2 });
    expect(finding.message).toContain('row 14 "abc", row 16 "xyz"');
  });

  test.each([
    { cells: ['05/17/24', '12/01/23', '05/06/24 10:30'], code: 'TIME_FORMAT', severity: 'WARNING', word: 'two digits' },
    { cells: ['17.5.24', '1.12.99'], code: 'TIME_FORMAT', severity: 'WARNING', word: 'two digits' },
    { cells: ['"=""00012"""', '"=""00013"""'], code: 'TEXT_FORMAT', severity: 'INFO', word: 'Excel text' },
  ])('texts of a known look are named: $cells', async ({ cells, code, severity, word }) => {
    const outcome = await ingest(column('x', ['', ...cells]));
    expect(outcome.columns[0].type).toBe('TEXT');
    expect(found(outcome, code)).toMatchObject([{ severity, column: 'x', row: 2 }]);
    expect(found(outcome, code)[0].message).toContain(word);
    expect(found(await ingest(column('x', [...cells, 'other'])), code)).toEqual([]);
  });

  test('tokens for "missing" are missing, with the first row named', async () => {
    const outcome = await ingest(column('x', ['1', '?', '2', '?', 'NA', '']));
    expect(outcome.columns[0]).toMatchObject({ type: 'INTEGER', missingCount: 4 });
    const [finding] = found(outcome, 'DISGUISED_MISSING');
    expect(finding).toMatchObject({ column: 'x', row: 2, count: 3, severity: 'WARNING' });
    expect(finding.message).toBe('"x": "?" (2), "NA" (1) read as missing.');
  });

  test('infinities are missing, with the first row named', async () => {
    const outcome = await ingest(column('x', ['1.5', '2', '-inf', '1e999', 'nan']));
    expect(outcome.columns[0]).toMatchObject({ type: 'NUMBER', missingCount: 3, numbers: { maximum: 2 } });
    expect(found(outcome, 'INFINITE_VALUE')).toMatchObject([{ column: 'x', row: 3, count: 2 }]);
  });

  test('decimal commas are read, in a file with semicolons too, and said so', async () => {
    const outcome = await ingest('name;x\na;3\nb;-1,5\nc;1.234,25\nd;\n');
    const x = outcome.columns[1];
    expect(x).toMatchObject({ type: 'NUMBER', missingCount: 1, numbers: { minimum: -1.5, maximum: 1234.25 } });
    expect(found(outcome, 'COMMA_NUMBERS')).toMatchObject([{ severity: 'INFO', column: 'x', row: 2, count: 2 }]);
  });

  test('commas that may stand between thousands leave the column as text, with a warning', async () => {
    const outcome = await ingest(column('x', quoted('7', '1,234', '2,500', '8')));
    const [finding] = found(outcome, 'COMMA_NUMBERS');
    expect(finding).toMatchObject({ severity: 'WARNING', column: 'x', row: 2, count: 2 });
    expect(finding.message).toContain(
      '"1,234" in row 2 may be read in two ways (decimal comma; commas between thousands)',
    );
    expect(found(outcome, 'MIXED_TYPES')).toEqual([]);
  });

  test('mixed types name the rows', async () => {
    const outcome = await ingest(column('x', ['1', '2', 'twelve', '4', '5', 'b', '?']));
    const [finding] = found(outcome, 'MIXED_TYPES');
    expect(finding).toMatchObject({ column: 'x', row: 3, count: 2 });
    expect(finding.message).toContain('row 3 "twelve", row 6 "b"');
  });

  test.each([
    ['dates', ['2024-01-02', '2024-02-29', '2023-02-30', '2024-01-05'], 3, '"2023-02-30"'],
    ['dates in another order', ['24/10/2022', '25/10/2022', 'soon', '13/01/2022'], 3, '"soon"'],
    ['decimal commas', quoted('1,5', '2,25', 'three', '4,75'), 3, '"three"'],
    ['decimal commas, and more than a number holds', quoted('1,5', '2,25', '1e999', '4,75'), 3, '"1e999"'],
    ['digits with underscores', ['1', '2_000', '3', '4'], 2, '"2_000"'],
  ])('a short column of %s names its odd value', async (_name, values, row, value) => {
    const [finding, ...others] = found(await ingest(column('x', values)), 'MIXED_TYPES');
    expect([finding, others]).toMatchObject([{ severity: 'WARNING', column: 'x', row, count: 1 }, []]);
    expect(finding.message).toContain(`row ${row} ${value}`);
  });

  test('all missing, constant, identifier, codes', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `,k,ID${i},${i + 100},00${i},${i % 7},9007199254740993`);
    const outcome = await ingest(`empty,same,key,number,zip,v,big\n${rows.join('\n')}\n`);
    expect(outcome.columns.map(({ role }) => role)).toEqual([
      ...['EMPTY', 'CONSTANT', 'IDENTIFIER', 'IDENTIFIER', 'IDENTIFIER', 'FEATURE', 'CONSTANT'],
    ]);
    expect(places(outcome.findings)).toEqual(
      expect.arrayContaining([
        ['ALL_MISSING', 'empty', null],
        ['CONSTANT', 'same', null],
        ['IDENTIFIER', 'key', null],
        ['IDENTIFIER', 'number', null],
        ['LEADING_ZEROS', 'zip', null],
        ['LARGE_INTEGER', 'big', null],
      ]),
    );
  });

  test('duplicate rows: how many, and the first repetition', async () => {
    const outcome = await ingest('a,b\n1,x\n2,y\n1,x\n3,z\n1,x\n2,y\n,\n,\n');
    expect(found(outcome, 'DUPLICATE_ROWS')).toMatchObject([{ row: 3, count: 3 }]);
  });

  test('outliers, excess zeros and sentinels by their definitions', async () => {
    const spread = Array.from({ length: 100 }, (_, i) => i);
    const lines = spread.map((i) => `${i === 60 ? 1000 : i},${i < 45 ? 0 : i},${i % 20 === 3 ? -999 : i}`);
    const outcome = await ingest(`far,zeros,unknown\n${lines.join('\n')}\n`);
    // The quartiles of `far` are about 25 and 75, so the fence is about 225: only 1000 lies outside.
    expect(found(outcome, 'OUTLIERS').filter(({ column: name }) => name === 'far')).toMatchObject([
      { row: 61, count: 1 },
    ]);
    expect(found(outcome, 'EXCESS_ZEROS')).toMatchObject([{ column: 'zeros', count: 45 }]);
    expect(found(outcome, 'DISGUISED_MISSING')).toMatchObject([{ column: 'unknown', row: 4, count: 5 }]);
  });

  test('missing values warn from one half on', async () => {
    const outcome = await ingest('few,many\n1,\n2,\n,\n4,1\n');
    const severities = found(outcome, 'MISSING_VALUES').map(({ column: name, severity }) => [name, severity]);
    expect(severities).toEqual([
      ['few', 'INFO'],
      ['many', 'WARNING'],
    ]);
  });

  test('text with very many values', async () => {
    const rows = Array.from({ length: 120 }, (_, i) => `word ${i % 80},${i}`);
    expect(found(await ingest(`t,n\n${rows.join('\n')}\n`), 'HIGH_CARDINALITY')).toMatchObject([
      { column: 't', count: 80 },
    ]);
  });

  test('headers: blanks are removed, numbers look like data', async () => {
    const trimmed = await ingest(' a ,b\n1,2\n');
    expect(trimmed.columns.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(places(trimmed.findings)).toContainEqual(['HEADER_TRIMMED', 'a', null]);
    expect(places((await ingest('5.1,3.5\n4.9,3.0\n')).findings)).toContainEqual(['HEADER_NUMERIC', null, null]);
  });

  test('a clean table has no findings', async () => {
    expect((await ingest('a,b\n1,x\n2,y\n4,x\n')).findings).toEqual([]);
  });
});

describe('roles', () => {
  test('split column, time, free text and target', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => {
      const note = `the machine number ${i} made a strange noise`;
      return `${i % 3 ? 'train' : 'test'},2024-01-${String(i + 1).padStart(2, '0')},${note},${(i * 7.3) % 5},${i % 2}`;
    });
    const { columns } = await ingest(`part,day,note,x,failure\n${rows.join('\n')}\n`);
    expect(columns.map(({ role }) => role)).toEqual(['SPLIT', 'TIME', 'FREE_TEXT', 'FEATURE', 'TARGET_CANDIDATE']);
  });
});
