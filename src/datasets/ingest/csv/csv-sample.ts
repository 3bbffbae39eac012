import { splitRecords } from './csv-records';
import type { CsvDialect } from './csv-scan';

/** A record of the head of a file, with the line it begins in. */
export interface SampleRecord {
  line: number;
  fields: string[];
}

export const SAMPLE_RECORDS_MAX = 300;
/** A column is of one kind when this share of its values is. */
export const NEARLY_ALL = 0.9;

const TYPED_LENGTH_MAX = 64;
const NUMBER =
  /^[+\-\u2212(]?\s?[\p{Sc}]?\s?(\d+([.,]\d+)?|[.,]\d+|\d{1,3}(([.,'\u2019\u00a0\u202f\u2009 ])\d{2,3})(\4\d{3})*([.,]\d+)?)(e[+-]?\d{1,3})?\s?[%)]?\s?\p{Sc}?$/iu;
const TIME =
  /^(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})([T ]\d{1,2}:\d{2}(:\d{2}[.,]\d+)?[^,;|\t]*)?$|^[+\-\u2212]?\d{1,6}:\d{2}(:\d{2}([.,]\d+)?)?(\s?[ap]\.?m\.?)?$/i;
const ISO_DURATION = /^[+\-\u2212]?P(?=T?\d)[\dTYMWDHS.,]+$/;
const WORD = /^(true|false)$/i;
const NOTHING = /^(|\?|n\/?a|nan|null|none|nil|-+|\.)$/i;

/** How lines begin that are for people. */
export const COMMENT = /^(#|%|\/\/|;|--)/;

/** Whether a cell is a number, a time or a boolean, however written: a guess, enough to tell columns apart. */
export const isTyped = (cell: string): boolean =>
  cell.length <= TYPED_LENGTH_MAX &&
  (NUMBER.test(cell) || TIME.test(cell) || ISO_DURATION.test(cell) || WORD.test(cell));
export const isMissing = (cell: string): boolean => NOTHING.test(cell);

/** The records of the head of a file, trimmed. `isWhole`: nothing follows it. */
export function sampleRecords(text: string, dialect: CsvDialect, isWhole: boolean): SampleRecord[] {
  const records = splitRecords(text, dialect, SAMPLE_RECORDS_MAX + 1);
  // The last one may have been cut.
  const whole = isWhole ? records : records.slice(0, -1);
  return whole
    .slice(0, SAMPLE_RECORDS_MAX)
    .map(({ line, fields }) => ({ line, fields: fields.map((cell) => cell.trim()) }));
}

/** Whether nearly all values of a column satisfy a test, and there is one. */
export function isColumnOf(rows: SampleRecord[], at: number, is: (cell: string) => boolean): boolean {
  const cells = rows.map(({ fields }) => fields[at] ?? '').filter((cell) => !isMissing(cell));
  return cells.length > 0 && cells.filter(is).length >= NEARLY_ALL * cells.length;
}

/** The number of fields that most records have. */
export const usualWidth = (records: SampleRecord[]): number => mostFrequent(records.map(({ fields }) => fields.length));

/** The first of those that are as frequent; 0 of none. */
export function mostFrequent(numbers: number[]): number {
  const counts = new Map<number, number>();
  for (const each of numbers) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0])[0];
}
