import { BOOLEAN_FORMATS } from './booleans';
import { COLUMN_TYPES } from './column-types';
import type { ColumnType, Format } from './format';
import { type Affixes, numberFormats, PLAIN_NUMBER } from './numbers';
import { SAID_TIME_FORMATS, SECONDS_FORMATS, TIME_FORMATS } from './times';

const NO_AFFIXES: Affixes = { before: '', behind: '' };

/** Those that have a name of their own; numbers may have a currency, a unit or full-width digits besides. */
const FORMATS: readonly Format[] = [
  PLAIN_NUMBER,
  ...numberFormats(NO_AFFIXES, false),
  ...SECONDS_FORMATS,
  ...BOOLEAN_FORMATS,
  ...TIME_FORMATS,
  ...SAID_TIME_FORMATS,
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
  const own = FORMATS.filter((format) => format.name === name);
  return (own.length > 0 ? own : affixed(name)).filter(({ kind }) => COLUMN_TYPES[type].kinds.includes(kind));
}

/** A currency or unit of any kind; one that begins with a digit, sign or blank would belong to the number. */
const AFFIX = "([^0-9０-９\\s+\u2212().,'\u2019-].{0,5})";
const AFFIXES = new RegExp(`(?:, ${AFFIX} before it)?(?:, ${AFFIX} behind it)?(, full-width digits)?$`, 'u');

function affixed(name: string): Format[] {
  const [tail, before = '', behind = '', wide] = /\p{C}/u.test(name) ? [] : (AFFIXES.exec(name) ?? []);
  return tail ? numberFormats({ before, behind }, wide !== undefined).filter((format) => format.name === name) : [];
}
