import { BOOLEAN_FORMATS } from './cells/booleans';
import { formatReader, formatSql } from './compile';
import { CLOCK_FORMATS, ISO_DURATION, SAID_CLOCK_FORMATS, SECONDS_FORMATS } from './cells/durations';
import type { ColumnType, Format, ValueKind } from './format';
import { PLAIN_NUMBER } from './cells/numbers';
import { clockText, dateText, durationSql, durationText, timeText } from './cells/time-texts';
import { ISO_DATE, ISO_TIME } from './cells/times';
import { shown as quotedText } from './words/text';

/** Counts of the numbers in a column. */
export interface NumberCounts {
  numbers: number;
  fractions: number;
  /** Beyond 2^53. */
  huge: number;
}

/** How many values a column has, and how many different ones. */
export interface ValueCounts {
  present: number;
  distinct: number;
}

/** A type of columns: all that differs between types stands here, and no other file asks for the name of one. */
export interface ColumnTypeEntry {
  /** Of the schema. */
  description: string;
  /** What its values are called. */
  plural: string;
  /** As DuckDB holds its values, in the tables of an ingestion and in stored files; a file that holds such values has such a column. */
  stored: 'DOUBLE' | 'VARCHAR' | 'BOOLEAN' | 'DATE' | 'TIMESTAMP' | 'TIME';
  /** From what a format reads to what is stored, where these differ. */
  value?: (read: string) => string;
  /** A column of DuckDB as DOUBLE: what statistics and models see. Left out: it is one of some texts to both. */
  number?: (column: string) => string;
  /** The only values of a category, as texts; without them, those that are there. */
  levels?: readonly string[];

  /** The kinds of formats that it is recognised by; of several types with one kind, the first that fits. */
  recognised?: readonly ValueKind[];
  fits?: (counts: NumberCounts) => boolean;
  /** Kinds of formats that a person may say of it. */
  kinds: readonly ValueKind[];
  /** Where a person says the type and no format; the one that reads most cells is taken. */
  formats: readonly Format[];
  /** A column of that type is of this one where its values are so. */
  narrows?: { type: ColumnType; fits: (counts: ValueCounts) => boolean };
  /** What holds for each value, beyond its being read. */
  holds?: (value: string) => string;
  /** Types that are recognised and are of this one as well. */
  includes?: readonly ColumnType[];
  /** JSON has no values of this type: there they are texts, of this form or as the file had them, or numbers. */
  inJson?: { format: Format; value: string; example: string; number: string };

  /** A person may say it of values of any type that a file holds: they become texts. */
  takesAny?: boolean;
  /** What its cells may be meant as too, where only the name of the type differs. */
  mayBe?: ColumnType;

  /** Cells are kept as they are written. */
  isText?: boolean;
  /** Whole numbers, which may be names or classes. */
  isWhole?: boolean;
  /** Amounts, of which some may be far from the others. */
  isQuantity?: boolean;
  /** When something happened. */
  isTime?: boolean;
  /** Without a time of day. */
  isDay?: boolean;
  /** Of a column of DuckDB: values that nothing outside DuckDB can hold. */
  isFar?: (column: string) => string;

  /** Of a column of DuckDB, as texts that read back as the same values. */
  text: (column: string) => string;
  /** The text of a number that `number` gives; without it, the number. */
  shown?: (value: number) => string;
}

const INTEGER_MAX = 9007199254740992;
/** A Date of JavaScript holds as many milliseconds before and after 1970 (ECMA-262, Time Range). */
const TIME_MS_MAX = 8.64e15;

const asIs = (column: string): string => column;
/** The shortest text that gives the same double. */
const asText = (column: string): string => `CAST(${column} AS VARCHAR)`;

/** A column is of few texts when each stands in so many rows on average. */
const CATEGORY = { rowsMin: 50, textsMax: 100, rowsPerText: 5 };

