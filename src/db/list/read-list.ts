import { decodeCursor, encodeCursor, isUuid, once, pageOf, TOTAL_COUNT_MAX, windowOf } from '../../kernel';
import type { Page, PageWindow } from '../../kernel';
import type { Transaction } from '../transaction';
import type { Filter } from './filter';
import { SortDirection, type ListArgs, type ListOptions, type SortKey } from './list';

/** Opens the transaction that a list is read in: `(work) => database.inTenant(context, work)`. */
export type Reader = <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;

interface Row {
  /** A number where ids are. */
  id: string;
  /** Value of the sort key, as a cursor keeps it. */
  place: string;
}

/**
 * One page of a list. `scope` names columns and the values that all items have there.
 * @throws PraxisError VALIDATION_FAILED for sizes, cursors and filters
 */
export async function readList<E, F extends Filter>(
  reader: Reader,
  list: ListOptions<E, F>,
  args: ListArgs<F>,
  scope: Record<string, unknown> = {},
): Promise<Page<E>> {
  const query = new ListQuery(list, args, scope);
  const statements = { page: query.page(), before: query.beyond('before'), after: query.beyond('after') };
  const page = await reader(async (tx) => {
    const [rows, before, after] = await Promise.all([
      tx.query<Row>(...statements.page),
      exists(tx, statements.before),
      exists(tx, statements.after),
    ]);
    const ids = rows.map(({ id }) => id);
    const items = await list.read(tx, ids);
    const found = rows.map((row) => ({ node: items.get(row.id), cursor: query.cursorOf(row) }));
    return pageOf(found as { node: E; cursor: string }[], query.window, { before, after });
  });
  const count = once(async () => {
    const [row] = await reader((tx) => tx.query<{ count: number }>(...query.count()));
    return row.count;
  });
  return { ...page, count };
}

type Statement = [sql: string, parameters: unknown[]];
/** Part of a WHERE; `add` takes a parameter and gives its name. */
type Condition = (add: (value: unknown) => string) => string;

async function exists(tx: Transaction, statement: Statement | null): Promise<boolean> {
  return statement !== null && (await tx.query(...statement)).length > 0;
}

/** The SQL of one call of a list. */
class ListQuery<E, F extends Filter> {
  readonly window: PageWindow;
  private readonly passing: Condition[];
  private readonly key: SortKey;
  private readonly isDescending: boolean;
  private readonly order: string;

  constructor(
    private readonly list: ListOptions<E, F>,
    args: ListArgs<F>,
    scope: Record<string, unknown>,
  ) {
    this.window = windowOf(args);
    const field = args.sort?.field ?? Object.keys(list.sort)[0];
    const direction = args.sort?.direction ?? SortDirection.DESC;
    this.key = list.sort[field];
    this.isDescending = direction === SortDirection.DESC;
    this.order = `${field} ${direction}`;
    this.passing = [...this.scopes(scope), ...this.filters(args.filter ?? {})];
  }

  page(): Statement {
    const { after, before, size, backwards } = this.window;
    const conditions = [...this.passing];
    if (after !== null) conditions.push(this.place('after', after, this.isDescending));
    if (before !== null) conditions.push(this.place('before', before, !this.isDescending));
    const [direction, idDirection] = this.isDescending === backwards ? ['ASC', 'DESC'] : ['DESC', 'ASC'];
    const { sql, type } = this.key;
    const place = type === 'text' ? sql : `to_char(${sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
    const order = `${sql} ${direction}, item.id ${idDirection}`;
    return this.select(`item.id, ${place} AS place`, conditions, `ORDER BY ${order} LIMIT ${size + 1}`);
  }

  /** Whether there is anything on the other side of a cursor, the place of the cursor included. Null without a cursor. */
  beyond(side: 'after' | 'before'): Statement | null {
    const cursor = this.window[side];
    if (cursor === null) return null;
    const place = this.place(side, cursor, (side === 'before') === this.isDescending, '=');
    return this.select('1', [...this.passing, place], 'LIMIT 1');
  }

  count(): Statement {
    const [sql, parameters] = this.select('1', this.passing, `LIMIT ${TOTAL_COUNT_MAX}`);
    return [`SELECT count(*)::integer AS count FROM (${sql}) AS counted`, parameters];
  }

  cursorOf({ id, place }: Row): string {
    return encodeCursor([this.list.name, this.order, place, String(id)]);
  }

  private select(columns: string, conditions: Condition[], end: string): Statement {
    const parameters: unknown[] = [];
    const add = (value: unknown): string => `$${parameters.push(value)}`;
    const where = ['true', ...conditions.map((condition) => condition(add))].join(' AND ');
    return [`SELECT ${columns} FROM ${this.list.table} item WHERE ${where} ${end}`, parameters];
  }

  private scopes(scope: Record<string, unknown>): Condition[] {
    return Object.entries(scope).map(
      ([column, value]) =>
        (add) =>
          value === null ? `item.${column} IS NULL` : `item.${column} = ${add(value)}`,
    );
  }

  private filters(values: Record<string, unknown>): Condition[] {
    return Object.entries(this.list.filter).flatMap(([name, field]) => {
      const value = values[name];
      if (value === null || value === undefined) return [];
      const parameter = field.parameter(value as never, `filter.${name}`);
      return [(add: (value: unknown) => string) => `(${field.where(add(parameter))})`];
    });
  }

  /**
   * Rows on one side of a cursor: those with a smaller key, or the same and a larger id, when `down`. The first comparison
   * alone is what an index is searched by.
   */
  private place(path: 'after' | 'before', cursor: string, down: boolean, orAt: '=' | '' = ''): Condition {
    const { list, order } = this;
    const [value, id] = decodeCursor(cursor, { path, list: list.name, order }, (place) => this.isPlace(place));
    const { sql, type } = this.key;
    const beyond = down ? '<' : '>';
    return (add) => {
      const key = `${add(value)}::${type}`;
      const byId = `item.id ${down ? '>' : '<'}${orAt} ${add(id)}::${list.idType ?? 'uuid'}`;
      return `${sql} ${beyond}= ${key} AND (${sql} ${beyond} ${key} OR ${byId})`;
    };
  }

  private isPlace([value, id, ...rest]: unknown[]): boolean {
    if (typeof value !== 'string' || typeof id !== 'string' || rest.length > 0) return false;
    const isId = this.list.idType === 'bigint' ? /^\d{1,18}$/.test(id) : isUuid(id);
    return isId && (this.key.type === 'text' ? isStorable(value) : isTime(value));
  }
}

/** As `page` writes it, and a day that there is. */
function isTime(text: string): boolean {
  if (!/^[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(text)) return false;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 19) === text.slice(0, 19);
}

/** PostgreSQL keeps no NUL and no half of a surrogate pair. */
const isStorable = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text);
