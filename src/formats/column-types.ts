import { BOOLEAN_FORMATS } from './booleans';
import type { ColumnType, Format, ValueKind } from './format';
import { PLAIN_NUMBER } from './numbers';
import { ISO_TIME } from './times';

/** Counts of the numbers in a column. */
export interface NumberCounts {
  numbers: number;
  fractions: number;
  /** Beyond 2^53. */
  huge: number;
}

/** A type of columns: all that differs between types stands here, and no other file asks for the name of one. */
export interface ColumnTypeEntry {
  /** Of the schema. */
  description: string;
  /** What its values are called. */
  plural: string;
  /** As DuckDB holds its values, in the tables of an ingestion and in stored files; a file that holds such values has such a column. */
  stored: 'DOUBLE' | 'VARCHAR' | 'BOOLEAN' | 'TIMESTAMP';
  /** A model takes it as a number, which `number` gives, or as one of some texts. */
  model: 'number' | 'category';
  /** A column of DuckDB as DOUBLE: what statistics and models see. */
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
  /** What holds for each value, beyond its being read. */
  holds?: (value: string) => string;
  /** Types that are recognised and are of this one as well. */
  includes?: readonly ColumnType[];
  /** JSON has no values of this type: there they are texts, of this form or as the file had them, or numbers. */
  inJson?: { format: Format; value: string; example: string; number: string };

  /** Cells are kept as they are written. */
  isText?: boolean;
  /** Whole numbers, which may be names or classes. */
  isWhole?: boolean;
  /** Amounts, of which some may be far from the others. */
  isQuantity?: boolean;
  /** When something happened. */
  isTime?: boolean;
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

const NUMBERS = {
  plural: 'numbers',
  stored: 'DOUBLE',
  model: 'number',
  number: asIs,
  recognised: ['number'],
  kinds: ['number', 'seconds'],
  formats: [PLAIN_NUMBER],
  isQuantity: true,
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
    recognised: ['number', 'seconds'],
    includes: ['INTEGER'],
    text: asText,
  },
  BOOLEAN: {
    description: 'true and false.',
    plural: 'booleans',
    stored: 'BOOLEAN',
    model: 'category',
    levels: ['false', 'true'],
    recognised: ['boolean'],
    kinds: ['boolean'],
    formats: BOOLEAN_FORMATS,
    text: asText,
  },
  TIMESTAMP: {
    description: 'Dates or times (ISO 8601), UTC where no zone is given.',
    plural: 'times',
    stored: 'TIMESTAMP',
    model: 'number',
    number: (column) => `CAST(epoch_ms(${column}) AS DOUBLE)`,
    recognised: ['time'],
    kinds: ['time'],
    formats: [ISO_TIME],
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
  TEXT: {
    description: 'Everything else.',
    plural: 'text',
    stored: 'VARCHAR',
    model: 'category',
    kinds: [],
    formats: [],
    isText: true,
    text: asIs,
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

/** A column of DuckDB as what statistics and models see; null where its values have no order of magnitude. */
export const numberSql = (type: ColumnType, column: string): string | null =>
  COLUMN_TYPES[type].number?.(column) ?? null;

/** Types of columns of which the file says that they hold texts: JSON has some values as texts only. */
export const typesOfTexts = (isJson: boolean): ColumnType[] =>
  NAMES.filter((name) => COLUMN_TYPES[name].isText || (isJson && COLUMN_TYPES[name].inJson));

/** Milliseconds since 1970 as ISO 8601, UTC; as a number where they are beyond what a calendar names. */
function timeText(ms: number): string {
  const date = new Date(Math.round(ms));
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}
