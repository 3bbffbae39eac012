/** Lengths of time along a column of times, dates or numbers. */
import { formatReader, ISO_DURATION } from '../../formats';

const readDuration = formatReader(ISO_DURATION);

/** A number in the unit of the column, or an ISO 8601 duration along times, which are milliseconds; null: neither, or below 0. */
export function lengthOf(value: number | string): number | null {
  const length = typeof value === 'number' ? value : readDuration(value.trim());
  if (typeof length !== 'number' || !(length >= 0)) return null;
  return typeof value === 'number' ? length : length * 1_000;
}
