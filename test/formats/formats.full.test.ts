import {
  BOOLEAN_FORMATS,
  CLOCK_FORMATS,
  COLUMN_TYPES,
  DATE_FORMATS,
  DIGIT_SCRIPTS,
  type Format,
  inScript,
  isMissingWord,
  isMissingWordSql,
  MISSING_WORDS,
  normalText,
  normalTextSql,
  numberFormats,
  MINUTES_SECONDS,
  SAID_CLOCK_FORMATS,
  SAID_DATE_FORMATS,
  SECONDS_FORMATS,
  SHORT_YEAR_FORMATS,
  TEXT_FORMATS,
  SAID_TIME_FORMATS,
  TIME_FORMATS,
} from '../../src/formats';
import { Random } from '../support/random';
import { evaluate, readBoth, readByEach } from './reading.fixture';

const [FULL_WIDTH, ARABIC] = DIGIT_SCRIPTS;
const COUNT = 10_000;
const DAY_MS = 86_400_000;
/** Locale, the style that reads what Intl writes, currency. */
const LOCALES: [string, number, string][] = [
  ['en-US', 2, 'USD'],
  ['de-DE', 3, 'EUR'],
  ['fr-FR', 5, 'EUR'],
  ['de-CH', 6, 'CHF'],
  ['zh-CN', 2, 'CNY'],
  ['ja-JP', 2, 'JPY'],
  ['en-IN', 8, 'INR'],
  ['es-ES', 3, 'EUR'],
];

describe.each(LOCALES)('numbers of %s', (locale, style, currency) => {
  const random = new Random(7);
  const values = Array.from({ length: COUNT }, () => random.number());

  test('as Intl writes them', async () => {
    const writer = new Intl.NumberFormat(locale, { maximumFractionDigits: 6 });
    const format = numberFormats({ before: '', behind: '' })[style];
    const texts = values.map((value) => normalText(writer.format(value)));
    expect(await readBoth(format, texts)).toEqual(values.map((value) => Number(value.toFixed(6)) + 0));
  });

  test('with a currency, and with a percent sign', async () => {
    const writer = new Intl.NumberFormat(locale, { style: 'currency', currency, minimumFractionDigits: 2 });
    const parts = writer.formatToParts(1);
    const sign = parts.find(({ type }) => type === 'currency')!.value;
    const isBefore = parts[0].type === 'currency';
    const format = numberFormats({ before: isBefore ? sign : '', behind: isBefore ? '' : sign })[style];
    const texts = values.map((value) => normalText(writer.format(value)));
    expect(await readBoth(format, texts)).toEqual(values.map((value) => Number(value.toFixed(2)) + 0));
    const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 });
    const cells = values.slice(0, 1_000).map((value) => normalText(percent.format(Number(value.toFixed(2)) / 100)));
    const read = await readBoth(numberFormats({ before: '', behind: '%' })[style], cells);
    read.forEach((value, i) => expect(value).toBeCloseTo(Number(values[i].toFixed(2)), 1));
  });
});

test.each([
  ['(1,234.50)', 2, -1234.5],
  ['\u22121,234.5', 2, -1234.5],
  ['12.5-', 0, -12.5],
  ['+7', 0, 7],
  ['.5', 0, 0.5],
  ['5.', 0, 5],
  ['1e3', 0, 1000],
  ['1,5e-3', 1, 0.0015],
  ["3'631.65", 6, 3631.65],
  ['12,34,567.8', 8, 1234567.8],
])('%s is a number', async (text, style, value) => {
  expect(await readBoth(numberFormats({ before: '', behind: '' })[style], [text])).toEqual([value]);
});

test('full-width digits are read', async () => {
  const format = numberFormats({ before: '￥', behind: '' }, FULL_WIDTH)[2];
  expect(await readBoth(format, ['￥１，２３４．５', '－３', '12'])).toEqual([1234.5, -3, 12]);
});

test.each([
  ['ar-EG', 2],
  ['fa-IR', 2],
  ['mr-IN-u-nu-deva', 8],
  ['bn-BD-u-nu-beng', 8],
  ['th-TH-u-nu-thai', 2],
])('digits of %s are read as Intl writes them', async (locale, style) => {
  const random = new Random(5);
  const values = Array.from({ length: 1_000 }, () => random.number());
  const writer = new Intl.NumberFormat(locale, { maximumFractionDigits: 6 });
  const texts = values.map((value) => normalText(writer.format(value)).replace(/[\u061c\u200e\u200f]/g, ''));
  const script = DIGIT_SCRIPTS.find(({ digits }) => texts.some((text) => digits.includes(text.at(-1)!)))!;
  const format = numberFormats({ before: '', behind: '' }, script)[style];
  expect(await readBoth(format, texts)).toEqual(values.map((value) => Number(value.toFixed(6)) + 0));
});

