import { PraxisError } from '../errors/errors';

/** The list that a cursor belongs to, the order it was read in, and the values there: `['Run', 'NAME ASC', 'a', id]`. */
export type CursorParts = [list: string, order: string, ...place: (string | number)[]];

const CURSOR_LENGTH_MAX = 2_000;

/** Opaque to clients. It holds a place in one order of one list; who reads from there sees what that list shows him. */
export const encodeCursor = (parts: CursorParts): string => Buffer.from(JSON.stringify(parts)).toString('base64url');

/**
 * The place in a cursor of this list and order. `isPlace` tells whether values can be of the list.
 * @throws PraxisError VALIDATION_FAILED for what is no cursor, of another list, or of another order
 */
export function decodeCursor(
  cursor: string,
  { path, list, order }: { path: 'after' | 'before'; list: string; order: string },
  isPlace: (place: unknown[]) => boolean,
): (string | number)[] {
  const [ofList, ofOrder, ...place] = partsOf(cursor);
  const refuse = (message: string, hint: string) => PraxisError.invalid([{ path, message, hint }]);
  if (ofList === list && typeof ofOrder === 'string' && ofOrder !== order) {
    throw refuse('is a cursor of another sort', 'start from the first page after a change of sort');
  }
  if (ofList !== list || ofOrder !== order || !isPlace(place)) {
    throw refuse('is not a cursor of this list', 'pass a cursor from edges or pageInfo of the same list');
  }
  return place as (string | number)[];
}

function partsOf(cursor: string): unknown[] {
  if (cursor.length > CURSOR_LENGTH_MAX) return [];
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
