import { matchesSql } from '../compile';
import { inAnyBlanks } from './blanks';
import { type DigitScript, inScript } from './digits';
import { type Format, replace, type Rewrite } from '../format';
import { MONTHS } from './months';

const MONTH = `((?:${MONTHS.join('|')})[.]?)`;
const WEEKDAY = '(?:[a-z\u00df-\u024f\u0400-\u04ff-]{2,13}[.]?,? )';
/** Behind dates of Chinese and Japanese. */
const WEEKDAY_BEHIND = '(?: ?[(\uff08]?(?:星期|周|週)?[一二三四五六日天月火水木金土](?:曜日?)?[)\uff09]?)?';
const [YEAR, PART] = ['([0-9]{4})', '([0-9]{1,2})'];

/** The year before the first one of an era, of Japan and of the Republic of China. */
const ERAS = { 明治: 1867, 大正: 1911, 昭和: 1925, 平成: 1988, 令和: 2018, 民國: 1911, 民国: 1911 };
const ERA_YEAR = `((?:${Object.keys(ERAS).join('|')}) ?(?:元|[0-9]{1,3})|[0-9]{4})`;
const eraRewrites = (): Rewrite[] => [
  replace('元-', '1-'),
  ...Object.entries(ERAS).map(([era, by]) => ({ do: 'add', pattern: `^${era} ?([0-9]+)`, by }) as const),
];

/** A way to write a date: `order` says where year, month and day stand among its three groups. */
interface DateForm {
  name: string;
  pattern: string;
  order: string;
  named?: boolean;
  eras?: boolean;
  convention?: string;
}

/** A way to write dates with one sign between their parts; each sign gets a form, as the groups must be three. */
const numeric = (name: string, separators: string, parts: string[], order: string): DateForm[] =>
  [...separators].map((sign) => ({ name, pattern: parts.join(`[${sign}]`), order, convention: name }));

/** The same with blanks behind points, and a point at the end. */
const pointed = (name: string, parts: string[], order: string): DateForm => ({
  ...{ name, order, convention: name },
  pattern: `${parts.join('[.] ?')}[.]?`,
});

const BEHIND_WEEKDAY = 'weekday, ';
const withWeekday = ({ pattern, ...form }: DateForm): DateForm => ({
  ...form,
  name: `${BEHIND_WEEKDAY}${form.name}`,
  pattern: `${WEEKDAY}${pattern}`,
});

const NUMERIC_DATES: readonly DateForm[] = [
  ...numeric('year, month, day', '-/.', [YEAR, PART, PART], '$1-$2-$3'),
  ...numeric('day, month, year', './-', [PART, PART, YEAR], '$3-$2-$1'),
  ...numeric('month, day, year', '/-.', [PART, PART, YEAR], '$3-$1-$2'),
];

const DATES: readonly DateForm[] = [
  ...NUMERIC_DATES,
  {
    name: 'day, name of the month, year',
    pattern: `${WEEKDAY}?${PART}(?:st|nd|rd|th|er|º)?[. /-]{0,2}(?:of |de |d')?${MONTH}(?:,? (?:de |del )?|[/-]|)${YEAR}(?: ?г[.]?)?`,
    order: '$3-$2-$1',
    named: true,
  },
  {
    name: 'name of the month, day, year',
    pattern: `${WEEKDAY}?${MONTH} ${PART}(?:st|nd|rd|th)?,? ${YEAR}`,
    order: '$3-$1-$2',
    named: true,
  },
  { name: 'year, month', pattern: `${YEAR}-([0-9]{2})()`, order: '$1-$2-1' },
  { name: 'month, year', pattern: `([0-9]{2})/${YEAR}()`, order: '$2-$1-1' },
  { name: 'name of the month, year', pattern: `${MONTH}(?: |-|, )(?:de )?${YEAR}()`, order: '$2-$1-1', named: true },
  {
    name: 'year年month月day日',
    pattern: `${ERA_YEAR}[年년] ?${PART}[月월] ?${PART}[日일号號]${WEEKDAY_BEHIND}`,
    order: '$1-$2-$3',
    eras: true,
  },
  { name: 'year年month月', pattern: `${ERA_YEAR}[年년] ?${PART}[月월]()`, order: '$1-$2-1', eras: true },
  pointed('year, month, day', [YEAR, PART, PART], '$1-$2-$3'),
  pointed('day, month, year', [PART, PART, YEAR], '$3-$2-$1'),
  ...NUMERIC_DATES.map(withWeekday),
];

/** From years of two digits to four. */
const CENTURIES: readonly Rewrite[] = [replace('^(69|[7-9][0-9])-', '19$1-'), replace('^([0-9]{2})-', '20$1-')];

