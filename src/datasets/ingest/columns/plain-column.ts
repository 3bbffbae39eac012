import {
  BOOLEAN_FORMATS,
  formatReader,
  formatSql,
  hasZone,
  hasZoneSql,
  isMissingWord,
  isMissingWordSql,
  ISO_DATE,
  ISO_TIME,
  PLAIN_NUMBER,
  sqlText,
  type Format,
} from '../../../formats';
import type { Duck } from '../../tables/duck';
import type { SampleRecord } from '../csv/csv-sample';
import { CODES_MAX } from './number-doubts';
import { RAW_TABLE, trimmedText } from '../raw';
import { GROUPED, type Points } from './readings';
import { NO_TALLY, type Tally } from '../profile/tally';

/**
 * What a column of a text file can be loaded as at once, where its head looks so: values that programs write in one way, of
 * which nothing is remarked. Whether it holds for all rows is known from the table; where not, the texts are loaded.
 */
interface PlainType {
  format: Format;
  is: (text: string) => boolean;
  /** NULL for a text of another form. */
  value: (text: string) => string;
  /** Stands in the table for such a text; no other text becomes it. */
  odd: string;
  /** Over all rows: nothing odd, and nothing that texts must tell more of. */
  fits: (column: string) => string;
  /** What is made of what stands in the table; left out where it is the value. */
  typed?: (column: string) => string;
}

/** A column that was loaded with its type. */
export interface PlainColumn {
  format: Format;
  tally: Tally;
  points: Points;
  /** What is made of what stands in its column of the raw table; left out where it is the value. */
  typed?: (column: string) => string;
  /** The column of the raw table with its words for missing; null where none was expected. */
  words: string | null;
}

/** Without zeros before it: these may be codes. */
const NUMBER = '[+-]?(?:(?:0|[1-9][0-9]*)(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?';
const readTime = formatReader(ISO_TIME);
const [TRUE_FALSE] = BOOLEAN_FORMATS;
const readBoolean = formatReader(TRUE_FALSE);
const readDate = formatReader(ISO_DATE);

const numbers = (pattern: string): Pick<PlainType, 'is' | 'value'> => {
  const whole = new RegExp(`^(?:${pattern})$`);
  return {
    is: (text) => whole.test(text),
    value: (text) => `CASE WHEN regexp_full_match(${text}, ${sqlText(pattern)}) THEN TRY_CAST(${text} AS DOUBLE) END`,
  };
};
export const NUMBERS: PlainType = {
  ...numbers(NUMBER),
  format: PLAIN_NUMBER,
  odd: `'NaN'::DOUBLE`,
  // NaN is the largest; whole numbers that a double does not hold stay text.
  fits: (column) => `max(abs(${column})) < 9007199254740992`,
};
const DATES: PlainType = {
  format: ISO_DATE,
  is: (text) => readDate(text) !== undefined,
  value: (text) => formatSql(ISO_DATE, text),
  odd: `'infinity'::DATE`,
  fits: (column) => `max(${column}) < 'infinity'::DATE`,
};
const TIMES: PlainType = {
  format: ISO_TIME,
  is: (text) => readTime(text) !== undefined && !hasZone(text),
  value: (text) => `CASE WHEN NOT ${hasZoneSql(text)} THEN ${formatSql(ISO_TIME, text)} END`,
  odd: `'infinity'::TIMESTAMP`,
  fits: (column) => `max(${column}) < 'infinity'::TIMESTAMP`,
};
const ZONED_TIMES: PlainType = {
  ...TIMES,
  is: (text) => readTime(text) !== undefined && hasZone(text),
  value: (text) => `CASE WHEN ${hasZoneSql(text)} THEN ${formatSql(ISO_TIME, text)} END`,
};
/** As small numbers: a column of BOOLEAN has no room for what is odd. */
const BOOLEANS: PlainType = {
  format: TRUE_FALSE,
  is: (text) => readBoolean(text) !== undefined,
  value: (text) => `CASE lower(${text}) WHEN 'true' THEN 1::TINYINT WHEN 'false' THEN 0::TINYINT END`,
  odd: '2::TINYINT',
  fits: (column) => `max(${column}) < 2`,
  typed: (column) => `(${column} = 1)`,
};
const WHOLE = '-?(?:0|[1-9][0-9]*)';
/** Without zeros at the end. */
const SHORTEST: PlainType = { ...NUMBERS, ...numbers(`${WHOLE}(?:[.][0-9]*[1-9])?`) };
const withDecimals = (count: number): PlainType => ({ ...NUMBERS, ...numbers(`${WHOLE}[.][0-9]{${count}}`) });
const PLAIN_TYPES = [NUMBERS, DATES, TIMES, ZONED_TIMES, BOOLEANS];

interface LoadType extends Omit<PlainType, 'is'> {
  /** Numbers of which some have a point that cannot stand between thousands. */
  isDecimal: boolean;
  /** Words for missing are among the values; their texts are kept beside them. */
  hasWords: boolean;
}
/** By place: what to load a column as; null for text. */
export type LoadTypes = readonly (LoadType | null)[];

const isOfNumbers = (type: LoadType | null): boolean => type?.format === PLAIN_NUMBER;
const isDecimal = (type: LoadType | null): boolean => type?.isDecimal === true;

/** A comma before a digit may be a decimal one: then 2.658 in another column may be 2658, as only its text tells. */
const COMMA = '[,\uff0c][0-9\uff10-\uff19]';

