import type { Format, Rewrite, ValueKind } from './format';

/** A cell as a value: times and dates as milliseconds since 1970 UTC, times of day and durations as seconds. */
export type Value = number | boolean | string;

/**
 * A format as a function of a text in its normal form; undefined for a text that it does not read.
 * `formatSql` is the same as an expression: tests hold the two together.
 */
export function formatReader({ kind, pattern, rewrites, matchesCase }: Format): (text: string) => Value | undefined {
  const flags = matchesCase ? 'u' : 'iu';
  const whole = new RegExp(`^(?:${pattern})$`, flags);
  const steps = rewrites.map((rewrite) => step(rewrite, flags));
  const parse = PARSERS[kind].read;
  return (text) => (whole.test(text) ? parse(steps.reduce((done, rewrite) => rewrite(done), text)) : undefined);
}

/** Over an expression of VARCHAR in its normal form: DOUBLE, BOOLEAN, TIMESTAMP, DATE or VARCHAR; NULL for a text that it does not read. */
export function formatSql(format: Format, text: string): string {
  const { kind, rewrites, matchesCase } = format;
  const flags = matchesCase ? 'g' : 'gi';
  const canonical = rewrites.reduce((done, rewrite) => stepSql(rewrite, done, flags), text);
  const { sql, plain } = PARSERS[kind];
  const isAdded = rewrites.some((rewrite) => rewrite.do === 'add');
  const asIs =
    plain && !isAdded ? ` AND ${matchesSql(plain, text)} THEN ${plain.sql(text)} WHEN ${matchesSql(format, text)}` : '';
  return `CASE WHEN ${matchesSql(format, text)}${asIs} THEN ${sql(canonical)} END`;
}

/** Whether a text has the form; it may still name no value, such as a 30th of February. */
export const matchesSql = ({ pattern, matchesCase }: Pick<Format, 'pattern' | 'matchesCase'>, text: string): string =>
  `regexp_full_match(${text}, ${sqlText(`(?${matchesCase ? '' : 'i'}:${pattern})`)})`;

export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function step(rewrite: Rewrite, flags: string): (text: string) => string {
  if (rewrite.do === 'lower') return (text) => text.toLowerCase();
  if (rewrite.do === 'replace') {
    const pattern = new RegExp(rewrite.pattern, `g${flags}`);
    return (text) => text.replace(pattern, rewrite.by);
  }
  if (rewrite.do === 'add') {
    const pattern = new RegExp(rewrite.pattern, flags);
    return (text) => text.replace(pattern, (_, number: string) => String(Number(number) + rewrite.by));
  }
  const to = [...rewrite.to];
  const places = new Map([...rewrite.from].map((character, place) => [character, to[place]]));
  return (text) => [...text].map((character) => places.get(character) ?? character).join('');
}

function stepSql(rewrite: Rewrite, text: string, flags: string): string {
  if (rewrite.do === 'lower') return `lower(${text})`;
  if (rewrite.do === 'map') return `translate(${text}, ${sqlText(rewrite.from)}, ${sqlText(rewrite.to)})`;
  if (rewrite.do === 'add') return addedSql(rewrite, text, flags.replace('g', ''));
  const by = rewrite.by.replaceAll('\\', '\\\\').replace(/\$([0-9])/g, '\\$1');
  return `regexp_replace(${text}, ${sqlText(rewrite.pattern)}, ${sqlText(by)}, '${flags}')`;
}

/** The text stands in it once: rewrites are nested, and each would double what it holds. */
function addedSql({ pattern, by }: Extract<Rewrite, { do: 'add' }>, text: string, flags: string): string {
  const [source, option] = [sqlText(pattern), sqlText(flags || 'c')];
  const sum = `CAST(TRY_CAST(regexp_extract(t, ${source}, 1, ${option}) AS BIGINT) + ${by} AS VARCHAR)`;
  return `list_transform([${text}], lambda t: coalesce(regexp_replace(t, ${source}, ${sum}, ${option}), t))[1]`;
}

