/** Files as people have them, each with what must come of it: types, values, findings. */
import type { FindingCode, FindingSeverity } from '../../src/datasets/ingest/finding';
import { ingest, numbersOf, type Outcome } from './ingest.fixture';

const COUNT = 120;
const rows = (row: (at: number) => unknown[]): unknown[][] => Array.from({ length: COUNT }, (_, at) => row(at));
const two = (value: number): string => String(value).padStart(2, '0');

interface Layout {
  header?: string[];
  divided?: string;
}

const csv = (lines: unknown[][], { header = ['n', 'x', 'kind'], divided = ',' }: Layout = {}): string =>
  [header, ...lines].map((line) => `${line.join(divided)}\n`).join('');

/** Between a number and a class stands the column of the case, called x. */
const column = (cell: (at: number) => string, divided = ','): string =>
  csv(
    rows((at) => [at * 0.25 + 0.5, divided === ',' ? `"${cell(at).replaceAll('"', '""')}"` : cell(at), 'ab'[at % 2]]),
    { divided },
  );

/** What `x` is: type, first values as numbers or texts, and how many are missing. */
function x({ columns, firstRows }: Outcome) {
  const at = columns.findIndex(({ name }) => name === 'x');
  return {
    type: columns[at].type,
    missing: columns[at].missingCount,
    values: numbersOf(columns, firstRows.slice(0, 3)).map((r) => r[at]),
  };
}

const told = ({ findings }: Outcome, name = 'x'): [FindingSeverity, FindingCode][] =>
  findings
    .filter(
      (finding) =>
        finding.column === name && !['IDENTIFIER', 'MISSING_VALUES', 'HIGH_CARDINALITY'].includes(finding.code),
    )
    .map(({ severity, code }) => [severity, code]);

const finding = ({ findings }: Outcome, code: FindingCode) => findings.find((each) => each.code === code)!;

const plain = (at: number): string => (3_631.65 + at).toFixed(2);
const [points, commas] = [plain, plain].map((write, style) => (at: number) => {
  const [whole, part] = write(at).split('.');
  const parts = `${whole.slice(0, -3)}${style ? ',' : '.'}${whole.slice(-3)}`;
  return `${parts}${style ? '.' : ','}${part}`;
});
const NUMBERS = [3631.65, 3632.65, 3633.65];

describe('numbers as people write them', () => {
  test.each<[string, (at: number) => string, string, FindingCode]>([
    ['commas between thousands', commas, ',', 'COMMA_NUMBERS'],
    ['points between thousands', points, ';', 'COMMA_NUMBERS'],
    ['a narrow blank that does not break', (at) => points(at).replace('.', '\u202f'), ';', 'COMMA_NUMBERS'],
    ['a blank that does not break', (at) => points(at).replace('.', '\u00a0'), ';', 'COMMA_NUMBERS'],
    ['a thin blank', (at) => points(at).replace('.', '\u2009'), ';', 'COMMA_NUMBERS'],
    ['an apostrophe', (at) => commas(at).replace(',', "'"), ';', 'NUMBER_FORMAT'],
    ['a euro sign behind', (at) => `${points(at)} €`, ';', 'COMMA_NUMBERS'],
    ['a dollar sign before', (at) => `$${commas(at)}`, ',', 'COMMA_NUMBERS'],
    ['a percent sign', (at) => `${plain(at)}%`, ',', 'NUMBER_FORMAT'],
    ['a unit', (at) => `${plain(at)} kg`, ',', 'NUMBER_FORMAT'],
  ])('%s', async (_name, cell, divided, code) => {
    const outcome = await ingest(column(cell, divided));
    expect(x(outcome)).toEqual({ type: 'NUMBER', missing: 0, values: NUMBERS });
    expect(told(outcome)).toEqual([['INFO', code]]);
  });

  test.each<[string, (at: number) => string, number[]]>([
    ['parentheses for less than nothing', (at) => (at % 2 ? `${at + 0.5}` : `(${at + 36.7})`), [-36.7, 1.5, -38.7]],
    ['a minus sign of its own', (at) => (at % 2 ? `${at + 0.5}` : `\u2212${at + 0.7}`), [-0.7, 1.5, -2.7]],
  ])('%s', async (_name, cell, values) => {
    const outcome = await ingest(column(cell));
    expect(x(outcome)).toEqual({ type: 'NUMBER', missing: 0, values });
    expect(told(outcome)).toEqual([['INFO', 'NUMBER_FORMAT']]);
  });

  test('full-width digits', async () => {
    const outcome = await ingest(
      column((at) => [...String(314 + at)].map((d) => '０１２３４５６７８９'[Number(d)]).join('')),
    );
    expect(x(outcome)).toEqual({ type: 'INTEGER', missing: 0, values: [314, 315, 316] });
    expect(told(outcome)).toEqual([['INFO', 'NUMBER_FORMAT']]);
  });

  test('points before three digits stand between thousands where another column has decimal commas', async () => {
    const people = (at: number) => (at % 4 ? `${2 + at}.${658 + at}` : String(931 - at));
    const lines = rows((at) => [people(at), `${(at / 4).toFixed(2).replace('.', ',')}`, 'ab'[at % 2]]);
    const outcome = await ingest(csv(lines, { header: ['x', 'area', 'kind'], divided: ';' }));
    expect(x(outcome)).toEqual({ type: 'INTEGER', missing: 0, values: [931, 3659, 4660] });
    expect(told(outcome)).toEqual([['WARNING', 'COMMA_NUMBERS']]);
    expect(finding(outcome, 'COMMA_NUMBERS').message).toContain('two ways');
  });

  test('three digits behind each comma leave a question', async () => {
    const outcome = await ingest(column((at) => `3,${632 + at}`));
    expect(x(outcome).type).toBe('TEXT');
    expect(told(outcome)).toEqual([['WARNING', 'COMMA_NUMBERS']]);
  });

  test.each<[string, string[]]>([
    ['underscores', ['26_1_10', '41_1_04', '3_2_7']],
    ['hyphens', ['26-1-10', '31-1-04', '41-2-7']],
    ['exponents beyond any number', ['77E311', '12E512', '3E400']],
  ])('codes with %s are text', async (_name, codes) => {
    const outcome = await ingest(column((at) => codes[at % 3]));
    expect(x(outcome)).toEqual({ type: 'CATEGORY', missing: 0, values: codes });
    expect(told(outcome).filter(([severity]) => severity === 'WARNING')).toEqual([]);
  });
});