test('what is no number of the form is none, in both readings', async () => {
  const texts = [
    '1_0',
    '26_1_10',
    '0x10',
    '1e400',
    'inf',
    'nan',
    '1,2,3',
    '12,34',
    '1.2.3',
    '',
    '-',
    '()',
    '(-5)',
    '--5',
    '1e',
    '１2',
    'kg',
    '5 kg kg',
    'a\n5',
    '5\n',
  ];
  for (const style of numberFormats({ before: '', behind: '' })) await readBoth(style, texts);
  const [plain] = numberFormats({ before: '', behind: '' });
  expect(new Set(await readBoth(plain, texts))).toEqual(new Set([null]));
});

test('any text is read alike, or by neither', async () => {
  const random = new Random(3);
  const texts = Array.from({ length: 3_000 }, () =>
    normalText(random.text('0123456789.,\'-+()eE $€%kg\u00a0\u2212１2:/TZapm年月日令和元\u0661\u066b\u066cPDHMS="')),
  );
  const formats = [
    ...numberFormats({ before: '$', behind: '' }),
    ...numberFormats({ before: '', behind: 'kg' }, FULL_WIDTH),
    ...numberFormats({ before: '%', behind: '' }, ARABIC),
    ...numberFormats({ before: 'E', behind: 'e' }),
    ...numberFormats({ before: '', behind: 'PM', also: ['Pm'] }, FULL_WIDTH),
    ...TIME_FORMATS.slice(0, 3).map((format) => inScript(format, ARABIC)),
    ...TIME_FORMATS,
    ...SAID_TIME_FORMATS,
    ...DATE_FORMATS,
    ...SAID_DATE_FORMATS,
    ...CLOCK_FORMATS,
    ...SAID_CLOCK_FORMATS,
    ...SECONDS_FORMATS,
    MINUTES_SECONDS,
    ...TEXT_FORMATS,
    ...BOOLEAN_FORMATS,
  ];
  for (const format of formats) await readBoth(format, texts);
});

describe('times', () => {
  const [ymd, , , dmy, , , mdy] = TIME_FORMATS;
  const named = TIME_FORMATS.filter(({ name }) => name.includes('name of the month'));
  const utc = Date.UTC;

  test.each<[string, Format, number | null]>([
    ['2024-05-17', ymd, utc(2024, 4, 17)],
    ['2024-05-17T10:20:30.25Z', ymd, utc(2024, 4, 17, 10, 20, 30, 250)],
    ['2024-05-17 10:20+05:30', ymd, utc(2024, 4, 17, 4, 50)],
    ['2024-05-17 10:20:30 -08', ymd, utc(2024, 4, 17, 18, 20, 30)],
    ['2024-05-17 10:20:30,25', ymd, utc(2024, 4, 17, 10, 20, 30, 250)],
    ['2024-02-30', ymd, null],
    ['2024-05-17 24:00', ymd, null],
    ['17.05.2024', dmy, utc(2024, 4, 17)],
    ['17.5.2024 7:05', dmy, utc(2024, 4, 17, 7, 5)],
    ['17.05.24', dmy, null],
    ['5/17/2024 12:30 AM', mdy, utc(2024, 4, 17, 0, 30)],
    ['5/17/2024 12:30 p.m.', mdy, utc(2024, 4, 17, 12, 30)],
    ['5/17/2024, 7:05:09 PM', mdy, utc(2024, 4, 17, 19, 5, 9)],
    ['17 mai 2024', named[0], utc(2024, 4, 17)],
    ['17. März 2024', named[0], utc(2024, 2, 17)],
    ['Fri, 17 May 2024 10:00:00 +0200', named[0], utc(2024, 4, 17, 8)],
    ['17-Sep-2024', named[0], utc(2024, 8, 17)],
    ['Oct 24, 2022', named[1], utc(2022, 9, 24)],
    ['December 1, 2022 4:00 pm', named[1], utc(2022, 11, 1, 16)],
    ['2024-05', TIME_FORMATS.find(({ name }) => name === 'year, month')!, utc(2024, 4, 1)],
    ['2024年5月7日 10:20', TIME_FORMATS.find(({ name }) => name.includes('年'))!, utc(2024, 4, 7, 10, 20)],
    ['20240517T102030Z', TIME_FORMATS.at(-1)!, utc(2024, 4, 17, 10, 20, 30)],
    ['1969-12-31 23:59:59.5', ymd, -500],
    ['0099-01-01', ymd, new Date('0099-01-01T00:00:00Z').getTime()],
  ])('%s', async (text, format, value) => {
    expect(await readBoth(format, [normalText(text)])).toEqual([value]);
  });

  test.each([
    ['en-US', { dateStyle: 'long', timeStyle: 'medium' }, named[1]],
    ['en-GB', { dateStyle: 'medium' }, named[0]],
    ['de-DE', { dateStyle: 'long' }, named[0]],
    ['de-DE', { dateStyle: 'medium', timeStyle: 'medium' }, dmy],
    ['fr-FR', { dateStyle: 'long' }, named[0]],
    ['es-ES', { day: 'numeric', month: 'short', year: 'numeric' }, named[0]],
    ['en-US', { dateStyle: 'short' }, null],
    ['ja-JP', { dateStyle: 'long' }, TIME_FORMATS.find(({ name }) => name.includes('年'))!],
  ] as [string, Intl.DateTimeFormatOptions, Format | null][])(
    'of %s as Intl writes %j',
    async (locale, options, format) => {
      const random = new Random(11);
      const writer = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
      const times = Array.from({ length: COUNT }, () =>
        utc(
          1900 + random.below(200),
          random.below(12),
          1 + random.below(28),
          random.below(24),
          random.below(60),
          random.below(60),
        ),
      );
      const texts = times.map((time) => normalText(writer.format(time).replace(' at ', ' ')));
      if (!format) {
        for (const each of TIME_FORMATS) expect(new Set(await readBoth(each, texts))).toEqual(new Set([null]));
        return;
      }
      const whole = options.timeStyle ? 1_000 : 86_400_000;
      expect(await readBoth(format, texts)).toEqual(times.map((time) => Math.floor(time / whole) * whole));
    },
  );

  test('every day of years around a leap, and the days that are none', async () => {
    const texts = [1900, 1999, 2000, 2023, 2024].flatMap((year) =>
      Array.from({ length: 13 * 32 }, (_, i) => `${year}-${Math.floor(i / 32)}-${i % 32}`),
    );
    await readBoth(ymd, texts);
  });
});

