import { type ColumnType, formatsNamed } from '../../src/formats';
import { ingest } from './ingest.fixture';

/** What may be read in two ways is said, with both; what clients read of it stays as it was. */

const csv = (cells: readonly string[], delimiter = ',') =>
  `a${delimiter}b\n${cells.map((cell, at) => `${cell}${delimiter}x${at % 3}`).join('\n')}\n`;

/** The findings on how the first column was read. */
async function readingOf(content: string, format: 'CSV' | 'JSONL' = 'CSV') {
  const { columns, findings, firstRows } = await ingest(content, format);
  const codes = ['NUMBER_FORMAT', 'COMMA_NUMBERS', 'TIME_FORMAT', 'SIMILAR_VALUES', 'MIXED_TYPES', 'INFINITE_VALUE'];
  return {
    type: columns[0].type,
    missing: columns[0].missingCount,
    cells: firstRows.map(([cell]) => cell),
    remarks: findings.filter(({ column, code }) => column === 'a' && codes.includes(code)),
  };
}

describe('points before three digits', () => {
  test.each([
    { cells: ['931', '2.658', '1.234'], row: 2, count: 2, type: 'NUMBER', first: 931 },
    { cells: ['1.000', '2.000', 'n.a.'], row: 1, count: 2, type: 'INTEGER', first: 1 },
    { cells: ['-12.500', '6.854'], row: 1, count: 2, type: 'NUMBER', first: -12.5 },
  ])('alone they are decimal, with a warning that names both: $cells', async ({ cells, row, count, type, first }) => {
    const read = await readingOf(csv(cells));
    expect(read).toMatchObject({ type, remarks: [{ code: 'NUMBER_FORMAT', severity: 'WARNING', row, count }] });
    expect(read.cells[0]).toBe(first);
    expect(read.remarks[0].message).toContain('(decimal point; points between thousands, decimal comma)');
    expect(read.remarks[0].fix).toContain(
      'columns: [{ name: "a", type: NUMBER, format: "points between thousands, decimal comma" }]',
    );
  });

  test.each([
    ['another fraction', ['1.234', '2.5']],
    ['a fraction of nothing', ['1.234', '0.234']],
    ['four digits without a point', ['1.234', '5678']],
    ['an exponent', ['1.234', '1.234e3']],
    ['no point', ['1234', '567']],
  ])('%s leaves no doubt', async (_, cells) => {
    expect((await readingOf(csv(cells))).remarks).toEqual([]);
  });

  test('another column with a decimal point leaves no doubt, nor do numbers of JSON', async () => {
    expect((await readingOf('a,b\n1.234,0.5\n2.658,1\n')).remarks).toEqual([]);
    expect((await readingOf('{"a": 1.234}\n{"a": 2.658}\n', 'JSONL')).remarks).toEqual([]);
  });
});

describe('whole numbers that may be dates', () => {
  test('they are numbers, with a word about it', async () => {
    const { type, remarks } = await readingOf(csv(['20240517', 'NA', '19991231']));
    expect(type).toBe('INTEGER');
    expect(remarks).toMatchObject([{ code: 'TIME_FORMAT', severity: 'INFO', row: 1, count: 2 }]);
    expect(remarks[0].message).toContain('(whole numbers; year, month, day without signs)');
    expect(remarks[0].fix).toContain('type: DATE, format: "year, month, day without signs"');
  });

  test('so are months', async () => {
    const { type, remarks } = await readingOf(csv(['202405', '199912']));
    expect(type).toBe('INTEGER');
    expect(remarks).toMatchObject([{ code: 'TIME_FORMAT', severity: 'INFO', row: 1, count: 2 }]);
    expect(remarks[0].fix).toContain('type: DATE, format: "year, month without signs"');
  });

  test('one that is none is enough', async () => {
    expect((await readingOf(csv(['20240517', '20240230']))).remarks).toEqual([]);
    expect((await readingOf(csv(['20240517', '20241301']))).remarks).toEqual([]);
    expect((await readingOf(csv(['20240517', '88240517']))).remarks).toEqual([]);
  });
});

test.each([
  { cells: ['1.1', '1.2', '1.10'], type: 'NUMBER', row: 3, both: '"1.1" and "1.10" are 1.1' },
  { cells: ['12E5', '7E3', '120E4'], type: 'INTEGER', row: 3, both: '"12E5" and "120E4" are 1200000' },
])('codes that become one number are named: $cells', async ({ cells, type, row, both }) => {
  const read = await readingOf(csv(cells));
  expect(read.type).toBe(type);
  expect(read.remarks).toMatchObject([{ code: 'SIMILAR_VALUES', severity: 'INFO', row, count: 1 }]);
  expect(read.remarks[0].message).toContain(both);
});

test('the spelling of measurements is no matter', async () => {
  const cells = Array.from({ length: 500 }, (_, i) => `${i}.25${i % 2 ? '0' : ''}`);
  expect((await readingOf(csv([...cells, '0.250']))).remarks).toEqual([]);
});

test('times without a zone beside others with one are UTC, and said', async () => {
  const { type, remarks } = await readingOf(csv(['2024-05-17T10:00:00+02:00', '2024-05-17T10:00:00', '2024-05-18']));
  expect(type).toBe('TIMESTAMP');
  expect(remarks).toMatchObject([{ code: 'TIME_FORMAT', severity: 'WARNING', row: 2, count: 2 }]);
  expect((await readingOf(csv(['2024-05-17', '2024-05-18 10:00', '2024-05-19']))).remarks).toEqual([]);
  expect((await readingOf(csv(['20240517T100000Z', '20240518T100000Z']))).remarks).toHaveLength(1);
});

