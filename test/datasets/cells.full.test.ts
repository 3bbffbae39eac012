import { formatsNamed } from '../../src/formats';
import { readByEach } from '../formats/reading.fixture';
import { ingest, type Outcome } from './ingest.fixture';

/** A column `x` of these cells, each `times` times over, beside a number that counts them. */
const file = (cells: string[], times = 1): string => {
  const rows = Array.from({ length: times }, () => cells).flat();
  return `x,n\n${rows.map((cell, i) => `"${cell.replaceAll('"', '""')}",${i}`).join('\n')}\n`;
};
const read = (cells: string[], times = 1): Promise<Outcome> => ingest(file(cells, times));
const valuesOf = ({ table }: Outcome, count: number) => {
  const [column] = table.columns;
  if (column.kind === 'number') return [...column.values.subarray(0, count)];
  return [...column.codes.subarray(0, count)].map((code) => (code < 0 ? null : column.levels[code]));
};
const about = ({ findings }: Outcome, code: string) =>
  findings.find((finding) => finding.code === code && finding.column === 'x');

test.each<[string, string[], number[], string]>([
  ['points after commas', ['3,631.65', '12'], [3631.65, 12], 'COMMA_NUMBERS'],
  ['a narrow blank between thousands', ['3\u202f631,65', '1,5'], [3631.65, 1.5], 'COMMA_NUMBERS'],
  ['apostrophes', ["3'631.65", '7.5'], [3631.65, 7.5], 'NUMBER_FORMAT'],
  ['lakhs', ['12,34,567', '1,000'], [1234567, 1000], 'COMMA_NUMBERS'],
  ['a currency before', ['$3,631.65', '-$2.50'], [3631.65, -2.5], 'COMMA_NUMBERS'],
  ['a currency behind', ['3.631,65 €', '5 €'], [3631.65, 5], 'COMMA_NUMBERS'],
  ['percent', ['36.3%', '5 %'], [36.3, 5], 'NUMBER_FORMAT'],
  ['parentheses of accountants', ['(36.7)', '12.5'], [-36.7, 12.5], 'NUMBER_FORMAT'],
  ['the minus sign of Unicode', ['\u22125.5', '3'], [-5.5, 3], 'NUMBER_FORMAT'],
  ['full-width digits', ['１２．５', '3'], [12.5, 3], 'NUMBER_FORMAT'],
  ['a unit', ['45.9 kg', '7 kg'], [45.9, 7], 'NUMBER_FORMAT'],
  ['Arabic digits and signs', ['\u0663\u066b\u0665', '\u0661\u066c\u0662\u0663\u0664'], [3.5, 1234], 'COMMA_NUMBERS'],
  ['Devanagari digits between lakhs', ['१,२३,४५६', '१२.५'], [123456, 12.5], 'COMMA_NUMBERS'],
  ['a percent sign before', ['%12,5', '%30'], [12.5, 30], 'COMMA_NUMBERS'],
  ['the percent sign of Arabic', ['\u0661\u0662\u066a', '\u0667\u066a'], [12, 7], 'NUMBER_FORMAT'],
  ['a currency that ends with a point', ['Rs. 1,23,456', 'Rs. 12'], [123456, 12], 'COMMA_NUMBERS'],
  ['a currency behind that does', ['1.234,50 kr.', '7,25 kr.'], [1234.5, 7.25], 'COMMA_NUMBERS'],
  ['whole amounts', ['Fr. 5.-', "Fr. 1'200.-", 'Fr. 2.50'], [5, 1200, 2.5], 'NUMBER_FORMAT'],
  ['whole amounts of India', ['Rs. 1,200/-', 'Rs. 7.50'], [1200, 7.5], 'COMMA_NUMBERS'],
  ['a currency outside of parentheses', ['$ (3.00)', '$ 1,000.25'], [-3, 1000.25], 'COMMA_NUMBERS'],
  ['a dash as minus', ['\u20135.5', '\uff0d3', '2'], [-5.5, -3, 2], 'NUMBER_FORMAT'],
  ['a unit behind apostrophes', ["1'234 kg", '7 kg'], [1234, 7], 'NUMBER_FORMAT'],
  ['a currency behind Arabic signs', ['\u0661\u0662\u066b\u0665 €', '\u0663 €'], [12.5, 3], 'NUMBER_FORMAT'],
  ['a unit with a digit', ['21.5 m2', '3 m2'], [21.5, 3], 'NUMBER_FORMAT'],
  ['durations', ['07:12:00', '1:30:30'], [25920, 5430], 'TIME_FORMAT'],
  ['durations with units', ['1h 30m', '45m', '2h'], [5400, 2700, 7200], 'TIME_FORMAT'],
  ['durations in words', ['1 hour 5 minutes', '2 days'], [3900, 172800], 'TIME_FORMAT'],
  ['durations of pandas', ['0 days 00:45:00', '1 days 02:00:00.500000'], [2700, 93600.5], 'TIME_FORMAT'],
  ['durations of ISO 8601', ['PT1H30M', 'P1DT2H'], [5400, 93600], 'TIME_FORMAT'],
  ['a unit of time', ['45 min', '90 min'], [45, 90], 'NUMBER_FORMAT'],
  ['several units of time, one in each', ['45 min', '2 h', '1 day'], [2700, 7200, 86400], 'TIME_FORMAT'],
  ['one unit of time in words', ['12 minutes', '7 minutes'], [720, 420], 'TIME_FORMAT'],
  ['durations of German', ['1 Std. 30 Min.', '2 Tage und 1 Stunde'], [5400, 176400], 'TIME_FORMAT'],
  ['durations of Japanese', ['1時間30分', '45秒'], [5400, 45], 'TIME_FORMAT'],
  ['durations with other blanks', ['1\u00a0h\u202f30\u00a0min', '2\u00a0h'], [5400, 7200], 'TIME_FORMAT'],
  ['a decimal comma before an exponent', ['3,194E+07', '7,954E+07'], [31940000, 79540000], 'COMMA_NUMBERS'],
])('%s', async (_what, cells, values, code) => {
  const outcome = await read(cells);
  expect(['NUMBER', 'INTEGER', 'DURATION']).toContain(outcome.columns[0].type);
  expect(valuesOf(outcome, cells.length)).toEqual(values);
  expect(about(outcome, code)).toMatchObject({ severity: 'INFO', row: 1 });
});

