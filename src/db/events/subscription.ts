import { PraxisError } from '../../kernel';
import type { EventStream, StoredEvent } from './stream';

const RETRY_MS = 250;

/**
 * One follower of a stream: every event after its position once, in order, up to the last one of the subject if there is one. Reads only when asked for the next event,
 * so a slow follower holds no more than a page. `return` ends it at once, even while `next` waits.
 */
export class EventSubscription implements AsyncIterableIterator<StoredEvent> {
  private position: number;
  private page: StoredEvent[] = [];
  private place = 0;
  private ended = false;
  private wake: (() => void) | null = null;
  /** Calls of `next` answer one after the other. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly stream: EventStream,
    readonly after: number,
    private readonly onEnd: () => void,
  ) {
    this.position = after;
  }

  next(): Promise<IteratorResult<StoredEvent>> {
    const result = this.turn.then(() => this.pull());
    this.turn = result.catch(() => this.end());
    return result;
  }

  async return(): Promise<IteratorResult<StoredEvent>> {
    this.end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<StoredEvent>> {
    this.end();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the subscription and frees everything it holds. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.page = [];
    this.wake?.();
    this.onEnd();
  }

  private async pull(): Promise<IteratorResult<StoredEvent>> {
    while (!this.ended) {
      const event = this.page[this.place];
      if (event) {
        this.place++;
        this.position = event.sequence;
        return { done: false, value: event };
      }
      if (this.stream.endsAt(this.position)) this.end();
      else await this.turnPage();
    }
    return { done: true, value: undefined };
  }

  /** Reads the next page, or waits until there may be one. A database that is away for a while ends nothing. */
  private async turnPage(): Promise<void> {
    const generation = this.stream.current;
    try {
      const page = await this.stream.read(this.position);
      if (page.length === 0 && !this.stream.endsAt(this.position)) {
        return await this.wait((wake) => this.stream.wait(generation, wake));
      }
      this.page = page;
      this.place = 0;
    } catch (error) {
      if (!(error instanceof PraxisError) || error.code !== 'UNAVAILABLE') throw error;
      await this.wait((wake) => {
        const timer = setTimeout(wake, RETRY_MS);
        return () => clearTimeout(timer);
      });
    }
  }

  private async wait(until: (wake: () => void) => () => void): Promise<void> {
    if (this.ended) return;
    let cancel: (() => void) | null = null;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      cancel = until(resolve);
    });
    this.wake = null;
    (cancel as (() => void) | null)?.();
  }
}
