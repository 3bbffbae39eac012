import { ArgsType, Field, InputType, registerEnumType } from 'type-graphql';
import { In, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { ConnectionArgs, type PageArgs } from '../../kernel';
import type { Transaction } from '../transaction';
import type { Filter, FilterOf } from './filter';

export enum SortDirection {
  ASC = 'ASC',
  DESC = 'DESC',
}

registerEnumType(SortDirection, {
  name: 'SortDirection',
  description: 'Which end of a list comes first.',
  valuesConfig: {
    ASC: { description: 'The smallest, the earliest, A to Z.' },
    DESC: { description: 'The largest, the latest, Z to A.' },
  },
});

/** What a list can be sorted by. An index `(tenant_id, <sql> DESC, id)` serves both directions. */
export interface SortKey {
  /** Over the row `item`; never null. */
  sql: string;
  type: 'timestamptz' | 'text';
  description: string;
}

export const byTime = (column: string, description: string): SortKey => ({
  sql: `item.${column}`,
  type: 'timestamptz',
  description,
});

/** In upper or lower case alike. */
export const byText = (column: string, description: string): SortKey => ({
  sql: `lower(item.${column})`,
  type: 'text',
  description,
});

export interface ListSort {
  field: string;
  direction: SortDirection;
}

export interface ListArgs<F extends Filter = Filter> extends PageArgs {
  filter?: FilterOf<F> | null;
  sort?: ListSort | null;
}

export interface ListOptions<E, F extends Filter> {
  /** Of the objects; begins the names of the GraphQL types, and is in the cursors. */
  name: string;
  table: string;
  filter: F;
  /** By the names clients see. The first one, descending, is the order of a list without a sort. */
  sort: Record<string, SortKey>;
  idType?: 'uuid' | 'bigint';
  /** The objects with these ids, by them. */
  read(tx: Transaction, ids: string[]): Promise<Map<string, E>>;
}

/** The rows of an entity, for `read`. */
export const rowsOf =
  <E extends ObjectLiteral & { id: string }>(entity: EntityTarget<E>) =>
  async (tx: Transaction, ids: string[]): Promise<Map<string, E>> => {
    const rows = ids.length === 0 ? [] : await tx.repo(entity).findBy({ id: In(ids) } as never);
    return new Map(rows.map((row) => [row.id, row]));
  };

/** A list that clients page through, filter and sort: a table of fields, from which the arguments and the SQL are made. */
export interface List<E, F extends Filter> extends ListOptions<E, F> {
  /** For `@Args`: paging, `filter` and `sort`. */
  Args: new () => ListArgs<F>;
}

export function listOf<E, F extends Filter>(o: ListOptions<E, F>): List<E, F> {
  return { ...o, Args: argsOf(filterType(o.name, o.filter), sortType(o.name, o.sort)) as never };
}

/** A list without filter and sort, such as the versions of one object. */
export const plainList = <E>(o: Omit<ListOptions<E, Filter>, 'filter'>): ListOptions<E, Filter> => ({
  ...o,
  filter: {},
});

function filterType(name: string, filter: Filter): new () => object {
  @InputType(`${name}Filter`, {
    description: `Which items of a list of ${name} to show: those that pass every field that is given.`,
  })
  class ItemFilter {}
  for (const [key, { type, description }] of Object.entries(filter)) {
    Field(() => type() as never, { nullable: true, description })(ItemFilter.prototype, key);
  }
  return ItemFilter;
}

function sortType(name: string, sort: Record<string, SortKey>): new () => ListSort {
  const fields = Object.fromEntries(Object.keys(sort).map((key) => [key, key]));
  registerEnumType(fields, {
    name: `${name}SortField`,
    description: `What a list of ${name} can be sorted by.`,
    valuesConfig: Object.fromEntries(Object.entries(sort).map(([key, { description }]) => [key, { description }])),
  });
  @InputType(`${name}Sort`, { description: `The order of a list of ${name}; ties are broken by id.` })
  class ItemSort implements ListSort {
    @Field(() => fields, { description: 'What to sort by.' })
    field!: string;
    @Field(() => SortDirection, { defaultValue: SortDirection.ASC, description: 'Default ASC.' })
    direction!: SortDirection;
  }
  return ItemSort;
}

function argsOf(filter: new () => object, sort: new () => ListSort) {
  @ArgsType()
  class ItemArgs extends ConnectionArgs {
    @Field(() => filter, { nullable: true, description: 'Only items that pass; left out, all.' })
    filter?: object | null;
    @Field(() => sort, { nullable: true, description: 'Left out: newest first.' })
    sort?: ListSort | null;
  }
  return ItemArgs;
}
