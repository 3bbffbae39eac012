import { GraphQLISODateTime, ID } from 'type-graphql';
import { PraxisError, uuidOf, type NodeKind } from '../../kernel';

/** One field of a list's filter: what a client gives, and the condition that it stands for. */
export interface FilterField<V = never> {
  /** GraphQL type of the value, as `@Field` takes it. */
  type(): unknown;
  description: string;
  /** SQL over the row `item`; `value` stands for the parameter. */
  where(value: string): string;
  /** The parameter. @throws PraxisError VALIDATION_FAILED, NOT_FOUND for an id of another kind */
  parameter(value: V, path: string): unknown;
}

export type Filter = Record<string, FilterField>;

/** What clients give for a filter; a field that is left out or null passes all. */
export type FilterOf<F extends Filter> = {
  [K in keyof F]?: Parameters<F[K]['parameter']>[0] | null;
};

const VALUES_MAX = 20;
const TEXT_LENGTH_MAX = 200;

/** Those whose value, a column or an expression, is one of the given ones of an enum. */
export const oneOf = <V extends string>(sql: string, type: object, description: string): FilterField<V[]> => ({
  type: () => [type],
  description: `${description} 1 to ${VALUES_MAX} values.`,
  where: (value) => `${sql} = ANY(${value}::text[])`,
  parameter: (values, path) => bounded(values, path),
});

/** Those whose text holds the given one, in upper or lower case. Walks the list, as no index can find it. */
export const containing = (sql: string, description: string): FilterField<string> => ({
  type: () => String,
  description: `${description} In upper or lower case, 1 to ${TEXT_LENGTH_MAX} characters.`,
  where: (value) => `strpos(lower(${sql}), lower(${value}::text)) > 0`,
  parameter: (value, path) => text(value, path),
});

/** Those whose text is the given one. */
export const equalTo = (sql: string, description: string): FilterField<string> => ({
  type: () => String,
  description,
  where: (value) => `${sql} = ${value}::text`,
  parameter: (value, path) => text(value, path),
});

/** Those that carry all the given texts. */
export const withAll = (sql: string, description: string): FilterField<string[]> => ({
  type: () => [String],
  description: `${description} 1 to ${VALUES_MAX} values.`,
  where: (value) => `${sql} @> ${value}::text[]`,
  parameter: (values, path) => bounded(values, path),
});

/** Those that belong to the object with the given global id; `where` when a column does not say so. */
export const ofId = (
  kind: NodeKind,
  sql: string,
  description: string,
  where: (value: string) => string = (value) => `${sql} = ${value}`,
): FilterField<string> => ({
  type: () => ID,
  description,
  where: (value) => where(`${value}::uuid`),
  parameter: (id) => uuidOf(kind, id),
});

/** Those from a time on, and those before one: `...between('created_at', 'created')` makes `createdFrom` and `createdBefore`. */
export function between<N extends string>(column: string, name: N) {
  const field = (operator: string, description: string): FilterField<Date> => ({
    type: () => GraphQLISODateTime,
    description,
    where: (value) => `item.${column} ${operator} ${value}::timestamptz`,
    parameter: (time, path) => comparableTime(time, path),
  });
  return {
    [`${name}From`]: field('>=', 'Only from this time on.'),
    [`${name}Before`]: field('<', 'Only before this time.'),
  } as Record<`${N}From` | `${N}Before`, FilterField<Date>>;
}

function bounded<V>(values: V[], path: string): V[] {
  if (values.length < 1 || values.length > VALUES_MAX) {
    throw PraxisError.invalid([{ path, message: `takes 1 to ${VALUES_MAX} values, got ${values.length}` }]);
  }
  values.forEach((value, i) => typeof value === 'string' && text(value, `${path}[${i}]`));
  return values;
}

function text(value: string, path: string): string {
  if (value.length >= 1 && value.length <= TEXT_LENGTH_MAX) return value;
  throw PraxisError.invalid([{ path, message: `takes 1 to ${TEXT_LENGTH_MAX} characters, got ${value.length}` }]);
}

/** Refuses years that a timestamp of the database cannot be compared with. */
export function comparableTime(time: Date, path: string): Date {
  const year = time.getUTCFullYear();
  if (year >= 1 && year <= 9999) return time;
  throw PraxisError.invalid([{ path, message: 'must be in the years 1 to 9999' }]);
}