test.each<[string, string[], number]>([
  ['24/10/2022', ['24/10/2022', '01/02/2023'], Date.UTC(2022, 9, 24)],
  ['24.10.2022 7:05', ['24.10.2022 7:05', '1.2.2023'], Date.UTC(2022, 9, 24, 7, 5)],
  ['10/24/2022 2:05 PM', ['10/24/2022 2:05 PM', '01/02/2023 1:00 AM'], Date.UTC(2022, 9, 24, 14, 5)],
  ['Oct 24, 2022', ['Oct 24, 2022', 'May 1, 2023'], Date.UTC(2022, 9, 24)],
  ['24. Oktober 2022', ['24. Oktober 2022', '1. Mai 2023'], Date.UTC(2022, 9, 24)],
  ['20221024T070500Z', ['20221024T070500Z'], Date.UTC(2022, 9, 24, 7, 5)],
  ['Mon, 24 Oct 2022 07:05:00 +0000', ['Mon, 24 Oct 2022 07:05:00 +0000'], Date.UTC(2022, 9, 24, 7, 5)],
  ['2022-10', ['2022-10', '2023-01'], Date.UTC(2022, 9, 1)],
  ['10/2022', ['10/2022', '01/2023'], Date.UTC(2022, 9, 1)],
  ['October 2022', ['October 2022', 'May 2023'], Date.UTC(2022, 9, 1)],
  ['24OCT2022', ['24OCT2022', '01MAY2023'], Date.UTC(2022, 9, 24)],
  ['24th October 2022', ['24th October 2022', '1st May 2023'], Date.UTC(2022, 9, 24)],
  ['October 24th, 2022', ['October 24th, 2022', 'May 1st, 2023'], Date.UTC(2022, 9, 24)],
  ['24 de octubre de 2022', ['24 de octubre de 2022', '1 de mayo de 2023'], Date.UTC(2022, 9, 24)],
  ['1er octobre 2022', ['1er octobre 2022', '2 mai 2023'], Date.UTC(2022, 9, 1)],
  ['24 октября 2022 г.', ['24 октября 2022 г.', '1 мая 2023 г.'], Date.UTC(2022, 9, 24)],
  ['So, 24.10.2022', ['Mo, 24.10.2022', 'Mi, 01.02.2023'], Date.UTC(2022, 9, 24)],
  ['Mon 2022-10-24', ['Mon 2022-10-24', 'Wed 2023-02-01'], Date.UTC(2022, 9, 24)],
  [
    'Mon Oct 24 07:05:00 UTC 2022',
    ['Mon Oct 24 07:05:00 UTC 2022', 'Mon May  1 00:00:00 UTC 2023'],
    Date.UTC(2022, 9, 24, 7, 5),
  ],
  ['Mon Oct 24 07:05:00 +0200 2022', ['Mon Oct 24 07:05:00 +0200 2022'], Date.UTC(2022, 9, 24, 5, 5)],
  ['a Date of JavaScript', ['Mon Oct 24 2022 09:05:00 GMT+0200 (CEST)'], Date.UTC(2022, 9, 24, 7, 5)],
  ['a log of a web server', ['24/Oct/2022:09:05:00 +0200'], Date.UTC(2022, 9, 24, 7, 5)],
  ['2022年10月', ['2022年10月', '2023年1月'], Date.UTC(2022, 9, 1)],
  [
    '2022年10月24日(月) 7時05分',
    ['2022年10月24日(月) 7時05分', '2023年1月4日(水) 23時10分'],
    Date.UTC(2022, 9, 24, 7, 5),
  ],
  ['2022년 10월 24일', ['2022년 10월 24일', '2023년 1월 4일'], Date.UTC(2022, 9, 24)],
  ['2022. 10. 24.', ['2022. 10. 24.', '2023. 1. 4.'], Date.UTC(2022, 9, 24)],
  ['digits of Arabic', ['\u0662\u0660\u0662\u0662-\u0661\u0660-\u0662\u0664'], Date.UTC(2022, 9, 24)],
  ['full-width digits', ['２０２２/１０/２４', '２０２３/０１/０４'], Date.UTC(2022, 9, 24)],
  [
    'full-width signs',
    ['２０２２／１０／２４　０７：０５', '２０２３／０１／０４　００：００'],
    Date.UTC(2022, 9, 24, 7, 5),
  ],
  [
    'an era of Japan',
    ['令和4年10月24日', '令和元年5月1日', '平成31年4月30日', '昭和64年1月7日'],
    Date.UTC(2022, 9, 24),
  ],
  ['an era and none', ['令和4年10月24日', '2023年1月4日'], Date.UTC(2022, 9, 24)],
  ['an era with full-width digits', ['令和４年１０月２４日', '令和５年１月４日'], Date.UTC(2022, 9, 24)],
  ['the months of an era', ['令和4年10月', '令和5年1月'], Date.UTC(2022, 9, 1)],
  ['an era with a time', ['令和4年10月24日 7時05分', '令和5年1月4日 23時10分'], Date.UTC(2022, 9, 24, 7, 5)],
  ['the era of the Republic of China', ['民國111年10月24日', '民國99年1月4日'], Date.UTC(2022, 9, 24)],
  ['other blanks', ['24.10.2022\u00a007:05', '04.01.2023\u202f00:00'], Date.UTC(2022, 9, 24, 7, 5)],
  [
    '24 октября 2022 г. в 07:05',
    ['24 октября\u00a02022\u202fг. в 07:05', '1 мая 2023 г. в 07:05'],
    Date.UTC(2022, 9, 24, 7, 5),
  ],
  ['24 octobre 2022 à 07:05', ['24 octobre 2022 à 07:05', '1 mai 2023 à 07:05'], Date.UTC(2022, 9, 24, 7, 5)],
  ['24.10.2022, 07:05 Uhr', ['24.10.2022, 07:05 Uhr', '1.2.2023, 17:05 Uhr'], Date.UTC(2022, 9, 24, 7, 5)],
  ['24.10.2022 klo 7.05', ['24.10.2022 klo 7.05', '1.2.2023 klo 17.05'], Date.UTC(2022, 9, 24, 7, 5)],
])('the time %s', async (_what, cells, value) => {
  const outcome = await read(cells);
  expect(outcome.columns[0].type).toBe(
    cells.some((cell) => /[0-9]:[0-9]|[０-９]：|klo|[0-9]T[0-9]|[0-9]時/.test(cell)) ? 'TIMESTAMP' : 'DATE',
  );
  expect(valuesOf(outcome, 1)).toEqual([value]);
  expect(about(outcome, 'TIME_FORMAT')).toMatchObject({ severity: 'INFO', row: 1 });
});

