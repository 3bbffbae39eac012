/** Lengths of time along a column of times, dates or numbers. */
import { COLUMN_TYPES, formatReader, ISO_DURATION } from '../../formats';
import type { ColumnTraits } from '../types';

const readDuration = formatReader(ISO_DURATION);

/** A number in the unit of the column, or an ISO 8601 duration along times, which are milliseconds; null: neither, or below 0. */
export function lengthOf(value: number | string): number | null {
  const length = typeof value === 'number' ? value : readDuration(value.trim());
  if (typeof length !== 'number' || !(length >= 0)) return null;
  return typeof value === 'number' ? length : length * 1_000;
}

/** What is wrong with a duration or a time along a column that holds neither times nor dates; null: nothing, as with a number. */
export function textFault(
  value: number | string | undefined,
  traits: ColumnTraits | undefined,
): { message: string; hint: string } | null {
  if (typeof value !== 'string' || !traits || COLUMN_TYPES[traits.type].isTime) return null;
  const { plural, inJson } = COLUMN_TYPES[traits.type];
  return {
    message: `is for columns of times or dates, and this column holds ${plural}`,
    hint: `give a number in the unit of the column${inJson ? `: ${inJson.number}` : ''}`,
  };
}