const NUMBERS = {
  plural: 'numbers',
  stored: 'DOUBLE',
  number: asIs,
  recognised: ['number'],
  kinds: ['number', 'clock', 'seconds'],
  formats: [PLAIN_NUMBER],
  isQuantity: true,
} as const satisfies Partial<ColumnTypeEntry>;

const TEXTS = {
  stored: 'VARCHAR',
  kinds: ['text'],
  formats: [],
  isText: true,
  text: asIs,
} as const satisfies Partial<ColumnTypeEntry>;

/** In the order in which they are looked at where several are recognised by one kind of formats. */
export const COLUMN_TYPES: Readonly<Record<ColumnType, ColumnTypeEntry>> = {
  INTEGER: {
    ...NUMBERS,
    description: 'Whole numbers up to 2^53.',
    fits: ({ numbers, fractions, huge }) => numbers > 0 && fractions === 0 && huge === 0,
    holds: (value) => `(trunc(${value}) = ${value} AND abs(${value}) <= ${INTEGER_MAX})`,
    isWhole: true,
    text: (column) => `CAST(CAST(${column} AS BIGINT) AS VARCHAR)`,
  },
  NUMBER: {
    ...NUMBERS,
    description: 'Numbers of double precision.',
    includes: ['INTEGER', 'TIME', 'DURATION'],
    text: asText,
  },
  BOOLEAN: {
    description: 'true and false.',
    plural: 'booleans',
    stored: 'BOOLEAN',
    levels: ['false', 'true'],
    recognised: ['boolean'],
    kinds: ['boolean'],
    formats: BOOLEAN_FORMATS,
    text: asText,
  },
  DATE: {
    description: 'Days of the calendar, without a time of day.',
    plural: 'dates',
    stored: 'DATE',
    number: (column) => `CAST(epoch_ms(CAST(${column} AS TIMESTAMP)) AS DOUBLE)`,
    recognised: ['date'],
    kinds: ['date'],
    formats: [ISO_DATE],
    // Programs that have no dates send times.
    inJson: {
      format: ISO_TIME,
      value: 'a date',
      example: '2024-05-17',
      number: 'milliseconds since 1970, UTC',
    },
    isTime: true,
    isDay: true,
    isFar: (column) => `(NOT isfinite(${column}) OR abs(epoch_ms(CAST(${column} AS TIMESTAMP))) > ${TIME_MS_MAX})`,
    text: (column) => `strftime(${column}, '%Y-%m-%d')`,
    shown: dateText,
  },
  TIMESTAMP: {
    description: 'Days with a time of day, UTC where no zone is given.',
    plural: 'times',
    stored: 'TIMESTAMP',
    number: (column) => `CAST(epoch_ms(${column}) AS DOUBLE)`,
    recognised: ['time'],
    kinds: ['time'],
    formats: [ISO_TIME],
    includes: ['DATE'],
    inJson: {
      format: ISO_TIME,
      value: 'a time',
      example: '2024-05-17T10:20:00Z',
      number: 'milliseconds since 1970, UTC',
    },
    isTime: true,
    isFar: (column) => `(NOT isfinite(${column}) OR abs(epoch_ms(${column})) > ${TIME_MS_MAX})`,
    // DuckDB wants the patterns to be constants.
    text: (column) =>
      `CASE WHEN epoch_us(${column}) % 1000000 = 0 THEN strftime(${column}, '%Y-%m-%dT%H:%M:%SZ')
        ELSE strftime(${column}, '%Y-%m-%dT%H:%M:%S.%fZ') END`,
    shown: timeText,
  },
  TIME: {
    description: 'Times of day, without a day.',
    plural: 'times of day',
    stored: 'TIME',
    value: (read) => `(TIME '00:00:00' + to_microseconds(CAST(round(${read} * 1000000) AS BIGINT)))`,
    number: (column) => `epoch(${column})`,
    recognised: ['clock'],
    kinds: ['clock'],
    formats: [...SAID_CLOCK_FORMATS, ...CLOCK_FORMATS],
    mayBe: 'DURATION',
    inJson: {
      format: SAID_CLOCK_FORMATS[0],
      value: 'a time of day',
      example: '07:30:00',
      number: 'seconds since midnight',
    },
    text: asText,
    shown: clockText,
  },
  DURATION: {
    description: 'How long something takes.',
    plural: 'durations',
    stored: 'DOUBLE',
    number: asIs,
    recognised: ['seconds'],
    kinds: ['seconds'],
    formats: SECONDS_FORMATS,
    inJson: { format: ISO_DURATION, value: 'a duration', example: 'PT1H30M', number: 'seconds' },
    isQuantity: true,
    text: durationSql,
    shown: durationText,
  },
  CATEGORY: {
    ...TEXTS,
    description: 'Few texts, of which each stands in many rows.',
    plural: 'categories',
    narrows: {
      type: 'TEXT',
      fits: ({ present, distinct }) =>
        present >= CATEGORY.rowsMin && distinct <= CATEGORY.textsMax && distinct * CATEGORY.rowsPerText <= present,
    },
    takesAny: true,
  },
  TEXT: {
    ...TEXTS,
    description: 'Everything else.',
    plural: 'text',
    recognised: ['text'],
  },
};