test.each<[string, string[], string]>([
  ['thousands or decimals', ['3,632', '2,658', '931'], 'COMMA_NUMBERS'],
  ['day or month', ['01/02/2023', '11/12/2022'], 'TIME_FORMAT'],
])('what may be read in two ways stays text, with both: %s', async (_what, cells, code) => {
  const outcome = await read(cells);
  expect(outcome.columns[0].type).toBe('TEXT');
  expect(about(outcome, code)).toMatchObject({
    severity: 'WARNING',
    row: 1,
    message: expect.stringMatching(/\(.*; .*\)/),
  });
});

test.each([
  [
    'days',
    ['24-NOV-20', '05-MAY-68'],
    'day, name of the month, year of two digits',
    [Date.UTC(2020, 10, 24), Date.UTC(2068, 4, 5)],
  ],
  [
    'months',
    ['Nov-20', 'May-99'],
    'name of the month, year of two digits',
    [Date.UTC(2020, 10, 1), Date.UTC(1999, 4, 1)],
  ],
  [
    'times of Oracle',
    ['24-NOV-20 02.55.00.000000000 PM', '05-MAY-68 12.00.00.000000000 AM'],
    'day, name of the month, year of two digits',
    [Date.UTC(2020, 10, 24, 14, 55), Date.UTC(2068, 4, 5)],
  ],
] as [string, string[], string, number[]][])(
  'months in words with years of two digits are text, with what to say: %s',
  async (_what, cells, format, values) => {
    const outcome = await read(cells);
    expect(outcome.columns[0].type).toBe('TEXT');
    const { severity, row, readings } = about(outcome, 'TIME_FORMAT')!;
    expect({ severity, row }).toEqual({ severity: 'WARNING', row: 1 });
    const [reading] = readings!.filter((each) => each.format === format);
    expect((await readByEach(formatsNamed(reading.format, reading.type), cells)).at(0)).toEqual(values);
  },
);

