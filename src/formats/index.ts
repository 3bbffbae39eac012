/** How cells are written: one meaning for files, as DuckDB expressions, and for requests, as functions. */
export { BOOLEAN_FORMATS } from './booleans';
export { COLUMN_ROLES, type ColumnRole } from './column-roles';
export {
  ANY_TEXT,
  COLUMN_TYPES,
  type ColumnTypeEntry,
  narrowed,
  type NumberCounts,
  numberSql,
  typeOfKind,
  typeOfStored,
  typesOfTexts,
  valueSql,
} from './column-types';
export { formatReader, formatSql, matchesSql, sqlText, type Value } from './compile';
export type { ColumnReading, ColumnType, Format, Rewrite, ValueKind } from './format';
export { isMissingWord, isMissingWordSql, MISSING_WORDS } from './missing';
export { alikeSql, shownApart } from './look-alikes';
export { affixesNamed, formatNames, formatsNamed } from './names';
export { DIGIT_SCRIPTS, inScript } from './digits';
export { type Affixes, numberFormats, PLAIN_NUMBER } from './numbers';
export { didYouMean, nearestNames } from './nearest';
export { escaped, normalText, normalTextSql, shown, shownList, shownValue, visible } from './text';
export {
  likelyFormats,
  looksLikeTimes,
  looksLikeTimeSql,
  type SampledText,
  unitsByCase,
  unknownUnit,
} from './recognise';
export { CLOCK_FORMATS, ISO_DURATION, MINUTES_SECONDS, SAID_CLOCK_FORMATS, SECONDS_FORMATS } from './durations';
export { isCurrency } from './units';
export { TEXT_FORMATS } from './texts';
export {
  DATE_FORMATS,
  datesOf,
  hasZone,
  hasZoneSql,
  isFarTimeSql,
  ISO_DATE,
  ISO_TIME,
  SAID_DATE_FORMATS,
  SAID_TIME_FORMATS,
  SHORT_YEAR_FORMATS,
  TIME_FORMATS,
} from './times';
