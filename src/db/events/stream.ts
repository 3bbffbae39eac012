/** One event of a subject, as it is stored. */
export interface StoredEvent {
  /** 1 for the first event of the subject, without gaps. */
  sequence: number;
  at: Date;
  kind: string;
  payload: unknown;
}

/** Reads the events of one stream that follow a sequence, oldest first, at most a page of them. */
export type ReadEvents = (after: number) => Promise<StoredEvent[]>;

/**
 * One subject's stream with all who follow it. Followers pull: each has its own position, and those that stand at the
 * same one share one read. The generation counts the signs that something may be new; a reader that found nothing
 * waits only while the generation it read at is still the current one, so no sign is missed between read and wait.
 */
export class EventStream {
  private generation = 0;
  private readonly reads = new Map<number, Promise<StoredEvent[]>>();
  private readonly waiting = new Set<() => void>();

  constructor(private readonly readEvents: ReadEvents) {}

  get current(): number {
    return this.generation;
  }

  /** Something may be new. Reads under way may have begun before it, so nobody joins them any more. */
  signal(): void {
    this.generation++;
    this.reads.clear();
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }

  read(after: number): Promise<StoredEvent[]> {
    const shared = this.reads.get(after);
    if (shared) return shared;
    const reading = this.readEvents(after);
    this.reads.set(after, reading);
    const forget = () => {
      if (this.reads.get(after) === reading) this.reads.delete(after);
    };
    reading.then(forget, forget);
    return reading;
  }

  /** Calls `wake` at the next signal, or at once when one came since `generation`; returns how to stop waiting. */
  wait(generation: number, wake: () => void): () => void {
    if (generation !== this.generation) wake();
    else this.waiting.add(wake);
    return () => this.waiting.delete(wake);
  }
}
