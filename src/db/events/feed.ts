import type { EventBatch } from '../../kernel';
import type { StoredEvent } from './stream';
import type { EventSubscription } from './subscription';

/** How the events of a kind of subject are shown to those who follow it. */
export interface Showing<T> {
  /** One message out of events that follow one another: of one event, or of several where messages are batches. */
  show(events: StoredEvent[]): T;
  /** Whether a message carries several events. */
  isBatched: boolean;
}

/** A message for each event. */
export const oneByOne = <T>(convert: (event: StoredEvent) => T): Showing<T> => ({
  isBatched: false,
  show: ([event]) => convert(event),
});

/** Several events in one message, as the types that `batchOf` makes. */
export const inBatches = <T>(convert: (event: StoredEvent) => T): Showing<EventBatch<T>> => ({
  isBatched: true,
  show: (events) => ({
    firstSequence: events[0].sequence,
    lastSequence: events[events.length - 1].sequence,
    events: events.map(convert),
  }),
});

/**
 * What a subscription of the schema follows. Iterated, it gives a message for each event; who serves many subscribers of one
 * stream reads `subscription.stream` instead, makes each message once, and ends the feed with `return`.
 */
export class EventFeed<T> implements AsyncIterableIterator<T> {
  constructor(
    readonly subscription: EventSubscription,
    readonly showing: Showing<T>,
  ) {}

  async next(): Promise<IteratorResult<T>> {
    const { done, value } = await this.subscription.next();
    return done ? { done, value: undefined } : { done: false, value: this.showing.show([value]) };
  }

  async return(): Promise<IteratorResult<T>> {
    this.subscription.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