/** Each locale, and the name of the format in which it writes a date of each style; null: only a person can say. */
const DATES_OF: [string, Record<string, string>][] = [
  ['en-US', { long: 'name of the month, day, year', short: 'month, day, year of two digits' }],
  [
    'de-DE',
    { long: 'day, name of the month, year', medium: 'day, month, year', short: 'day, month, year of two digits' },
  ],
  ['fr-FR', { long: 'day, name of the month, year', short: 'day, month, year' }],
  [
    'de-CH',
    { long: 'day, name of the month, year', medium: 'day, month, year', short: 'day, month, year of two digits' },
  ],
  ['zh-CN', { long: 'year年month月day日', short: 'year, month, day' }],
  ['ja-JP', { long: 'year年month月day日', short: 'year, month, day' }],
  ['en-IN', { long: 'day, name of the month, year', short: 'day, month, year of two digits' }],
  ['es-ES', { short: 'day, month, year of two digits' }],
];

describe.each(DATES_OF)('dates, times of day and durations of %s', (locale, styles) => {
  const random = new Random(13);
  // Years of two digits are of 1969 to 2068.
  const days = Array.from({ length: COUNT }, () => Math.floor(Date.UTC(1969, 0, 1) / DAY_MS) + random.below(36_524));

  test.each(Object.entries(styles))('dates of the style %s', async (dateStyle, name) => {
    const writer = new Intl.DateTimeFormat(locale, { dateStyle: dateStyle as 'short', timeZone: 'UTC' });
    const texts = days.map((day) => normalText(writer.format(day * DAY_MS)));
    const formats = [...DATE_FORMATS, ...SHORT_YEAR_FORMATS].filter((format) => format.name === name);
    const readings = await readByEach(formats, texts);
    expect(readings).toContainEqual(days.map((day) => day * DAY_MS));
  });

  test.each(['short', 'medium'] as const)('times of day of the style %s', async (timeStyle) => {
    const writer = new Intl.DateTimeFormat(locale, { timeStyle, timeZone: 'UTC' });
    const unit = timeStyle === 'short' ? 60 : 1;
    const seconds = Array.from({ length: COUNT }, () => random.below(86_400 / unit) * unit);
    const texts = seconds.map((each) => normalText(writer.format(each * 1_000)));
    const formats = [...CLOCK_FORMATS, ...SAID_CLOCK_FORMATS];
    const readings = await readByEach(formats, texts);
    expect(readings).toContainEqual(seconds);
  });
});

