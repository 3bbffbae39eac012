import { formatReader, ISO_DATE, ISO_TIME } from '../../../formats';

/** A time as programs write it; the first moment of a date. Milliseconds since 1970, UTC where it names no zone; null: it is none. */
export function readTime(text: string): number | null {
  for (const format of [ISO_TIME, ISO_DATE]) {
    const value = formatReader(format)(text);
    if (typeof value === 'number') return value;
  }
  return null;
}