describe('times as people write them', () => {
  const day = (at: number): number => Date.UTC(2022, 9, 1 + (at % 28));

  test.each<[string, (at: number) => string, number]>([
    ['days before months', (at) => `${two(1 + (at % 28))}/10/2022`, 0],
    ['days before months, points', (at) => `${1 + (at % 28)}.10.2022`, 0],
    ['months before days, half days', (at) => `10/${1 + (at % 28)}/2022 2:05 PM`, 50_700_000],
    ['names of months', (at) => `Oct ${1 + (at % 28)}, 2022`, 0],
    ['no signs', (at) => `202210${two(1 + (at % 28))}T100000Z`, 36_000_000],
    ['mail', (at) => `${new Date(day(at)).toUTCString().replace('00:00:00 GMT', '10:00:00 +0000')}`, 36_000_000],
  ])('%s', async (_name, cell, after) => {
    const outcome = await ingest(column(cell));
    expect(x(outcome)).toEqual({
      type: after === 0 ? 'DATE' : 'TIMESTAMP',
      missing: 0,
      values: [0, 1, 2].map((at) => day(at) + after),
    });
    expect(told(outcome)).toEqual([['INFO', 'TIME_FORMAT']]);
  });

  test('months', async () => {
    const outcome = await ingest(column((at) => `2024-${two(1 + (at % 12))}`));
    expect(x(outcome).values).toEqual([0, 1, 2].map((month) => Date.UTC(2024, month, 1)));
  });

  test.each<[string, (at: number) => string, number[]]>([
    ['durations', (at) => `07:${two(at % 60)}:00`, [25_200, 25_260, 25_320]],
    ['times of day', (at) => `10:${two(at % 60)}`, [36_000, 36_060, 36_120]],
  ])('%s are seconds', async (_name, cell, values) => {
    const outcome = await ingest(column(cell));
    expect(x(outcome)).toEqual({ type: 'TIME', missing: 0, values });
    expect(told(outcome)).toEqual([['INFO', 'TIME_FORMAT']]);
  });

  test('day and month that cannot be told apart leave a question', async () => {
    const outcome = await ingest(column((at) => `0${1 + (at % 9)}/0${1 + (at % 7)}/2023`));
    expect(x(outcome).type).toBe('TEXT');
    expect(told(outcome)).toEqual([['WARNING', 'TIME_FORMAT']]);
  });

  test.each(['2023-02-30', '290000-01-01', 'soon'])('one %s among dates is missing, with its row', async (odd) => {
    const outcome = await ingest(column((at) => (at === 77 ? odd : new Date(day(at)).toISOString().slice(0, 10))));
    expect(x(outcome)).toMatchObject({ type: 'DATE', missing: 1 });
    expect(outcome.findings).toContainEqual(expect.objectContaining({ column: 'x', row: 78, severity: 'WARNING' }));
  });
});