test('a clock with a letter between hours and minutes is text, and said to be like times', async () => {
  const outcome = await read(['14h30', '7h05', '23h10']);
  expect(outcome.columns[0].type).toBe('TEXT');
  expect(about(outcome, 'TIME_FORMAT')).toMatchObject({ severity: 'INFO', row: 1, count: 3 });
});

test('what may be read in two ways is read as the rest of the file is written, and said so', async () => {
  const outcome = await ingest('x;area\n2.658;3,29\n931;1,5\n');
  expect(valuesOf(outcome, 2)).toEqual([2658, 931]);
  expect(about(outcome, 'COMMA_NUMBERS')).toMatchObject({ severity: 'WARNING', row: 1, count: 1 });
  const other = await ingest('x;area\n2.658;3.29\n931;1.5\n');
  expect(valuesOf(other, 2)).toEqual([2.658, 931]);
  const dates = await ingest('x,since\n01/02/2023,24/10/2022\n11/12/2022,02/03/2022\n');
  expect(valuesOf(dates, 1)).toEqual([Date.UTC(2023, 1, 1)]);
  expect(about(dates, 'TIME_FORMAT')).toMatchObject({ severity: 'WARNING' });
});

test.each<[string, string[]]>([
  ['underscores', ['26_1_10', '41_1_04']],
  ['hyphens', ['26-1-10', '31-2-11']],
  ['exponents beyond all numbers', ['77E311', '12E500', '3E1']],
  ['seats', ['12A', '13A']],
  ['two currencies', ['$5', '5 €']],
  ['years of two digits', ['17.05.24', '18.05.24']],
  ['a number and a letter, as of playing cards', ['4D', '10H', '6S']],
])('codes stay text: %s', async (_what, cells) => {
  const outcome = await read(cells);
  expect(outcome.columns[0].type).toBe('TEXT');
  expect(valuesOf(outcome, cells.length)).toEqual(cells);
});

