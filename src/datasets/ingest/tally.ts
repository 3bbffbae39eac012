import { isMissingWordSql, sqlText } from '../../formats';
import { RAW_TABLE } from './raw';

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

const matches = (pattern: string): string => `regexp_full_match(l, ${sqlText(pattern)})`;
/** How many of the others are so; numbers and texts that are of no such kind are looked at once, as most cells are of these. */
const notNumbers = (condition: string): string => `count_if(CASE WHEN s THEN ${condition} ELSE false END)`;

/** Over texts, and over numbers that the file holds as such. */
export const tallySql = (column: string): string => `
  SELECT count(v) AS present, count_if(f) AS numbers,
    ${notNumbers(matches(INFINITY))} AS infinite, ${notNumbers(matches(OVERFLOW))} AS overflows,
    ${notNumbers(isMissingWordSql('v'))} AS tokens, ${notNumbers(matches(BOOLEAN))} AS booleans,
    count_if(f AND regexp_matches(v, '^[+-]?0[0-9]')) AS "leadingZeros",
    count_if(f AND d <> trunc(d)) AS fractions,
    count_if(f AND abs(d) > 9007199254740992) AS huge,
    count_if(f AND abs(d) >= 9007199254740992 AND regexp_full_match(v, '[+-]?[0-9]+')) AS large
  FROM (SELECT *, CASE WHEN f OR v IS NULL THEN false ELSE ${isMissingWordSql('v')} OR ${matches([INFINITY, OVERFLOW, BOOLEAN].join('|'))} END AS s
        FROM (SELECT *, d IS NOT NULL AND isfinite(d) AND NOT contains(v, '_') AS f, lower(v) AS l
              FROM (SELECT CAST(${column} AS VARCHAR) AS v, TRY_CAST(${column} AS DOUBLE) AS d FROM ${RAW_TABLE})))`;

/** All that is there is a number as programs write it, or stands for one. */
export const isPlainNumber = ({ present, numbers, infinite, overflows, tokens }: Tally): boolean =>
  numbers > 0 && numbers + infinite + overflows + tokens === present;

/** So many that they are codes: 77E311 is a name, not a number. */
export const numbersOverflow = ({ overflows, numbers }: Tally): boolean => 2 * overflows > numbers;
