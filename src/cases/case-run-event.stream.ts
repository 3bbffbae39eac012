import type { StoredEvent } from '../db';
import { CaseRunStage, toCaseRunEvent, type CaseRunEvent } from './case-run.entity';

/** The events of a case run up to the last one. No async generator: its `return` would wait for the next event. */
export class CaseRunEventStream implements AsyncIterableIterator<CaseRunEvent> {
  private finished = false;

  constructor(private readonly stored: AsyncIterableIterator<StoredEvent>) {}

  async next(): Promise<IteratorResult<CaseRunEvent>> {
    if (this.finished) return this.return();
    const { done, value } = await this.stored.next();
    if (done) return { done, value: undefined };
    const event = toCaseRunEvent(value);
    this.finished = event.stage === CaseRunStage.FINISHED;
    return { done: false, value: event };
  }

  async return(): Promise<IteratorResult<CaseRunEvent>> {
    await this.stored.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