/** What the head of a file lets one expect of its columns; text where `keptAsText` names the column, or its name is a value. */
export function expectedTypes(
  names: readonly string[],
  rows: readonly SampleRecord[],
  keptAsText: ReadonlySet<string>,
): LoadTypes {
  const cells = names.map((_, at) => rows.map(({ fields }) => fields[at] ?? '').filter((cell) => cell !== ''));
  const types = names.map((name, at) => (name === '' || keptAsText.has(name) ? null : expectedType(name, cells[at])));
  const hasComma = cells.some((column, at) => !types[at] && column.some((cell) => new RegExp(COMMA).test(cell)));
  if (hasComma) return withoutNumbers(types);
  return types.some(isDecimal)
    ? types
    : types.map((type, at) => (isOfNumbers(type) && valuesOf(cells[at]).some(hasPoint) ? null : type));
}

const valuesOf = (cells: readonly string[]): string[] => cells.filter((cell) => !isMissingWord(cell));

function expectedType(name: string, cells: readonly string[]): LoadType | null {
  const values = valuesOf(cells);
  const hasWords = values.length < cells.length;
  // A header that is repeated inside the file would be one of them.
  if (values.length === 0 || (hasWords && isMissingWord(name))) return null;
  const found = PLAIN_TYPES.find(({ is }) => !is(name) && values.every(is));
  const type = found === NUMBERS ? numberType(values) : found;
  return type ? { ...type, hasWords, isDecimal: found === NUMBERS && values.some(hasOwnPoint) } : null;
}

/** Numbers of few values may be codes: they are loaded in a form that spells each in one way, or else as texts. */
function numberType(values: readonly string[]): PlainType | undefined {
  if (new Set(values.map(Number)).size > CODES_MAX) return NUMBERS;
  const [, decimals = ''] = values[0].split('.');
  return [SHORTEST, withDecimals(decimals.length)].find(({ is }) => values.every(is));
}

const hasPoint = (cell: string): boolean => cell.includes('.');
const isGrouped = new RegExp(`^${GROUPED}$`);
const hasOwnPoint = (cell: string): boolean => hasPoint(cell) && !isGrouped.test(cell);

const withoutNumbers = (types: LoadTypes): LoadTypes => types.map((type) => (isOfNumbers(type) ? null : type));

/** The columns of the raw table that a column of the file becomes. */
export function loadedSql(type: LoadType | null, at: number): string {
  const cell = `c${at}`;
  const text = trimmedText(cell);
  if (!type) return `${text} AS ${cell}`;
  const value = type.value(cell);
  const isWord = type.hasWords ? isMissingWordSql(text) : 'false';
  const loaded = `coalesce(${value}, CASE WHEN ${text} IS NOT NULL AND NOT ${isWord} THEN ${type.odd} END) AS ${cell}`;
  return type.hasWords
    ? `${loaded}, CASE WHEN ${value} IS NULL AND ${isWord} THEN ${text} END AS ${wordsOf(at)}`
    : loaded;
}

const wordsOf = (at: number): string => `w${at}`;

/** The columns that were loaded with their types; or types with which to load again, as not all columns are as expected. */
export async function checkLoaded(
  duck: Duck,
  types: LoadTypes,
): Promise<{ columns: (PlainColumn | null)[]; again?: undefined } | { again: LoadTypes }> {
  const typed = types.flatMap((type, at) => (type ? [{ type, at }] : []));
  if (typed.length === 0) return { columns: types.map(() => null) };
  const row = await duck.one<Record<string, number | boolean>>(
    `SELECT ${[...typed.map(checkSql), `${commaSql(types)} AS comma`].join(', ')} FROM ${RAW_TABLE}`,
  );
  const misfits = new Set(typed.filter(({ at }) => !row[`f${at}`]).map(({ at }) => at));
  if (misfits.size > 0) return { again: types.map((type, at) => (misfits.has(at) ? null : type)) };
  if (row.comma) return { again: withoutNumbers(types) };
  // Without another column that tells of a decimal point, only the texts tell whether theirs may stand between thousands.
  const isPointed = (type: LoadType | null, at: number) => isOfNumbers(type) && Number(row[`d${at}`]) > 0;
  if (!types.some(isDecimal) && types.some(isPointed))
    return { again: types.map((type, at) => (isPointed(type, at) ? null : type)) };
  return { columns: types.map((type, at) => type && plainColumn(type, at, row)) };
}

function checkSql({ type, at }: { type: LoadType; at: number }): string {
  const c = `c${at}`;
  const fractions = isOfNumbers(type) ? `count_if(${c} <> trunc(${c}))` : '0';
  const words = type.hasWords ? `count(${wordsOf(at)})` : '0';
  return `coalesce(${type.fits(c)}, false) AS f${at}, count(${c}) AS n${at}, ${words} AS w${at}, ${fractions} AS d${at}`;
}

function commaSql(types: LoadTypes): string {
  if (!types.some(isOfNumbers)) return 'false';
  const found = types.flatMap((type, at) =>
    type ? [] : [`coalesce(bool_or(regexp_matches(c${at}, ${sqlText(COMMA)})), false)`],
  );
  return found.length > 0 ? `(${found.join(' OR ')})` : 'false';
}

function plainColumn(type: LoadType, at: number, row: Record<string, number | boolean>): PlainColumn {
  const [values, tokens, fractions] = ['n', 'w', 'd'].map((name) => Number(row[`${name}${at}`]));
  const kind = isOfNumbers(type) ? { numbers: values } : type.format === TRUE_FALSE ? { booleans: values } : {};
  return {
    format: type.format,
    tally: { ...NO_TALLY, ...kind, present: values + tokens, tokens, fractions },
    points: type.isDecimal ? 'decimal' : 'none',
    typed: type.typed,
    words: type.hasWords ? wordsOf(at) : null,
  };
}
