import 'reflect-metadata';
import { GraphQLSafeInt } from 'graphql-scalars';
import { ArgsType, Field, ID, Int, InterfaceType, ObjectType } from 'type-graphql';
import type { OperatorContext, TenantContext } from './context';
import { PraxisError } from './errors/errors';
import type { Log } from './process/log';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, TOTAL_COUNT_MAX, type Edge, type Page } from './pages/pagination';

/** Whoever waits for an answer. */
export interface Waiter {
  /** True once the connection is closed and nobody will read the answer. Costs nothing until it is asked. */
  readonly hasLeft: boolean;
}

/** Of all predictions that one request asks for. */
export const REQUEST_ROWS_MAX = 10_000;

/** One request: its operations, and all fields of them, share what it may cost. */
export interface Spender extends Waiter {
  /**
   * Counts rows to predict.
   * @throws PraxisError PAYLOAD_TOO_LARGE beyond `REQUEST_ROWS_MAX`
   */
  addRows(count: number): void;
  /**
   * Counts values of the answer, in characters.
   * @throws PraxisError PAYLOAD_TOO_LARGE beyond what one answer takes; RATE_LIMITED beyond what those may that wait to be read
   */
  addAnswer(characters: number): void;
}

/** What every resolver gets. `loaders` is a scratch space of this operation; see `loaderOf`. */
export interface GraphContext extends Spender {
  caller: TenantContext | OperatorContext | null;
  requestId: string;
  log: Log;
  loaders: Map<unknown, unknown>;
  /** Where the caller reaches this server, such as `https://praxis.example`; empty where nobody asked over the network. */
  readonly address: string;
}

/** The tenant caller of an operation; refuses anonymous callers and operators. */
export function tenantOf(context: GraphContext): TenantContext {
  if (!context.caller) {
    throw new PraxisError('UNAUTHENTICATED', 'Send a valid api key as "Authorization: Bearer <key>".');
  }
  if (context.caller.role === 'OPERATOR') {
    throw new PraxisError('FORBIDDEN', 'An operator key sees no tenant data; use a key of the tenant.');
  }
  return context.caller;
}

export function operatorOf(context: GraphContext): OperatorContext {
  if (!context.caller)
    throw new PraxisError('UNAUTHENTICATED', 'Send an operator key as "Authorization: Bearer <key>".');
  if (context.caller.role !== 'OPERATOR') throw new PraxisError('FORBIDDEN', 'Only an operator key may do this.');
  return context.caller;
}

/** One instance per operation, made on first use: `loaderOf(context, DatasetLoader, () => new DataLoader(...))`. */
export function loaderOf<T>(context: GraphContext, key: unknown, make: () => T): T {
  if (!context.loaders.has(key)) context.loaders.set(key, make());
  return context.loaders.get(key) as T;
}

@InterfaceType({ description: 'An object with a global id, readable through `node(id:)`.' })
export abstract class Node {
  @Field(() => ID, { name: 'id', description: 'Global id, opaque and stable.' })
  readonly globalId!: string;
}

@ObjectType({ description: 'Position of a page in its list.' })
export class PageInfo {
  @Field({ description: 'True when more items follow.' })
  hasNextPage!: boolean;
  @Field({ description: 'True when items precede this page.' })
  hasPreviousPage!: boolean;
  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the first item; pass it as `before`. Null on an empty page.',
  })
  startCursor!: string | null;
  @Field(() => String, { nullable: true, description: 'Cursor of the last item; pass it as `after`.' })
  endCursor!: string | null;
}

@ArgsType()
export class ConnectionArgs {
  @Field(() => Int, {
    nullable: true,
    description: `How many items from the start, 1 to ${PAGE_SIZE_MAX}. Default ${PAGE_SIZE_DEFAULT}, unless \`last\` is given; not both.`,
  })
  first?: number | null;
  @Field(() => String, { nullable: true, description: 'Only items after this cursor of the same list and sort.' })
  after?: string | null;
  @Field(() => Int, {
    nullable: true,
    description: `How many items from the end, 1 to ${PAGE_SIZE_MAX}, in the order of the list; with \`before\` to page backwards.`,
  })
  last?: number | null;
  @Field(() => String, { nullable: true, description: 'Only items before this cursor of the same list and sort.' })
  before?: string | null;
}

/** With its article: a Run, an ApiKey. */
const one = (name: string): string => `${/^[AEIOU]/.test(name) ? 'An' : 'A'} ${name}`;

/** Makes the Relay connection class of a type: `const DatasetConnection = connectionOf(Dataset, 'Dataset')`. */
export function connectionOf<T extends object>(item: new (...args: never[]) => T, name: string) {
  @ObjectType(`${name}Edge`, { description: `${one(name)} and its cursor.` })
  class ItemEdge implements Edge<T> {
    @Field({ description: 'Position of this item, for `after` and `before`.' })
    cursor!: string;
    @Field(() => item, { description: 'The item.' })
    node!: T;
  }
  @ObjectType(`${name}Connection`, { description: `A page of ${name} items, newest first unless said otherwise.` })
  class ItemConnection implements Page<T> {
    @Field(() => [ItemEdge], { description: 'Items with cursors.' })
    edges!: Edge<T>[];
    @Field(() => PageInfo, { description: 'Position of this page in the list.' })
    pageInfo!: PageInfo;
    count!: () => Promise<number>;
    @Field(() => Int, {
      description: `Items of the whole list that pass its filter, on whichever page. Counted up to ${TOTAL_COUNT_MAX}, which means that many or more. Read only when selected.`,
    })
    totalCount(): Promise<number> {
      return this.count();
    }
  }
  return ItemConnection;
}

/** For a look-up whose answer may not be null, so that one missing object takes the whole answer with it. */
export const replacedBy = (name: string) => ({
  deprecationReason: `Use \`${name}\`, which is null when there is no such object and leaves the rest of the answer.`,
});

/** Events of a subject that follow one another. */
export interface EventBatch<T> {
  firstSequence: number;
  lastSequence: number;
  events: T[];
}

/** Makes the type of several events in one message: `const RunEventBatch = batchOf(RunEvent, 'RunEvent')`. */
export function batchOf<T extends object>(item: new (...args: never[]) => T, name: string) {
  @ObjectType(`${name}Batch`, { description: `Events that follow one another, as ${name} has them; at least one.` })
  class Batch implements EventBatch<T> {
    @Field(() => GraphQLSafeInt, { description: 'Sequence of the first event.' })
    firstSequence!: number;
    @Field(() => GraphQLSafeInt, { description: 'Sequence of the last event; pass the last one seen as `after`.' })
    lastSequence!: number;
    @Field(() => [item], { description: 'The events, oldest first.' })
    events!: T[];
  }
  return Batch;
}

/** Says in the schema how batches are sent. */
export const BATCHES_SENT =
  'At most 20 batches a second, each with all events since the last one; a slow reader gets fewer, larger ones of up to 500.';