describe('years 543 ahead of others', () => {
  test.each([
    {
      cells: ['2563-05-01', '2564-01-30'],
      type: 'DATE',
      format: 'year, month, day, Buddhist era',
      before: '2020-05-01',
    },
    { cells: ['1/5/2563', '30/1/2564'], type: 'DATE', format: 'day, month, year, Buddhist era', before: '2020-05-01' },
    { cells: ['2563-05-01 10:20:00', '2564-01-30 1:00'], type: 'TIMESTAMP', format: 'year, month, day, Buddhist era' },
    { cells: ['1 ม.ค. 2563', '30 ธันวาคม 2564'], type: 'DATE', format: 'day, name of the month, year, Buddhist era' },
    { cells: ['๑/๕/๒๕๖๓', '๓๐/๑/๒๕๖๔'], type: 'DATE', format: 'day, month, year, Buddhist era, Thai digits' },
  ])('may be of the Buddhist era: $cells', async ({ cells, type, format, before }) => {
    const read = await readingOf(csv(cells));
    expect(read.type).toBe(type);
    const doubts = read.remarks.filter(({ severity }) => severity === 'WARNING');
    expect(doubts).toMatchObject([{ code: 'TIME_FORMAT', row: 1, count: 2, readings: [{ type, format }] }]);
    if (before) expect(doubts[0].message).toContain(`as 2563-05-01 or ${before}`);
    // What it says to send is taken.
    expect(formatsNamed(format, type as ColumnType).length).toBeGreaterThan(0);
  });

  test.each([
    ['one that stands for "open"', ['2024-05-01', '2500-01-01', '2024-05-02', '2500-01-01'], 0],
    ['far ones', ['2024-05-01', '2999-12-31', '9999-12-31'], 0],
    ['two among others', ['2024-05-01', '2563-01-01', '2024-05-02', '2564-01-01'], 1],
  ])('%s', async (_what, cells, count) => {
    const { remarks } = await readingOf(csv(cells));
    expect(remarks.filter(({ severity }) => severity === 'WARNING')).toHaveLength(count);
  });

  test('whole numbers that are called years are told', async () => {
    const told = async (name: string) =>
      (await ingest(`${name},b\n2563,x\n2550,y\n2564,z\n`)).findings.filter(({ code }) => code === 'TIME_FORMAT');
    expect(await told('year')).toMatchObject([{ column: 'year', severity: 'INFO' }]);
    expect(await told('ปี')).toMatchObject([{ column: 'ปี', severity: 'INFO' }]);
    expect(await told('torque')).toEqual([]);
  });
});

test('a far or infinite time is missing, with its row, in a short file as well', async () => {
  const read = await readingOf(csv(['2024-01-01', '290000-01-01', '2024-01-02', 'infinity', '2024-01-03 10:00:00']));
  expect(read).toMatchObject({ type: 'TIMESTAMP', missing: 2 });
  expect(read.remarks).toMatchObject([{ code: 'MIXED_TYPES', severity: 'WARNING', row: 2, count: 2 }]);
  expect((await readingOf(csv(['12345-01-01', '12345-02-02', '2024-01-01']))).type).toBe('TEXT');
});

test.each([
  { what: 'times (year, month, day)', cells: ['2024-01-01', '2024-01-02', 'soon', '2024-01-04'], row: 3, count: 1 },
  {
    what: 'times (day, month, year)',
    cells: ['13/05/2024', '14/05/2024', '15/05/2024', '05/13/2024'],
    row: 4,
    count: 1,
  },
  { what: 'numbers (decimal comma)', cells: ['0,5', '1,5', 'low', '2,75'], row: 3, count: 1 },
  { what: 'numbers', cells: ['1', '2', 'low', '2.75'], row: 3, count: 1 },
])('a column that is mostly $what says what keeps it from being so', async ({ what, cells, row, count }) => {
  const { type, remarks } = await readingOf(csv(cells, ';'));
  expect(type).toBe('TEXT');
  expect(remarks).toMatchObject([{ code: 'MIXED_TYPES', severity: 'WARNING', row, count }]);
  expect(remarks[0].message).toContain(`is mostly ${what}, but`);
});

describe('behind the head of a file', () => {
  const rows = (count: number, cell: (at: number) => string) => Array.from({ length: count }, (_, at) => cell(at));

  test('points before three digits are doubted, and a fraction settles it', async () => {
    const whole = rows(500, (at) => `${at}`);
    expect((await readingOf(csv([...whole, '1.234']))).remarks).toMatchObject([
      { code: 'NUMBER_FORMAT', severity: 'WARNING', row: 501, count: 1 },
    ]);
    expect((await readingOf(csv([...whole, '1.234', '0.5']))).remarks).toEqual([]);
    expect((await readingOf(csv(rows(500, (at) => `${1 + (at % 9)}.${100 + at}`)))).remarks).toMatchObject([
      { count: 500 },
    ]);
  });

  test('zones', async () => {
    const plain = rows(400, (at) => `2024-05-17T10:00:${10 + (at % 50)}`);
    expect((await readingOf(csv([...plain, '2024-05-17T10:00:00Z']))).remarks).toMatchObject([{ row: 1, count: 400 }]);
    const zoned = plain.map((cell) => `${cell}+02:00`);
    expect((await readingOf(csv([...zoned, '2024-05-17']))).remarks).toMatchObject([{ row: 401, count: 1 }]);
    expect((await readingOf(csv(zoned))).remarks).toEqual([]);
  });

  test('whole numbers that may be dates, and one that is none', async () => {
    const days = rows(1_500, (at) => `202405${10 + (at % 20)}`);
    expect((await readingOf(csv(days))).remarks).toMatchObject([
      { code: 'TIME_FORMAT', severity: 'INFO', count: 1_500 },
    ]);
    expect((await readingOf(csv([...days, '7']))).remarks).toEqual([]);
  });
});