test('what is answered for a type, and given out of a table, is read back', async () => {
  const random = new Random(17);
  const milliseconds = Array.from({ length: COUNT }, () => random.below(2 ** 40) - 2 ** 39);
  const values = {
    DATE: milliseconds.map((each) => Math.floor(each / DAY_MS) * DAY_MS),
    TIMESTAMP: milliseconds,
    TIME: milliseconds.map((each) => (Math.abs(each) % DAY_MS) / 1_000),
    DURATION: milliseconds.map((each) => each / 1_000),
  } as const;
  for (const [name, all] of Object.entries(values)) {
    const { shown, inJson, formats, stored, text } = COLUMN_TYPES[name as keyof typeof values];
    expect(await readBoth(inJson!.format, all.map(shown!))).toEqual(all);
    if (stored !== 'DOUBLE') continue;
    const written = (await evaluate(all.map(String), text('CAST(v AS DOUBLE)'))) as string[];
    const readings = await readByEach(formats, written);
    expect(readings).toContainEqual(all);
  }
});

test.each([
  ['PT1H30M', 5_400],
  ['-P1DT0.5S', -86_400.5],
  ['p2d', 172_800],
  ['PT', null],
  ['P1Y', null],
  ['PT1M1H', null],
])('the duration %s', async (text, value) => {
  const [, iso] = SECONDS_FORMATS;
  expect(await readBoth(iso, [text])).toEqual([value]);
});

test.each([
  ['1h 30m', 5_400],
  ['1h30m', 5_400],
  ['-2 hours, 5 minutes and 1.5 seconds', -7_501.5],
  ['1 day 2 hours', 93_600],
  ['45 MIN', 2_700],
  ['90s', 90],
  ['30m 1h', null],
  ['1 h 30', null],
  ['', null],
])('the duration in words %s', async (text, value) => {
  expect(await readBoth(SECONDS_FORMATS.at(-1)!, [text])).toEqual([value]);
});

test('years of two digits are of 1969 to 2068; no form of text is a part of the text', async () => {
  const dmy = SHORT_YEAR_FORMATS[0];
  expect(await readBoth(dmy, ['31.12.68', '1.1.69', '31.12.99', '29.02.00', '29.2.01', '1.1.1999'])).toEqual([
    ...[Date.UTC(2068, 11, 31), Date.UTC(1969, 0, 1), Date.UTC(1999, 11, 31), Date.UTC(2000, 1, 29), null, null],
  ]);
  expect(await readBoth(TEXT_FORMATS[0], ['="00001"', '=""', '="a"b"', '00001'])).toEqual(['00001', '', null, null]);
});

test('clock times and durations are seconds', async () => {
  expect(await readBoth(SECONDS_FORMATS[0], ['07:12:00', '07:12', '100:00:00.5', '-1:00:00', '7:60:00'])).toEqual([
    25920,
    25920,
    360000.5,
    -3600,
    null,
  ]);
});

test.each(BOOLEAN_FORMATS.map((format) => [format.name, format] as const))(
  '%s are true and false in any case',
  async (name, format) => {
    const [yes, no] = name.split(', ');
    expect(await readBoth(format, [yes, no, yes.toUpperCase(), no.toUpperCase(), 'other'])).toEqual([
      true,
      false,
      true,
      false,
      null,
    ]);
  },
);

test('any text gets one normal form, wherever its blanks and marks stand', async () => {
  const random = new Random(5);
  const alphabet = 'ab產е\u0301\u034f\u00e9\u1100\u1161\u2000 \t\n\r\u00a0\u200b\u200f\u2028\u3000\ufeff\u212b😀';
  const texts = Array.from({ length: COUNT }, () => random.text(alphabet));
  expect(await evaluate(texts, normalTextSql('v'))).toEqual(texts.map((text) => normalText(text) || null));
});

test('texts get one normal form, and words for missing are known in any case', async () => {
  const texts = [
    '\u3000a\u200b',
    '\ufeffb\u00a0',
    'e\u0301',
    ' c  d ',
    '\u200b',
    '',
    'NaT',
    '#DIV/0!',
    '\\N',
    '未知',
    'なし',
    'Нет данных',
    'उपलब्ध नहीं',
    'n.a.',
    'x',
  ];
  const forms = await evaluate(texts, normalTextSql('v'));
  expect(forms).toEqual(texts.map((text) => normalText(text) || null));
  expect(forms.slice(0, 4)).toEqual(['a', 'b', '\u00e9', 'c  d']);
  expect(await evaluate(texts, isMissingWordSql('v'))).toEqual(texts.map(isMissingWord));
  expect(MISSING_WORDS.every((word) => word === word.toLowerCase())).toBe(true);
});