test.each<[string, string[], string[]]>([
  ['a prefix', ['5 mW', '3 MW', '2 mW'], ['"mW" (2, such as "5 mW" in row 1)', '"MW" (1, such as "3 MW" in row 2)']],
  ['no blank', ['5mHz', '3MHz', '2,5MHz', '7'], ['"mHz" (1, such as "5mHz" in row 1)', '"MHz" (2']],
  ['bits and bytes', ['5 Mb', '3 MB'], ['"Mb" (1', '"MB" (1']],
  ['litres and megalitres', ['5 ml', '3 mL', '7 ML'], ['"ml" (1', '"mL" (1', '"ML" (1, such as "7 ML" in row 3)']],
])('units that differ in case alone and mean others keep a column text: %s', async (_what, cells, parts) => {
  const outcome = await read(cells);
  expect(outcome.columns[0].type).toBe('TEXT');
  const finding = about(outcome, 'NUMBER_FORMAT')!;
  expect(finding).toMatchObject({ severity: 'WARNING', row: 1, count: cells.length });
  for (const part of parts) expect(finding.message).toContain(part);
  const [{ type, format }] = finding.readings!;
  expect(formatsNamed(format, type)).toHaveLength(1);
});

test('units that differ in case alone and mean the same are one, and said so', async () => {
  const outcome = await read(['5 kg', '3 KG', '2 kg', '7 Kg']);
  expect(outcome.columns[0]).toMatchObject({ type: 'INTEGER', missingCount: 0 });
  expect(valuesOf(outcome, 4)).toEqual([5, 3, 2, 7]);
  const finding = outcome.findings.find(({ code, severity }) => code === 'NUMBER_FORMAT' && severity === 'WARNING')!;
  expect(finding).toMatchObject({ column: 'x', row: 2, count: 2 });
  expect(finding.message).toContain('"KG" (1, such as "3 KG" in row 2)');
  const money = await read(['5 usd', '3 USD', '2.5 Usd']);
  expect(valuesOf(money, 3)).toEqual([5, 3, 2.5]);
  expect(money.findings.filter(({ severity }) => severity === 'WARNING')).toEqual([]);
});

test('a unit in very many spellings keeps a column text, and is named in as many as a format reads', async () => {
  const spelt = Array.from({ length: 64 }, (_, i) =>
    [...'mmol/l'].map((letter, at) => ((i >> at) & 1 ? letter.toUpperCase() : letter)).join(''),
  );
  const outcome = await read(spelt.map((unit, i) => `${i} ${unit}`));
  expect(outcome.columns[0].type).toBe('TEXT');
  for (const { readings } of outcome.findings)
    for (const { type, format } of readings ?? []) expect(formatsNamed(format, type)).toHaveLength(1);
});

test.each<[string, string[], string, { row: number; count: number }]>([
  ['as many of each', ['$5', '3 €', '$7.5', '2 €'], '2 currencies ("$", "€")', { row: 2, count: 2 }],
  ['most in one', ['5 €', '$3', '7.5 €', '2 €', '4 €'], '2 currencies ("€", "$")', { row: 2, count: 1 }],
  ['all before', ['£5', '$3', '€7.5', '$2', 'NA', '$4'], '3 currencies ("$", "£", "€")', { row: 1, count: 2 }],
  ['signs that others hold', ['US$5', '$3', 'US$7', 'US$9'], '2 currencies ("US$", "$")', { row: 2, count: 1 }],
  ['words', ['5 kr.', '3 EUR', '7 kr', '2 Eur', '4 KR'], '2 currencies ("KR", "EUR")', { row: 2, count: 2 }],
])('amounts in several currencies are text, with a warning that names them: %s', async (_what, cells, named, at) => {
  const outcome = await read(cells);
  expect(outcome.columns[0].type).toBe('TEXT');
  expect(about(outcome, 'NUMBER_FORMAT')).toMatchObject({
    ...{ severity: 'WARNING', ...at },
    message: expect.stringContaining(named),
  });
});

test('one cell with a unit of another case is missing, and its row is named', async () => {
  const outcome = await read([...Array.from({ length: 150 }, (_, i) => `${i}.5 mW`), '3 MW']);
  expect(outcome.columns[0]).toMatchObject({ type: 'NUMBER', missingCount: 1 });
  expect(about(outcome, 'MIXED_TYPES')).toMatchObject({ row: 151, message: expect.stringContaining('"3 MW"') });
});

