import type { StoredEvent } from '../db';
import { toRunEvent, type RunEvent } from './run-event.type';
import { isFinal, type RunState } from './run-state';

/** The events of a run up to the one that ends it. No async generator: its `return` would wait for the next event. */
export class RunEventStream implements AsyncIterableIterator<RunEvent> {
  private finished = false;

  constructor(private readonly stored: AsyncIterableIterator<StoredEvent>) {}

  async next(): Promise<IteratorResult<RunEvent>> {
    if (this.finished) return this.return();
    const { done, value } = await this.stored.next();
    if (done) return { done, value: undefined };
    this.finished = value.kind === 'state' && isFinal((value.payload as { state: RunState }).state);
    return { done: false, value: toRunEvent(value) };
  }

  async return(): Promise<IteratorResult<RunEvent>> {
    await this.stored.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
