import type { EventFeed } from '../../db';
import { PraxisError } from '../../kernel';
import type { Broadcast, Message } from './broadcast';
import type { Channel } from './outlet';

const RETRY_MS = 250;

export interface DeliveryOptions {
  broadcast: Broadcast;
  feed: EventFeed<unknown>;
  channel: Channel;
  onEnd(): void;
}

/**
 * One subscription: every event after its position once, in order. It takes what the broadcast sends while it has all before
 * that, its connection has room and its key works; else it goes on by itself, asking for each, and joins again when it has
 * caught up. Nothing is queued for it: it reads from its position, so a slow connection gets larger batches.
 *
 * For the GraphQL libraries it is a stream of results that gives none and ends when the subscription does: what it carries
 * has been written already.
 */
export class Delivery implements AsyncGenerator<never, void, undefined> {
  position: number;
  private readonly ended: Promise<void>;
  private settle!: { end: () => void; fail: (error: unknown) => void };
  private isEnded = false;

  constructor(private readonly o: DeliveryOptions) {
    this.position = o.feed.subscription.after;
    this.ended = new Promise((end, fail) => (this.settle = { end, fail }));
    this.ended.catch(() => undefined);
    void this.resume();
  }

  /** Sends what follows its position; gives how many events that were. */
  give(message: Message): number {
    if (this.position >= message.last) return 0;
    const { outlet } = this.o.channel;
    const takes = this.position === message.first - 1 && outlet.isOpen && !outlet.isFull && outlet.held?.stands;
    if (takes) return this.write(message);
    this.o.broadcast.leave(this);
    void this.resume();
    return 0;
  }

  /** Reads for itself from its position on. `cause`: the broadcast broke off. */
  async resume(cause?: unknown): Promise<void> {
    try {
      if (cause) await retryable(cause);
      while (!this.isEnded && !(await this.catchUp()));
    } catch (error) {
      this.end(() => this.settle.fail(error));
    }
  }

  /** There is nothing more to come. */
  finish(): void {
    this.end(() => this.settle.end());
  }

  async next(): Promise<IteratorResult<never, void>> {
    await this.ended;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<never, void>> {
    this.finish();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<never, void>> {
    this.finish();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.finish();
  }

  /** One step; true when there is nothing left to do by itself. */
  private async catchUp(): Promise<boolean> {
    const { broadcast, channel } = this.o;
    if (!(await channel.outlet.room())) return (this.finish(), true);
    try {
      const messages = await broadcast.messagesAfter(this.position);
      await channel.outlet.held?.confirm();
      for (const message of messages)
        if (!this.isEnded && channel.outlet.isOpen && !channel.outlet.isFull) this.write(message);
      if (messages.length > 0) return false;
    } catch (error) {
      await retryable(error);
      return false;
    }
    if (this.isEnded) return true;
    if (broadcast.stream.endsAt(this.position)) return (this.finish(), true);
    return broadcast.join(this);
  }

  private write({ last, first, text }: Message): number {
    const { outlet, head, tail } = this.o.channel;
    outlet.write(head + text + tail);
    this.position = last;
    return last - first + 1;
  }

  private end(settle: () => void): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.o.broadcast.leave(this);
    void this.o.feed.return();
    settle();
    this.o.onEnd();
  }
}

/** A database that is away for a while ends nothing; any other error is thrown. */
async function retryable(error: unknown): Promise<void> {
  if (!(error instanceof PraxisError) || error.code !== 'UNAVAILABLE') throw error;
  await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
}