test.each<[string, string]>([
  ['alone', 'x;area\n192.168.100.200;3\n10.100.200.150;1\n'],
  ['in a file with decimal commas', 'x;area\n192.168.100.200;3,29\n10.100.200.150;1,5\n'],
])('IP addresses of which all parts have three digits are no numbers: %s', async (_what, content) => {
  const outcome = await ingest(content);
  expect(outcome.columns[0].type).toBe('TEXT');
  expect(about(outcome, 'NUMBER_FORMAT')).toMatchObject({
    ...{ severity: 'WARNING', row: 1, count: 2 },
    message: expect.stringMatching(/\(IP addresses; .*\)/),
    readings: [{ type: 'NUMBER', format: 'points between thousands, decimal comma' }],
  });
});

test('numbers with several points each may be versions, unless something tells of a decimal comma', async () => {
  const outcome = await read(['1.100.200', '1.101.200', '2.100.200']);
  expect(outcome.columns[0].type).toBe('INTEGER');
  expect(about(outcome, 'NUMBER_FORMAT')).toMatchObject({
    ...{ severity: 'WARNING', row: 1, count: 3 },
    fix: expect.stringContaining('columns: [{ name: "x", type: TEXT }]'),
  });
  for (const content of ['x\n1.234.567\n931\n', 'x\n"1.234.567,5"\n2.345.678\n', 'x;y\n1.234.567;0,5\n2.345.678;1\n'])
    expect(about(await ingest(content), 'COMMA_NUMBERS')).toMatchObject({ severity: 'INFO' });
});

test('one odd value among a hundred does not cost a column, and its row is named', async () => {
  const numbers = Array.from({ length: 199 }, (_, i) => `${i}.5`);
  const outcome = await read([...numbers.slice(0, 120), 'twelve', ...numbers.slice(120)]);
  expect(outcome.columns[0]).toMatchObject({ type: 'NUMBER', missingCount: 1 });
  expect(about(outcome, 'MIXED_TYPES')).toMatchObject({ severity: 'WARNING', row: 121, count: 1 });
  const days = Array.from({ length: 199 }, (_, i) => `2023-0${1 + (i % 9)}-1${i % 9}`);
  const dates = await read([...days, '2023-02-30']);
  expect(dates.columns[0]).toMatchObject({ type: 'DATE', missingCount: 1 });
  expect(about(dates, 'MIXED_TYPES')).toMatchObject({ row: 200, message: expect.stringContaining('"2023-02-30"') });
});

test.each(['n.a.', '\\N', '#DIV/0!', '0000-00-00', '<NA>', 'NaT', '(blank)', 'Not available', '\u672a\u77e5'])(
  '%s is missing among numbers',
  async (word) => {
    const outcome = await read(['1.5', word, '2']);
    expect(outcome.columns[0]).toMatchObject({ type: 'NUMBER', missingCount: 1 });
    expect(about(outcome, 'DISGUISED_MISSING')).toMatchObject({ row: 2 });
  },
);

test('texts that look the same are the same; those that differ in case or blanks are told', async () => {
  const outcome = await read(['caf\u00e9', 'cafe\u0301', '\u3000caf\u00e9\u200b', '\ufeffcaf\u00e9\u00a0']);
  expect(outcome.columns[0]).toMatchObject({ type: 'TEXT', distinctCount: 1 });
  const cases = await read(['Good', 'good', 'very  bad', 'very bad', 'other']);
  expect(cases.columns[0].distinctCount).toBe(5);
  expect(about(cases, 'SIMILAR_VALUES')).toMatchObject({ severity: 'WARNING', count: 2 });
});

test.each<[string, string[], string, number]>([
  ['a number', ['1.5', '2.5', '7'], 'NUMBER', 1.5],
  ['a number with a decimal comma', ['1,5', '2,5', '7'], 'NUMBER', 1.5],
  ['a date', ['24.10.2022', '01.02.2023'], 'DATE', Date.UTC(2022, 9, 24)],
])('one odd cell in hundreds does not cost a column of few values: %s', async (_what, cells, type, first) => {
  const cellsOf = Array.from({ length: 150 }, () => cells).flat();
  const outcome = await read([...cellsOf, 'see note']);
  expect(outcome.columns[0].type).toBe(type);
  expect(valuesOf(outcome, 1)).toEqual([first]);
  expect(about(outcome, 'MIXED_TYPES')).toMatchObject({ severity: 'WARNING', row: cellsOf.length + 1, count: 1 });
});

