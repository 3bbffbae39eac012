import { isMissingWordSql, sqlText } from '../../../formats';
import { RAW_TABLE } from '../raw';

/** Something is written, and it is no word for missing. */
export const isPresentSql = (column: string): string => `${column} IS NOT NULL AND NOT ${isMissingWordSql(column)}`;

/** What the values of a raw column say about its type. */
export interface Tally {
  present: number;
  /** Finite ones, as programs write them. */
  numbers: number;
  /** Words for infinity. */
  infinite: number;
  /** Digits of a number that is too large for a double. */
  overflows: number;
  /** Words for missing. */
  tokens: number;
  booleans: number;
  leadingZeros: number;
  fractions: number;
  /** Whole numbers written with digits only, beyond 2^53. */
  large: number;
  /** Beyond 2^53, however written. */
  huge: number;
}

export const NO_TALLY: Tally = {
  ...{ present: 0, numbers: 0, infinite: 0, overflows: 0, tokens: 0, booleans: 0 },
  ...{ leadingZeros: 0, fractions: 0, large: 0, huge: 0 },
};

const INFINITY = '[+-]?(inf|infinity|1[.]#inf)';
const OVERFLOW = '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[+-]?[0-9]+)?';
const BOOLEAN = 'true|false';

/** Rows that tell whether a column repeats few values, and of how many. */
const SAMPLE_ROWS = 2_000;
const FEW = 100;

/** What DuckDB holds a column of the raw table as, and whether it seems to hold the same few values again and again. */
export const shapeSql = (column: string): string =>
  `SELECT typeof(any_value(c)) AS physical, count(DISTINCT c) <= ${FEW} AS "isRepeated"
   FROM (SELECT ${column} AS c FROM ${RAW_TABLE} LIMIT ${SAMPLE_ROWS})`;

const matches = (pattern: string): string => `regexp_full_match(l, ${sqlText(pattern)})`;
const countOf = (condition: string): string => `CAST(coalesce(sum(n) FILTER (${condition}), 0) AS BIGINT)`;
/** How many of the others are so; numbers and texts that are of no such kind are looked at once, as most cells are of these. */
const notNumbers = (condition: string): string => countOf(`CASE WHEN s THEN ${condition} ELSE false END`);

/** Over texts, and over numbers that the file holds as such. Where few values are repeated, each is looked at once. */
export const tallySql = (column: string, isRepeated: boolean): string => `
  SELECT ${countOf('v IS NOT NULL')} AS present, ${countOf('f')} AS numbers,
    ${notNumbers(matches(INFINITY))} AS infinite, ${notNumbers(matches(OVERFLOW))} AS overflows,
    ${notNumbers(isMissingWordSql('v'))} AS tokens, ${notNumbers(matches(BOOLEAN))} AS booleans,
    ${countOf(`f AND regexp_matches(v, '^[+-]?0[0-9]')`)} AS "leadingZeros",
    ${countOf('f AND d <> trunc(d)')} AS fractions,
    ${countOf('f AND abs(d) > 9007199254740992')} AS huge,
    ${countOf(`f AND abs(d) >= 9007199254740992 AND regexp_full_match(v, '[+-]?[0-9]+')`)} AS large
  FROM (SELECT *, CASE WHEN f OR v IS NULL THEN false ELSE ${isMissingWordSql('v')} OR ${matches([INFINITY, OVERFLOW, BOOLEAN].join('|'))} END AS s
        FROM (SELECT *, d IS NOT NULL AND isfinite(d) AND NOT contains(v, '_') AS f, lower(v) AS l
              FROM (SELECT CAST(c AS VARCHAR) AS v, TRY_CAST(c AS DOUBLE) AS d, n FROM ${isRepeated ? groupsSql(column) : rowsSql(column)})))`;

const groupsSql = (column: string): string =>
  `(SELECT ${column} AS c, count(*) AS n FROM ${RAW_TABLE} GROUP BY ${column})`;
const rowsSql = (column: string): string => `(SELECT ${column} AS c, 1 AS n FROM ${RAW_TABLE})`;

/** All that is there is a number as programs write it, or stands for one. */
export const isPlainNumber = ({ present, numbers, infinite, overflows, tokens }: Tally): boolean =>
  numbers > 0 && numbers + infinite + overflows + tokens === present;

/** So many that they are codes: 77E311 is a name, not a number. */
export const numbersOverflow = ({ overflows, numbers }: Tally): boolean => 2 * overflows > numbers;
