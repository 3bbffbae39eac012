import { matchesSql } from './compile';
import { type Format, replace, type Rewrite } from './format';

/** Months as English, German, French and Spanish write them, by how they begin; longer beginnings first. */
const MONTHS: readonly string[] = [
  'januar|january|janvier|enero|jan|janv|ene|jän|jänner',
  'februar|february|février|fevrier|febrero|feb|févr|fevr|fév|fev',
  'märz|maerz|march|mars|marzo|mär|mrz|mar',
  'april|avril|abril|apr|avr|abr',
  'may|mai|mayo',
  'juni|june|juin|junio|jun',
  'juli|july|juillet|julio|jul|juil',
  'august|août|aout|agosto|aug|ago|aoû',
  'september|septembre|septiembre|setiembre|sept|sep|set',
  'oktober|october|octobre|octubre|okt|oct',
  'november|novembre|noviembre|nov',
  'dezember|december|décembre|decembre|diciembre|dez|dec|déc|dic',
];
const MONTH = `((?:${MONTHS.join('|')})[.]?)`;
const WEEKDAY = '(?:[a-zé]{2,10}[.]?,? )?';
const [YEAR, PART] = ['([0-9]{4})', '([0-9]{1,2})'];

/** A way to write a date: `order` says where year, month and day stand among its three groups. */
interface DateForm {
  name: string;
  pattern: string;
  order: string;
  named?: boolean;
  convention?: string;
}

/** A way to write dates with one sign between their parts; each sign gets a form, as the groups must be three. */
const numeric = (name: string, separators: string, parts: string[], order: string): DateForm[] =>
  [...separators].map((sign) => ({ name, pattern: parts.join(`[${sign}]`), order, convention: name }));

const DATES: readonly DateForm[] = [
  ...numeric('year, month, day', '-/.', [YEAR, PART, PART], '$1-$2-$3'),
  ...numeric('day, month, year', './-', [PART, PART, YEAR], '$3-$2-$1'),
  ...numeric('month, day, year', '/-.', [PART, PART, YEAR], '$3-$1-$2'),
  {
    name: 'day, name of the month, year',
    pattern: `${WEEKDAY}${PART}[. -]{1,2}${MONTH}[ -]${YEAR}`,
    order: '$3-$2-$1',
    named: true,
  },
  {
    name: 'name of the month, day, year',
    pattern: `${WEEKDAY}${MONTH} ${PART},? ${YEAR}`,
    order: '$3-$1-$2',
    named: true,
  },
  { name: 'year, month', pattern: `${YEAR}-([0-9]{2})()`, order: '$1-$2-1' },
  { name: 'year年month月day日', pattern: `${YEAR}年${PART}月${PART}日`, order: '$1-$2-$3' },
];

/** Hours, minutes, seconds with a fraction, half of the day, zone: groups 4 to 8. */
const CLOCK = '([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9](?:[.][0-9]{1,9})?))?(?: ?([ap])[.]?m[.]?)?';
const ZONE = '(?: ?(?:z|utc|gmt|([+-][0-9]{2}):?([0-9]{2})?))?';

const COMPACT = '([0-9]{4})([0-9]{2})([0-9]{2})t?([01][0-9]|2[0-3])([0-5][0-9])([0-5][0-9](?:[.][0-9]{1,9})?)()';

/** Dates and times as texts; each reads dates alone as well, as midnight UTC. */
export const TIME_FORMATS: readonly Format[] = [
  ...DATES.map((form) => timeFormat(form)),
  {
    kind: 'time',
    name: 'year to second without signs',
    pattern: `${COMPACT.replace('t?', 't')}${ZONE}`,
    rewrites: clockRewrites(`${COMPACT}${ZONE}`, '$1-$2-$3'),
  },
];

/** Read only where a person says so: they look like whole numbers. */
export const SAID_TIME_FORMATS: readonly Format[] = [
  timeFormat({
    name: 'year, month, day without signs',
    pattern: '([0-9]{4})([0-9]{2})([0-9]{2})',
    order: '$1-$2-$3',
  }),
];

/** As programs write times: ISO 8601. */
export const [ISO_TIME] = TIME_FORMATS;

function timeFormat({ name, pattern, order, named, convention }: DateForm): Format {
  const whole = `${pattern}(?:(?:[t ]|, |,)${CLOCK}${ZONE})?`;
  return {
    kind: 'time',
    name,
    pattern: whole,
    ...(convention && { convention }),
    rewrites: [{ do: 'lower' }, ...clockRewrites(whole, order), ...(named ? monthRewrites() : [])],
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
const ZONED = '(?::[0-5][0-9]|t[0-9]{6})(?:[.][0-9]+)?(?: ?[ap][.]?m[.]?)? ?(?:z|utc|gmt|[+-][0-9]{2}:?(?:[0-9]{2})?)';

const ZONED_WHOLE = new RegExp(`${ZONED}$`, 'i');

export const hasZone = (text: string): boolean => ZONED_WHOLE.test(text);

export const hasZoneSql = (expression: string): string => matchesSql({ pattern: `.*${ZONED}` }, expression);

/** Times of day and durations, as seconds. */
export const SECONDS_FORMATS: readonly Format[] = [
  {
    kind: 'seconds',
    name: 'hours, minutes, seconds',
    pattern: '-?[0-9]{1,6}:[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?',
    rewrites: [replace('^(-?[0-9]+:[0-9]+)$', '$1:0')],
  },
];