/** Hours, minutes, seconds with a fraction, half of the day, zone: groups 4 to 8. */
const HOUR = '([01]?[0-9]|[2][0-3])';
const CLOCK = `${HOUR}[:.]([0-5][0-9])(?:[:.]([0-5][0-9](?:[.,][0-9]{1,9})?))?(?: ?([ap])[.]? ?m[.]?)?(?: uhr)?`;
/** Between a date and a time of day. */
const AT = '(?:[t: ]|, ?| (?:at|um|à|às|alle(?: ore)?|ore|kl[.]?|kello|klo|o|om|в|о) )';
const ZONE = '(?: ?(?:z|utc|gmt|(?:utc|gmt)?([+-][0-9]{2}):?([0-9]{2})?))?(?: [(][^()]{1,60}[)])?';

const COMPACT = '([0-9]{4})([0-9]{2})([0-9]{2})t?([01][0-9]|[2][0-3])([0-5][0-9])([0-5][0-9](?:[.][0-9]{1,9})?)()';

const SAID_CLOCK = `${ERA_YEAR}[年년] ?${PART}[月월] ?${PART}[日일号號]${WEEKDAY_BEHIND} ?${HOUR}[时時点點시] ?(?:([0-5]?[0-9])[分분] ?(?:([0-5]?[0-9])[秒초])?)?`;

/** Dates and times as texts; each reads dates alone as well, as midnight UTC. */
export const TIME_FORMATS: readonly Format[] = [
  ...DATES.map((form) => timeFormat(form)),
  yearLast(),
  inAnyBlanks({
    kind: 'time',
    name: 'year年month月day日hour时minute分second秒',
    pattern: `${SAID_CLOCK}`,
    rewrites: [
      replace(`^${SAID_CLOCK}$`, '$1-$2-$3 $4:$5:$6'),
      replace('::$', ':0:0'),
      replace(':$', ':0'),
      ...eraRewrites(),
    ],
  }),
  inAnyBlanks({
    kind: 'time',
    name: 'year to second without signs',
    pattern: `${COMPACT.replace('t?', 't')}${ZONE}`,
    rewrites: clockRewrites(`${COMPACT}${ZONE}`, '$1-$2-$3'),
  }),
];

const UNSIGNED: DateForm = {
  name: 'year, month, day without signs',
  pattern: '([0-9]{4})([0-9]{2})([0-9]{2})',
  order: '$1-$2-$3',
};

const UNSIGNED_MONTH: DateForm = {
  name: 'year, month without signs',
  pattern: '([0-9]{4})([0-9]{2})()',
  order: '$1-$2-1',
};

const SHORT = '([0-9]{2})';
/** Years of two digits are of this century up to 68, as in POSIX (strptime, %y). */
const SHORT_YEARS: readonly DateForm[] = [
  ...numeric('day, month, year of two digits', './-', [PART, PART, SHORT], '$3-$2-$1'),
  ...numeric('month, day, year of two digits', '/-.', [PART, PART, SHORT], '$3-$1-$2'),
  ...numeric('year of two digits, month, day', '-/.', [SHORT, PART, PART], '$1-$2-$3'),
  {
    name: 'day, name of the month, year of two digits',
    pattern: `${PART}[. -]{0,2}${MONTH}[ -]{0,2}${SHORT}`,
    order: '$3-$2-$1',
    named: true,
  },
  {
    name: 'name of the month, year of two digits',
    pattern: `${MONTH}[ '\u2019-]{1,2}${SHORT}()`,
    order: '$2-$1-1',
    named: true,
  },
];

/** In Thailand years are counted from 543 years before. */
const BUDDHIST_ERA = 543;
export const BUDDHIST = 'Buddhist era';
const BUDDHIST_YEARS: readonly Rewrite[] = [{ do: 'add', pattern: '^([0-9]{4})', by: -BUDDHIST_ERA }];
const BUDDHIST_DATES: readonly DateForm[] = DATES.filter(
  ({ eras, name }) => !eras && !name.startsWith(BEHIND_WEEKDAY),
).map(({ name, pattern, ...form }) => ({
  ...form,
  name: `${name}, ${BUDDHIST}`,
  pattern: pattern.replace(YEAR, '([2][0-9]{3})'),
}));

/** The month in words, and the year in two digits. */
export const SHORT_NAMED = `(?:[0-9]{1,2}[. -]{0,2})?${MONTH}[ '\u2019-]{0,2}[0-9]{2}`;

/** Read only where a person says so: they look like whole numbers, or like codes. */
export const SAID_TIME_FORMATS: readonly Format[] = [
  timeFormat(UNSIGNED),
  timeFormat(UNSIGNED_MONTH),
  ...SHORT_YEARS.map((form) => timeFormat(form, CENTURIES)),
  ...BUDDHIST_DATES.map((form) => timeFormat(form, BUDDHIST_YEARS)),
];

/** As programs write times: ISO 8601. */
export const [ISO_TIME] = TIME_FORMATS;

/** Dates alone, in the order of the formats of times that read them as well. */
export const DATE_FORMATS: readonly Format[] = DATES.map((form) => dateFormat(form));
export const SHORT_YEAR_FORMATS: readonly Format[] = SHORT_YEARS.map((form) => dateFormat(form, CENTURIES));
export const SAID_DATE_FORMATS: readonly Format[] = [
  dateFormat(UNSIGNED),
  dateFormat(UNSIGNED_MONTH),
  ...SHORT_YEAR_FORMATS,
  ...BUDDHIST_DATES.map((form) => dateFormat(form, BUDDHIST_YEARS)),
];
export const [ISO_DATE] = DATE_FORMATS;

