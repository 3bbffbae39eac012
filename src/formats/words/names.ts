import { BOOLEAN_FORMATS } from '../cells/booleans';
import { COLUMN_TYPES } from '../column-types';
import { ANY_DIGIT, DIGIT_SCRIPTS, type DigitScript, inScript } from '../cells/digits';
import type { ColumnType, Format } from '../format';
import { CLOCK_FORMATS, MINUTES_SECONDS, SAID_CLOCK_FORMATS, SECONDS_FORMATS } from '../cells/durations';
import { type Affixes, numberFormats, OR, PLAIN_NUMBER, SIGNS } from '../cells/numbers';
import { TEXT_FORMATS } from '../cells/texts';
import { DATE_FORMATS, SAID_DATE_FORMATS, SAID_TIME_FORMATS, TIME_FORMATS } from '../cells/times';
import { AFFIX_MAX, SPELLINGS_MAX } from '../cells/units';

const NO_AFFIXES: Affixes = { before: '', behind: '' };

/** Those that have a name of their own; numbers may have a currency or a unit besides, and all the digits of another script. */
const FORMATS: readonly Format[] = [
  PLAIN_NUMBER,
  ...numberFormats(NO_AFFIXES),
  ...CLOCK_FORMATS,
  ...SAID_CLOCK_FORMATS,
  ...SECONDS_FORMATS,
  MINUTES_SECONDS,
  ...BOOLEAN_FORMATS,
  ...DATE_FORMATS,
  ...SAID_DATE_FORMATS,
  ...TIME_FORMATS,
  ...SAID_TIME_FORMATS,
  ...TEXT_FORMATS,
];

/** The names of the formats that a column of this type may have, without what stands around numbers. */
export const formatNames = (type: ColumnType): string[] => [
  ...new Set(FORMATS.filter(({ kind }) => COLUMN_TYPES[type].kinds.includes(kind)).map(({ name }) => name)),
];

/**
 * The formats of this name for a column of this type: several where they differ in a sign only, such as 17.5.2024 and
 * 17/5/2024; none where the name is not known.
 */
export function formatsNamed(name: string, type: ColumnType): Format[] {
  const script = DIGIT_SCRIPTS.find((each) => name.endsWith(`, ${each.name}`)) ?? null;
  const matching = script ? inOtherDigits(name, script) : FORMATS.filter((format) => format.name === name);
  return (matching.length > 0 ? matching : affixed(name, script)).filter(({ kind }) =>
    COLUMN_TYPES[type].kinds.includes(kind),
  );
}

const inOtherDigits = (name: string, script: DigitScript): Format[] =>
  FORMATS.filter(({ kind }) => ['time', 'date', 'clock', 'seconds'].includes(kind))
    .map((format) => inScript(format, script))
    .filter((format) => format.name === name);

/** A currency or unit of any kind; one that begins with a digit, sign or blank would belong to the number. */
const AFFIX = `[^${ANY_DIGIT}\\s${SIGNS.slice(0, -1)}().,'\u2019-].{0,${AFFIX_MAX - 1}}?`;
const AFFIXES = new RegExp(
  `(?:, (${AFFIX}) before it)?(?:, (${AFFIX}(?: or ${AFFIX}){0,${SPELLINGS_MAX - 1}}) behind it)?(?:, [\\p{L}-]+ digits)?$`,
  'u',
);

/** What stands around the numbers of a format, by its name. */
export function affixesNamed(name: string): Affixes {
  const [, before = '', behind = ''] = /\p{C}/u.test(name) ? [] : (AFFIXES.exec(name) ?? []);
  const [first, ...also] = behind.split(OR);
  const isOne = also.every((other) => other.toLowerCase() === first.toLowerCase());
  if (isOne) return { before, behind: first, also };
  return behind.length > AFFIX_MAX ? NO_AFFIXES : { before, behind };
}

const affixed = (name: string, script: DigitScript | null): Format[] =>
  numberFormats(affixesNamed(name), script).filter((format) => format.name === name);
