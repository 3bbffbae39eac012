import {
  formatReader,
  formatSql,
  hasZone,
  hasZoneSql,
  ISO_TIME,
  PLAIN_NUMBER,
  sqlText,
  type Format,
} from '../../formats';
import type { Duck } from '../duck';
import type { SampleRecord } from './csv-sample';
import { CODES_MAX } from './number-doubts';
import { RAW_TABLE, trimmedText } from './raw';
import { GROUPED, type Points } from './readings';
import { NO_TALLY, type Tally } from './tally';

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
}

/** A column that was loaded with its type. */
export interface PlainColumn {
  format: Format;
  tally: Tally;
  points: Points;
}

/** Without zeros before it: these may be codes. */
const NUMBER = '[+-]?(?:(?:0|[1-9][0-9]*)(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?';
const isNumber = new RegExp(`^(?:${NUMBER})$`);
const readTime = formatReader(ISO_TIME);

export const NUMBERS: PlainType = {
  format: PLAIN_NUMBER,
  is: (text) => isNumber.test(text),
  value: (text) => `CASE WHEN regexp_full_match(${text}, ${sqlText(NUMBER)}) THEN TRY_CAST(${text} AS DOUBLE) END`,
  odd: `'NaN'::DOUBLE`,
  // NaN is the largest; whole numbers that a double does not hold stay text.
  fits: (column) => `max(abs(${column})) < 9007199254740992`,
};
/** Of a column of which some have a point that cannot stand between thousands. */
const DECIMALS: PlainType = { ...NUMBERS };
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
const isOfNumbers = (type: PlainType | null): boolean => type?.format === PLAIN_NUMBER;

/** By place: what to load a column as; null for text. */
export type LoadTypes = readonly (PlainType | null)[];

/** A comma before a digit may be a decimal one: then 2.658 in another column may be 2658, as only its text tells. */
const COMMA = '[,\uff0c][0-9\uff10-\uff19]';

/** What the head of a file lets one expect of its columns; text where `keptAsText` names the column, or its name is a value. */
export function expectedTypes(
  names: readonly string[],
  rows: readonly SampleRecord[],
  keptAsText: ReadonlySet<string>,
): LoadTypes {
  const cells = names.map((_, at) => rows.map(({ fields }) => fields[at] ?? '').filter((cell) => cell !== ''));
  const types = names.map((name, at) => {
    if (name === '' || keptAsText.has(name) || cells[at].length === 0) return null;
    const type = [NUMBERS, TIMES, ZONED_TIMES].find(({ is }) => !is(name) && cells[at].every(is)) ?? null;
    return type === NUMBERS ? numbersOf(cells[at]) : type;
  });
  const hasComma = cells.some((column, at) => !types[at] && column.some((cell) => new RegExp(COMMA).test(cell)));
  if (hasComma) return withoutNumbers(types);
  return types.includes(DECIMALS)
    ? types
    : types.map((type, at) => (type === NUMBERS && cells[at].some(hasPoint) ? null : type));
}

/** As texts where one number is spelt in two ways, which may be two codes. */
function numbersOf(cells: readonly string[]): PlainType | null {
  const numbers = new Set(cells.map(Number)).size;
  if (numbers <= CODES_MAX && new Set(cells).size > numbers) return null;
  return cells.some((cell) => hasPoint(cell) && !isGrouped.test(cell)) ? DECIMALS : NUMBERS;
}

const hasPoint = (cell: string): boolean => cell.includes('.');
const isGrouped = new RegExp(`^${GROUPED}$`);

const withoutNumbers = (types: LoadTypes): LoadTypes => types.map((type) => (isOfNumbers(type) ? null : type));

/** The value of a cell in the raw table. */
export const loadedSql = (type: PlainType | null, cell: string): string =>
  type
    ? `coalesce(${type.value(cell)}, CASE WHEN ${trimmedText(cell)} IS NOT NULL THEN ${type.odd} END)`
    : trimmedText(cell);

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
  const isPointed = (type: PlainType | null, at: number) => type === NUMBERS && Number(row[`d${at}`]) > 0;
  if (!types.includes(DECIMALS) && types.some(isPointed))
    return { again: types.map((type, at) => (isPointed(type, at) ? null : type)) };
  const columns = types.map((type, at): PlainColumn | null => {
    const points = type === DECIMALS ? 'decimal' : 'none';
    return type && { format: type.format, tally: tallyOf(type, at, row), points };
  });
  return { columns };
}

function checkSql({ type, at }: { type: PlainType; at: number }): string {
  const c = `c${at}`;
  const fractions = isOfNumbers(type) ? `count_if(${c} <> trunc(${c}))` : '0';
  return `coalesce(${type.fits(c)}, false) AS f${at}, count(${c}) AS n${at}, ${fractions} AS d${at}`;
}

function commaSql(types: LoadTypes): string {
  if (!types.some(isOfNumbers)) return 'false';
  const found = types.flatMap((type, at) =>
    type ? [] : [`coalesce(bool_or(regexp_matches(c${at}, ${sqlText(COMMA)})), false)`],
  );
  return found.length > 0 ? `(${found.join(' OR ')})` : 'false';
}

function tallyOf(type: PlainType, at: number, row: Record<string, number | boolean>): Tally {
  const present = Number(row[`n${at}`]);
  return { ...NO_TALLY, present, numbers: isOfNumbers(type) ? present : 0, fractions: Number(row[`d${at}`]) };
}
