import { PraxisError } from './errors';
import { isUuid } from './ids';

/** Arguments of every list: the first `first` items after the cursor. */
export interface PageArgs {
  first?: number | null;
  after?: string | null;
}

export const PAGE_SIZE_DEFAULT = 20;
export const PAGE_SIZE_MAX = 100;

export interface Edge<T> {
  cursor: string;
  node: T;
}

export interface Page<T> {
  edges: Edge<T>[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

/** Position in a list ordered by creation time, newest first, ties broken by id. */
export interface Position {
  createdAt: string;
  id: string;
}

export function pageSize(args: PageArgs): number {
  const first = args.first ?? PAGE_SIZE_DEFAULT;
  if (!Number.isInteger(first) || first < 1 || first > PAGE_SIZE_MAX) {
    throw PraxisError.invalid([{ path: 'first', message: `must be between 1 and ${PAGE_SIZE_MAX}, got ${first}` }]);
  }
  return first;
}

export const encodeCursor = (position: Position): string =>
  Buffer.from(`${position.createdAt}|${position.id}`).toString('base64url');

/** `isId` tells the ids of the list. Throws VALIDATION_FAILED for the cursor of another. */
export function decodeCursor(cursor: string, isId: (id: string) => boolean = isUuid): Position {
  const [createdAt, id] = Buffer.from(cursor, 'base64url').toString('utf8').split('|');
  if (!id || !isId(id) || Number.isNaN(Date.parse(createdAt))) {
    throw PraxisError.invalid([
      { path: 'after', message: 'is not a cursor of this list', hint: 'pass a cursor from edges' },
    ]);
  }
  return { createdAt, id };
}

/** Makes a page from `size + 1` rows read after the cursor. */
export function toPage<T>(rows: T[], size: number, cursorOf: (row: T) => string, after?: string | null): Page<T> {
  const edges = rows.slice(0, size).map((node) => ({ cursor: cursorOf(node), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > size,
      hasPreviousPage: Boolean(after),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
