/**
 * The head of a file tells what a column is loaded as. What comes behind it is read no other way than if it had stood there:
 * each odd cell comes once in the second row, where it is seen at once, and once in the last.
 */
import { ingest, type Outcome } from './ingest.fixture';

/** More than the head shows, and no more different texts than formats are looked for in. */
const ROWS = 350;
const PLAIN = {
  whole: (row: number) => String(row),
  number: (row: number) => (row / 8).toFixed(3),
  time: (row: number) => `2024-01-${String((row % 28) + 1).padStart(2, '0')} 10:00:0${row % 10}`,
  truth: (row: number) => (row % 3 === 0 ? 'true' : 'False'),
};
const ODD = {
  whole: [
    '',
    '" "',
    '1.5',
    '+7',
    '-0',
    '1.',
    ' 12 ',
    '007',
    '00.5',
    '1_000',
    '1e999',
    '-inf',
    'nan',
    'NA',
    '9007199254740993',
  ],
  number: [
    '.5',
    '1E5',
    '1e16',
    '"1,5"',
    '"2,500.25"',
    '36.3%',
    '\u22125',
    '\uff15',
    '\u00a05',
    '#DIV/0!',
    '99999999999999999',
    'x',
    '0x1f',
  ],
  time: [
    '',
    '2024-02-30',
    '2024-05-17T10:00:00Z',
    '2024-05-17T10:00:00+02:00',
    '2024-5-7',
    '17.05.2024',
    'NaT',
    'infinity',
    '0000-00-00',
    '2024-05-17 24:00:00',
    '2024-05-17 10:00:00.123456789',
    '290000-01-01',
  ],
  truth: ['', 'TRUE', ' true ', 'yes', '1', '0.5', 'NA', 'nan', 'unknown', 'x'],
};

const file = (column: keyof typeof PLAIN, odd: string, isEarly: boolean): string => {
  const cells = Array.from({ length: ROWS }, (_, row) => PLAIN[column](row));
  const values = isEarly ? [cells[0], odd, ...cells.slice(1)] : [...cells, odd];
  const names = Array.from({ length: ROWS }, (_, row) => `n${row}`);
  const all = isEarly ? [names[0], 'odd', ...names.slice(1)] : [...names, 'odd'];
  return `name,${column}\n${values.map((cell, row) => `${all[row]},${cell}`).join('\n')}\n`;
};

/** Values by name, so that the order of the rows does not matter; findings without their rows. */
function content({ columns, findings, table }: Outcome) {
  const [names, values] = table.columns as any[];
  const cells = Array.from(names.codes as Int32Array, (code, row) => [
    names.levels[code],
    values.levels ? (values.levels[values.codes[row]] ?? null) : values.values[row],
  ]);
  return {
    types: columns.map(({ type, format }) => [type, format?.name]),
    cells: cells.sort(([a], [b]) => (a < b ? -1 : 1)),
    findings: findings.map(({ code, column, count }) => ({ code, column, count })),
  };
}

describe('odd cells behind the head of a file', () => {
  const cases = Object.entries(ODD).flatMap(([column, cells]) => cells.map((cell) => [column, cell] as const));
  test.each(cases)('%s: %j', async (column, cell) => {
    const first = await ingest(file(column as keyof typeof PLAIN, cell, true));
    const last = await ingest(file(column as keyof typeof PLAIN, cell, false));
    expect(content(last)).toEqual(content(first));
  });

  test('a decimal comma anywhere asks for the texts of all numbers', async () => {
    const rows = Array.from({ length: ROWS }, (_, row) => `"${row % 7},5";2.${100 + (row % 900)};"n${row}"`);
    const late = await ingest(
      `late;points;n\n${Array.from({ length: ROWS }, () => `;3.100;x`).join('\n')}\n${rows.join('\n')}\n`,
    );
    const early = await ingest(`late;points;n\n${rows.join('\n')}\n`);
    expect(late.columns.map(({ type, numbers }) => [type, numbers?.maximum])).toEqual(
      early.columns.map(({ type, numbers }) => [type, type === 'INTEGER' ? 3100 : numbers?.maximum]),
    );
  });
});

describe('one cell in row 100,000', () => {
  const COUNT = 100_000;
  const cellsOf = (cell: (row: number) => string, last: string): string =>
    `x,n\n${Array.from({ length: COUNT }, (_, row) => `${row === COUNT - 1 ? last : cell(row)},${row}`).join('\n')}\n`;
  const findingsOf = ({ findings }: Outcome, code: string) =>
    findings.filter((finding) => finding.code === code && finding.column === 'x');

  test.each<[string, (row: number) => string, string, string]>([
    ['of whole numbers', (row) => String(row % 30), '7.0', '"7" and "7.0" are 7'],
    ['with a decimal', (row) => `1.${row % 9}`, '1.50', '"1.5" and "1.50" are 1.5'],
    ['with two decimals', (row) => `0.${10 + (row % 50)}`, '0.5', '"0.50" and "0.5" are 0.5'],
    ['with an exponent', (row) => `${1 + (row % 9)}E5`, '10E4', '"1E5" and "10E4" are 100000'],
  ])('spells a number of few %s in another way', async (_, cell, last, both) => {
    const [finding] = findingsOf(await ingest(cellsOf(cell, last)), 'SIMILAR_VALUES');
    expect(finding).toMatchObject({ severity: 'INFO', row: COUNT, count: 1 });
    expect(finding.message).toContain(both);
  });

  test('is no date of a year of two digits, or has another order', async () => {
    const day = (row: number) => `${10 + (row % 19)}.0${1 + (row % 9)}.24`;
    const [odd] = findingsOf(await ingest(cellsOf(day, 'soon')), 'TIME_FORMAT');
    expect(odd).toMatchObject({ severity: 'WARNING', row: 1, count: COUNT - 1 });
    expect(odd.message).toContain(`(but for 1 value such as "soon" in row ${COUNT})`);
    const early = (row: number) => `0${1 + (row % 9)}.0${1 + (row % 7)}.24`;
    const [either] = findingsOf(await ingest(cellsOf(early, '01.02.24')), 'TIME_FORMAT');
    expect(either.readings!.length).toBeGreaterThan(1);
  });

  test('is no time of an unknown form, and not counted as one', async () => {
    const quarter = (row: number) => `20${10 + (row % 15)}Q${1 + (row % 4)}`;
    const [finding] = findingsOf(await ingest(cellsOf(quarter, 'soon')), 'TIME_FORMAT');
    expect(finding).toMatchObject({ severity: 'INFO', row: 1, count: COUNT - 1 });
  });

  test('is no day among whole numbers, or has a unit of another case', async () => {
    const day = (row: number) => `202405${10 + (row % 20)}`;
    expect(findingsOf(await ingest(cellsOf(day, '20240599')), 'TIME_FORMAT')).toEqual([]);
    const [unit] = findingsOf(await ingest(cellsOf((row) => `${row % 50} mW`, '3 MW')), 'MIXED_TYPES');
    expect(unit).toMatchObject({ row: COUNT, count: 1, message: expect.stringContaining('"3 MW"') });
  });

  test('has a decimal point that is none between thousands', async () => {
    const thousands = (row: number) => `${1 + (row % 9)}.${100 + (row % 900)}`;
    expect(findingsOf(await ingest(cellsOf(thousands, '2.345')), 'NUMBER_FORMAT')).toMatchObject([{ count: COUNT }]);
    expect(findingsOf(await ingest(cellsOf(thousands, '2.5')), 'NUMBER_FORMAT')).toEqual([]);
  });
});
