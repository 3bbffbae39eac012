/** How cells are written: one meaning for files, as DuckDB expressions, and for requests, as functions. */
export { BOOLEAN_FORMATS } from './cells/booleans';
export { COLUMN_ROLES, type ColumnRole } from './column-roles';
export {
  ANY_TEXT,
  COLUMN_TYPES,
  type ColumnTypeEntry,
  narrowed,
  type NumberCounts,
  modelKind,
  numberSql,
  typeOfKind,
  typeOfStored,
  typesOfTexts,
  valueSql,
  valueText,
} from './column-types';
export { formatReader, formatSql, matchesSql, sqlText, type Value } from './compile';
export type { ColumnReading, ColumnType, Format, Rewrite, ValueKind } from './format';
export { isMissingWord, isMissingWordSql, MISSING_WORDS } from './cells/missing';
export { maybeGarbledSql, REPLACEMENT, ungarbled } from './words/garbled';
export { alikeSql, shownApart } from './words/look-alikes';
export { affixesNamed, formatNames, formatsNamed } from './words/names';
export { DIGIT_SCRIPTS, inScript } from './cells/digits';
export { isCurrency, isPercent, isUnit } from './cells/units';
export { type Affixes, numberFormats, PLAIN_NUMBER } from './cells/numbers';
export { didYouMean, nearestNames } from './words/nearest';
export { mebibytes } from './words/size';
export { escaped, normalText, normalTextSql, shown, shownList, shownValue, visible } from './words/text';
export {
  amountSql,
  currenciesOf,
  likelyFormats,
  looksLikeTimes,
  looksLikeTimeSql,
  type SampledText,
  unitsByCase,
  unknownUnit,
} from './recognise';
export { CLOCK_FORMATS, ISO_DURATION, MINUTES_SECONDS, SAID_CLOCK_FORMATS, SECONDS_FORMATS } from './cells/durations';
export { TEXT_FORMATS } from './cells/texts';
export {
  BUDDHIST,
  DATE_FORMATS,
  datesOf,
  hasZone,
  hasZoneSql,
  isFarTimeSql,
  ISO_DATE,
  ISO_TIME,
  SAID_DATE_FORMATS,
  SAID_TIME_FORMATS,
  SHORT_NAMED,
  SHORT_YEAR_FORMATS,
  TIME_FORMATS,
} from './cells/times';
