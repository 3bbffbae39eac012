import type { StoredEvent } from './stream';

/**
 * The events of a subject as `convert` presents them, up to the one that `isLast` names. No async generator: its
 * `return` would wait for the next event.
 */
export class EndingStream<T> implements AsyncIterableIterator<T> {
  private finished = false;

  constructor(
    private readonly stored: AsyncIterableIterator<StoredEvent>,
    private readonly convert: (event: StoredEvent) => T,
    private readonly isLast: (event: T) => boolean,
  ) {}

  async next(): Promise<IteratorResult<T>> {
    if (this.finished) return this.return();
    const { done, value } = await this.stored.next();
    if (done) return { done, value: undefined };
    const event = this.convert(value);
    this.finished = this.isLast(event);
    return { done: false, value: event };
  }

  async return(): Promise<IteratorResult<T>> {
    await this.stored.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