interface Parser {
  /** Of the canonical form; undefined where it names no value. */
  read: (text: string) => Value | undefined;
  sql: (text: string) => string;
  /** Texts that every format that reads them and adds nothing reads alike, without its rewrites. Only for speed: most files have no others. */
  plain?: { pattern: string; sql: (text: string) => string };
}

/** As programs write times. Where the year comes first, month and day follow in this order. */
const PLAIN_TIME = '[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,6})?)?';

const CLOCK_TIME = /^(-?)(?:([0-9]*) )?([0-9]*):([0-9]*):([0-9.]*)$/;
const MICROSECONDS = 1_000_000;

const PARSERS: Record<ValueKind, Parser> = {
  number: {
    // Zero has one sign.
    read: (text) => finite(Number(text) + 0),
    sql: (text) => finiteSql(`(TRY_CAST(${text} AS DOUBLE) + 0)`),
  },
  boolean: {
    read: (text) => text === 'true',
    sql: (text) => `(${text} = 'true')`,
  },
  time: {
    read: timeOf,
    sql: (text) => `CAST(TRY_CAST(${text} AS TIMESTAMPTZ) AS TIMESTAMP)`,
    plain: { pattern: PLAIN_TIME, sql: (text) => `TRY_CAST(${text} AS TIMESTAMP)` },
  },
  date: {
    read: (text) => timeOf(`${text} 0:0:0`),
    sql: (text) => `TRY_CAST(${text} AS DATE)`,
    plain: { pattern: '[0-9]{4}-[0-9]{2}-[0-9]{2}', sql: (text) => `TRY_CAST(${text} AS DATE)` },
  },
  clock: {
    // A time of day is held in microseconds.
    read: (text) => Math.round(secondsOf(text) * MICROSECONDS) / MICROSECONDS,
    sql: (text) => `(round((${secondsSql(text)}) * ${MICROSECONDS}) / ${MICROSECONDS})`,
  },
  seconds: {
    read: (text) => finite(secondsOf(text)),
    sql: (text) => finiteSql(secondsSql(text)),
  },
  text: {
    read: (text) => text,
    sql: (text) => text,
  },
};

function secondsOf(text: string): number {
  const [, sign, days = '', hours, minutes, seconds] = CLOCK_TIME.exec(text) ?? [];
  const size = Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  // Zero has one sign.
  return (sign ? -size : size) + 0;
}

function secondsSql(text: string): string {
  const number = (part: string) => `coalesce(TRY_CAST(${part} AS DOUBLE), 0)`;
  const [days, clock] = [1, -1].map((place) => `split_part(ltrim(${text}, '-'), ' ', ${place})`);
  const [hours, minutes, seconds] = [1, 2, 3].map((place) => number(`split_part(${clock}, ':', ${place})`));
  const whole = `CASE WHEN contains(${text}, ' ') THEN ${number(days)} ELSE 0 END * 86400`;
  const size = `(${whole} + ${hours} * 3600 + ${minutes} * 60 + ${seconds})`;
  return `(CASE WHEN starts_with(${text}, '-') THEN -${size} ELSE ${size} END + 0)`;
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);
const finiteSql = (value: string): string => `CASE WHEN isfinite(${value}) THEN ${value} END`;

const TIME =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2}) ([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.([0-9]+))?(?:([+-])([0-9]{2}):([0-9]{2}))?$/;
const MINUTE_MS = 60_000;

function timeOf(text: string): number | undefined {
  const parts = TIME.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const [fraction = '', sign, zoneHours, zoneMinutes] = parts.slice(7);
  const offset = sign ? (sign === '-' ? -1 : 1) * (Number(zoneHours) * 60 + Number(zoneMinutes)) : 0;
  // Date.UTC takes the years 0 to 99 for those of the last century.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, Number(fraction.slice(0, 3).padEnd(3, '0')));
  return date.getTime() - offset * MINUTE_MS;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