test('points between thousands are read beside numbers as programs write them', async () => {
  const outcome = await ingest('x,n,m\n1.234.567,1,0.5\n2.345.678,2,7\n');
  expect(outcome.columns.map(({ type }) => type)).toEqual(['INTEGER', 'INTEGER', 'NUMBER']);
  expect(valuesOf(outcome, 2)).toEqual([1234567, 2345678]);
});

test.each<[string, string[], string, string]>([
  ['an unknown unit', ['5,25 Zz', '3,00 Zz', '1,50 Zz'], 'NUMBER_FORMAT', 'format: "decimal comma, Zz behind it"'],
  ['an unknown currency', ['XYZ 5.25', 'XYZ 3.00'], 'NUMBER_FORMAT', 'format: "decimal point, XYZ before it"'],
  ['quarters', ['2024Q3', '2024Q4', '2023Q1'], 'TIME_FORMAT', '"2024Q3"'],
  ['weeks of ISO 8601', ['2024-W20', '2024-W01'], 'TIME_FORMAT', '"2024-W20"'],
  ['times with the name of a zone', ['2024-05-17 10:20:00 CET', '2024-08-17 10:20:00 CEST'], 'TIME_FORMAT', 'CET'],
  [
    'dates with marks of direction inside',
    ['17\u200f/05\u200f/2024', '01\u200f/12\u200f/2024'],
    'TIME_FORMAT',
    '\\u200f',
  ],
])('text that may be numbers or times in no form that is known says so: %s', async (_what, cells, code, part) => {
  const outcome = await read(cells);
  expect(outcome.columns[0].type).toBe('TEXT');
  const finding = about(outcome, code);
  expect(finding).toMatchObject({ severity: 'INFO', row: 1, count: cells.length });
  expect(`${finding!.message} ${finding!.fix}`).toContain(part);
});

test.each<[string, string[]]>([
  ['product numbers', ['M14860', 'L47181', 'L47182', 'M14861']],
  ['numbers of users', ['user12', 'user13', 'user140']],
  ['seats', ['12A', '13A', '14A']],
  ['titles with years', ['Heat (1995)', 'Casino (1995)', 'Alien (1979)', 'Solaris (1972)']],
  ['versions', ['1.2.3', '1.10.0']],
  ['numbers joined by underscores', ['26_1_10', '41_1_10', '1_0']],
])('of names and codes nothing is said: %s', async (_what, cells) => {
  const { columns, findings } = await read(cells);
  expect(columns[0].type).toBe('TEXT');
  expect(findings.filter(({ code }) => code.endsWith('_FORMAT') || code === 'COMMA_NUMBERS')).toEqual([]);
});

test('one odd word among true and false is named', async () => {
  const outcome = await read([...Array.from({ length: 100 }, (_, i) => String(i % 2 === 0)), 'maybe']);
  expect(about(outcome, 'MIXED_TYPES')).toMatchObject({ severity: 'WARNING', row: 101, count: 1 });
});

test.each<[string, string, string, string]>([
  ['a letter of another alphabet', 'Anna', '\u0410nna', '"Anna" and "\\u0410nna"'],
  ['full-width letters', 'A1', '\uff21\uff11', '"A1" and "\\uff21\\uff11"'],
  ['a zero-width blank', 'ab c', 'ab\u200b c', '"ab c" and "ab\\u200b c"'],
  ['a soft hyphen', 'abc', 'ab\u00adc', '"abc" and "ab\\u00adc"'],
  ['a tab', 'New York', 'New\tYork', '"New\\tYork" and "New York"'],
  ['an end of line', 'New York', 'New\nYork', '"New\\nYork" and "New York"'],
])('values that look the same are told, so that one sees why: %s', async (_what, first, second, shownPair) => {
  const finding = about(await read([first, second, 'other']), 'SIMILAR_VALUES');
  expect(finding).toMatchObject({ severity: 'WARNING', count: 1 });
  expect(finding!.message).toContain(shownPair);
});

test('marks of direction around values carry nothing', async () => {
  const labels = await read(['\u202bred\u202c', 'red', '\u2067red\u2069', '\u061cred', '\u3164']);
  expect(valuesOf(labels, 5)).toEqual(['red', 'red', 'red', 'red', null]);
  const numbers = await read(['\u202a1.5\u202c', '2', '\u200e-3']);
  expect(valuesOf(numbers, 3)).toEqual([1.5, 2, -3]);
});