describe('words', () => {
  const MISSING = [
    ...['n.a.', 'n.d.', '\\N', '<NA>', 'NaT', '#DIV/0!', '#VALUE!', '#REF!', '#NUM!', '(blank)', 'Not available'],
    ...['NA', 'null', '?', '-'],
  ];

  test('for missing are missing among numbers', async () => {
    const outcome = await ingest(column((at) => MISSING[at - 10] ?? `${at}.5`));
    expect(x(outcome)).toMatchObject({ type: 'NUMBER', missing: MISSING.length });
    expect(told(outcome)).toEqual([['WARNING', 'DISGUISED_MISSING']]);
  });

  test('for no day are missing among dates', async () => {
    const outcome = await ingest(column((at) => (at === 3 ? '0000-00-00' : `2024-01-${two(1 + (at % 28))}`)));
    expect(x(outcome)).toMatchObject({ type: 'DATE', missing: 1 });
    expect(told(outcome)).toEqual([['WARNING', 'DISGUISED_MISSING']]);
  });

  test('that look the same are one', async () => {
    const around = ['', '\u3000', '\u2009', '\u200b', '\ufeff', ' '];
    const outcome = await ingest(
      column((at) => `${around[at % 6]}${['cafe\u0301', 'caf\u00e9', 'bar'][at % 3]}${around[(at + 1) % 6]}`),
    );
    expect(outcome.columns[1]).toMatchObject({ type: 'CATEGORY', distinctCount: 2, missingCount: 0 });
    expect(told(outcome)).toEqual([]);
  });

  test('that differ in case are warned of', async () => {
    const outcome = await ingest(column((at) => ['Yes', 'yes', 'No'][at % 3]));
    expect(told(outcome)).toEqual([['WARNING', 'SIMILAR_VALUES']]);
  });

  test('for true and false are true and false in any case', async () => {
    const outcome = await ingest(column((at) => ['True', 'FALSE', 'true'][at % 3]));
    expect(x(outcome)).toEqual({ type: 'BOOLEAN', missing: 0, values: [true, false, true] });
    expect(told(outcome)).toEqual([]);
  });

  test('a third one beside true and false is said', async () => {
    const outcome = await ingest(column((at) => ['true', 'false', 'unknown'][at % 3]));
    expect(x(outcome)).toMatchObject({ type: 'BOOLEAN', missing: 40 });
    expect(told(outcome)).toEqual([['WARNING', 'DISGUISED_MISSING']]);
  });
});

test('commas in names and in decimals do not win against semicolons', async () => {
  const header = ['length, mm', 'width, mm', 'weight, g', 'fits'];
  const comma = (value: number, digits: number) => value.toFixed(digits).replace('.', ',');
  const lines = rows((at) => [
    comma(5 + at / 7, 2),
    comma(1 + at / 9, 3),
    comma(50 + at / 3, 1),
    at % 2 ? 'yes' : 'no',
  ]);
  const { columns, firstRows } = await ingest(csv(lines, { header, divided: ';' }));
  expect(columns.map(({ name, type }) => [name, type])).toEqual(
    header.map((name, at) => [name, at < 3 ? 'NUMBER' : 'CATEGORY']),
  );
  expect(firstRows[0]).toEqual([5, 1, 50, 'no']);
});

test('a mark of byte order inside the file costs no column, and digits far from zero none', async () => {
  const lines = rows((at) => [1_715_940_000 + at, at / 8, 'pq'[at % 2]]);
  const text = csv(lines).replace('\n1715940060', '\n\ufeff1715940060');
  const outcome = await ingest(text);
  expect(outcome.columns.map(({ type }) => type)).toEqual(['INTEGER', 'NUMBER', 'CATEGORY']);
  expect(outcome.table.columns[0]).toMatchObject({ values: Float64Array.from(lines, ([n]) => n as number) });
  expect(finding(outcome, 'SKIPPED')).toMatchObject({ severity: 'INFO' });
});

test('numbers beyond float32 and times keep their values', async () => {
  const lines = rows((at) => [`${(at + 1) * 3.5}e38`, new Date(Date.UTC(2024, 0, 1) + at * 1_001).toISOString(), 'k']);
  const { table } = await ingest(csv(lines));
  expect(table.columns).toMatchObject([
    { values: Float64Array.from(lines, (_, at) => Number(`${(at + 1) * 3.5}e38`)) },
    { values: Float64Array.from(lines, (_, at) => Date.UTC(2024, 0, 1) + at * 1_001) },
    { levels: ['k'] },
  ]);
});