/** Of formats of times. */
const DATES_OF = new WeakMap<Format, Format>();
DATE_FORMATS.forEach((dates, at) => DATES_OF.set(TIME_FORMATS[at], dates));
SAID_DATE_FORMATS.forEach((dates, at) => DATES_OF.set(SAID_TIME_FORMATS[at], dates));

/** The format of the same dates without times of day; null where there is none. */
export const datesOf = (format: Format): Format | null => DATES_OF.get(format) ?? null;

/** A format of times that reads the digits of a script as well. */
export function timeInScript(format: Format, script: DigitScript): Format {
  const written = inScript(format, script);
  const dates = datesOf(format);
  if (dates) DATES_OF.set(written, inScript(dates, script));
  return written;
}

function dateFormat(form: DateForm, more: readonly Rewrite[] = []): Format {
  const { name, pattern, order, named, convention } = form;
  return inAnyBlanks({
    kind: 'date',
    name,
    pattern,
    ...(convention && { convention }),
    rewrites: [
      ...(named ? [{ do: 'lower' } as const] : []),
      replace(`^${pattern}$`, order),
      ...partRewrites(form),
      ...more,
    ],
  });
}

function timeFormat(form: DateForm, more: readonly Rewrite[] = []): Format {
  const { name, pattern, order, convention } = form;
  const whole = `${pattern}(?:${AT}${CLOCK}${ZONE})?`;
  return inAnyBlanks({
    kind: 'time',
    name,
    pattern: whole,
    ...(convention && { convention }),
    rewrites: [{ do: 'lower' }, ...clockRewrites(whole, order), ...partRewrites(form), ...more],
  });
}

/** Of years of eras and of months in words. */
function partRewrites({ named, eras }: DateForm): Rewrite[] {
  return [...(named ? monthRewrites() : []), ...(eras ? eraRewrites() : [])];
}

/** As C and Unix write times, and many logs: Fri May 17 10:20:00 UTC 2024. */
function yearLast(): Format {
  const clock = '[0-9:.]{4,18}';
  const pattern = `${WEEKDAY}${MONTH} {1,2}${PART} (${clock})( (?:utc|gmt|z|[+-][0-9]{2}:?[0-9]{2}))? ${YEAR}`;
  const ordered = DATES.find(({ name }) => name === 'name of the month, day, year')!;
  return {
    kind: 'time',
    name: 'weekday, name of the month, day, time, year',
    pattern,
    rewrites: [{ do: 'lower' }, replace(`^${pattern}$`, '$1 $2 $5 $3$4'), ...timeFormat(ordered).rewrites],
  };
}

/** From a text of the pattern to `Y-M-D H:M:S+ZZ:ZZ`. What was not written is filled up. */
function clockRewrites(pattern: string, order: string): Rewrite[] {
  return [
    replace(`^${pattern}$`, `${order} $4:$5:$6 $7 $8:$9`),
    replace(' :: ', ' 0:0:0 '),
    replace(': ', ':0 '),
    // Noon and midnight are 12.
    replace(' 12:([^ ]*) a', ' 0:$1 '),
    ...Array.from({ length: 11 }, (_, i) => replace(` 0?${i + 1}:([^ ]*) p`, ` ${i + 13}:$1 `)),
    replace('([0-9]),([0-9])', '$1.$2'),
    replace(' [ap]? ?:$', ''),
    replace(' [ap]? ?([+-][0-9]{2}):$', '$1:00'),
    replace(' [ap]? ?([+-][0-9]{2}:[0-9]{2})$', '$1'),
  ];
}

function monthRewrites(): Rewrite[] {
  return MONTHS.map((names, i) => replace(`-(?:${names})[.]?-`, `-${i + 1}-`));
}

const FAR_TIME = '[+-]?(?:infinity|[0-9]{5,6}-[0-9]{2}-[0-9]{2}(?:[t ].*)?)';
const FAR_WHOLE = new RegExp(`^${FAR_TIME}$`, 'i');

/** A time among others that none of them holds: infinite, or of a year of more than four digits. */
export const isFarTime = (text: string): boolean => FAR_WHOLE.test(text);

export const isFarTimeSql = (expression: string): string => matchesSql({ pattern: FAR_TIME }, expression);

/** A time of day with a zone behind it. */
const ZONED =
  '(?::[0-5][0-9]|t[0-9]{6})(?:[.,][0-9]+)?(?: ?[ap][.]?m[.]?)? ?(?:z|utc|gmt|(?:utc|gmt)?[+-][0-9]{2}:?(?:[0-9]{2})?)(?: [0-9]{4}| [(][^()]{1,60}[)])?';

const ZONED_WHOLE = new RegExp(`${ZONED}$`, 'i');

export const hasZone = (text: string): boolean => ZONED_WHOLE.test(text);

export const hasZoneSql = (expression: string): string => matchesSql({ pattern: `.*${ZONED}` }, expression);