/** What is recognised by nothing else. */
export const ANY_TEXT: ColumnType = 'TEXT';

const NAMES = Object.keys(COLUMN_TYPES) as ColumnType[];

/** The type of a column whose cells are of such a format. */
export const typeOfKind = (kind: ValueKind, counts: NumberCounts): ColumnType =>
  NAMES.find((name) => {
    const { recognised, fits } = COLUMN_TYPES[name];
    return recognised?.includes(kind) && (!fits || fits(counts));
  })!;

/** The type of a column that a file holds as such a type of DuckDB; null for numbers and texts, which are looked at. */
export const typeOfStored = (stored: string): ColumnType | null =>
  NAMES.find((name) => COLUMN_TYPES[name].stored === stored && !['DOUBLE', 'VARCHAR'].includes(stored)) ?? null;

/** What a column of a type becomes once its values are counted. */
export const narrowed = (type: ColumnType, counts: ValueCounts): ColumnType =>
  NAMES.find((name) => {
    const { narrows } = COLUMN_TYPES[name];
    return narrows?.type === type && narrows.fits(counts);
  }) ?? type;

/** A cell of a format as a value of a type; NULL for a text that the format does not read. */
export function valueSql(type: ColumnType, format: Format, text: string): string {
  const { value, isText } = COLUMN_TYPES[type];
  const read = formatSql(format, text);
  // A text without the form is a text.
  if (isText) return `nullif(coalesce(${read}, ${text}), '')`;
  return value?.(read) ?? read;
}

/** A cell of a format as people see the value that a column of a type makes of it. */
export function valueText(type: ColumnType, format: Format, text: string): string {
  const value = formatReader(format)(text);
  if (typeof value === 'number') return COLUMN_TYPES[type].shown?.(value) ?? String(value);
  return typeof value === 'boolean' ? String(value) : quotedText(value ?? text);
}

/** A column of DuckDB as what statistics and models see; null where its values have no order of magnitude. */
export const numberSql = (type: ColumnType, column: string): string | null =>
  COLUMN_TYPES[type].number?.(column) ?? null;

/** As what a model takes the values of a type. */
export const modelKind = (type: ColumnType): 'number' | 'category' =>
  COLUMN_TYPES[type].number ? 'number' : 'category';

/** Types of columns of which the file says that they hold texts: JSON has some values as texts only. */
export const typesOfTexts = (isJson: boolean): ColumnType[] =>
  NAMES.filter((name) => COLUMN_TYPES[name].isText || (isJson && COLUMN_TYPES[name].inJson));
