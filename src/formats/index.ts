/** How cells are written: one meaning for files, as DuckDB expressions, and for requests, as functions. */
export { BOOLEAN_FORMATS } from './booleans';
export {
  ANY_TEXT,
  COLUMN_TYPES,
  type ColumnTypeEntry,
  type NumberCounts,
  numberSql,
  typeOfKind,
  typeOfStored,
  typesOfTexts,
} from './column-types';
export { formatReader, formatSql, matchesSql, sqlText, type Value } from './compile';
export type { ColumnReading, ColumnType, Format, Rewrite, ValueKind } from './format';
export { isMissingWord, isMissingWordSql, MISSING_WORDS } from './missing';
export { alikeSql, shownApart } from './look-alikes';
export { formatNames, formatsNamed } from './names';
export { DIGIT_SCRIPTS, inScript } from './digits';
export { type Affixes, numberFormats, PLAIN_NUMBER } from './numbers';
export { escaped, normalText, normalTextSql, shown, shownList, shownValue, visible } from './text';
export { likelyFormats, looksLikeTimes, type SampledText, unknownUnit } from './recognise';
export { hasZone, hasZoneSql, isFarTimeSql, ISO_TIME, SAID_TIME_FORMATS, SECONDS_FORMATS, TIME_FORMATS } from './times';
