import { PraxisError } from '../errors/errors';

/** Arguments of every list: the first items after a cursor, or the last ones before one. */
export interface PageArgs {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
}

export const PAGE_SIZE_DEFAULT = 20;
export const PAGE_SIZE_MAX = 100;
/** Lists are counted up to here, so that a count costs no more on a long list. */
export const TOTAL_COUNT_MAX = 10_000;

export interface Edge<T> {
  cursor: string;
  node: T;
}

export interface PageInfoOf {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
}

export interface Page<T> {
  edges: Edge<T>[];
  pageInfo: PageInfoOf;
  /** Items of the whole list, at most TOTAL_COUNT_MAX; read when it is asked for. */
  count(): Promise<number>;
}

/** Which part of a list is asked for. */
export interface PageWindow {
  size: number;
  /** The last items and not the first. */
  backwards: boolean;
  after: string | null;
  before: string | null;
}

/** @throws PraxisError VALIDATION_FAILED for a size out of bounds, and for `first` with `last` */
export function windowOf({ first, after, last, before }: PageArgs): PageWindow {
  const sizes = [first, last].filter((size) => size !== null && size !== undefined);
  if (sizes.length > 1) {
    const hint = 'give first (with after) to go forwards, or last (with before) to go backwards';
    throw PraxisError.invalid([{ path: 'last', message: 'is given together with first', hint }]);
  }
  const [size = PAGE_SIZE_DEFAULT] = sizes;
  const backwards = last !== null && last !== undefined;
  if (!Number.isInteger(size) || size < 1 || size > PAGE_SIZE_MAX) {
    const path = backwards ? 'last' : 'first';
    throw PraxisError.invalid([{ path, message: `must be between 1 and ${PAGE_SIZE_MAX}, got ${size}` }]);
  }
  return { size, backwards, after: after ?? null, before: before ?? null };
}

/** How many items a list is to show, without a check of the arguments. */
export const pageSizeOf = (args: Record<string, unknown>): number => {
  const size = Number(args.first ?? args.last ?? PAGE_SIZE_DEFAULT) || 0;
  return Math.min(Math.max(size, 1), PAGE_SIZE_MAX);
};

/**
 * Makes a page of up to `size + 1` rows, read in the direction of the window: the one too many says that there are more.
 * `beyond` says whether rows lie on the other side of each cursor.
 */
export function pageOf<T>(
  rows: { node: T; cursor: string }[],
  { size, backwards }: Pick<PageWindow, 'size' | 'backwards'>,
  beyond: { before: boolean; after: boolean },
): Omit<Page<T>, 'count'> {
  const hasMore = rows.length > size;
  const edges = rows.slice(0, size).map(({ node, cursor }) => ({ cursor, node }));
  if (backwards) edges.reverse();
  return {
    edges,
    pageInfo: {
      hasNextPage: beyond.before || (!backwards && hasMore),
      hasPreviousPage: beyond.after || (backwards && hasMore),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** The same answer for every call, made at the first. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | null = null;
  return () => (result ??= make());
}
