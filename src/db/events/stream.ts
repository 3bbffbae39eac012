/** One event of a subject, as it is stored. */
export interface StoredEvent {
  /** 1 for the first event of the subject, without gaps. */
  sequence: number;
  at: Date;
  kind: string;
  payload: unknown;
}

/** What a reading gives. */
export interface Page {
  /** Oldest first. */
  events: StoredEvent[];
  /** Whether this may not be all there is. */
  isFull: boolean;
  /** Where `events` is empty and the subject can end: its last event, null when it is gone. */
  last?: StoredEvent | null;
}

/** Reads the events of one stream that follow a sequence, at most a page of them. */
export type ReadEvents = (after: number) => Promise<Page>;

/** Whether no event follows this one. Given for subjects that have an event as long as they exist. */
export type IsLast = (event: StoredEvent) => boolean;

/** How many of the newest events stay in memory while somebody follows. */
const RECENT_MAX = 256;

/**
 * One subject's stream with all who follow it. Followers pull: each has its own position; those that stand at the same one
 * share one read, and what was read lately is not read again. The generation counts the signs that something may be new; a
 * reader that found nothing waits only while the generation it read at is still the current one, so no sign is missed
 * between read and wait.
 */
export class EventStream {
  private generation = 0;
  private readonly reads = new Map<number, Promise<StoredEvent[]>>();
  private readonly waiting = new Set<() => void>();
  /** The newest events that were read, without gaps. */
  private recent: StoredEvent[] = [];
  /** Where there was nothing more, and when. */
  private quiet = { sequence: -1, generation: -1 };
  private endSequence = Infinity;

  constructor(
    private readonly readEvents: ReadEvents,
    readonly isLast?: IsLast,
  ) {}

  get current(): number {
    return this.generation;
  }

  /** Whether the subject has ended and nothing follows this sequence. Known once its last event was read. */
  endsAt(sequence: number): boolean {
    return sequence >= this.endSequence;
  }

  /** Something may be new. Reads under way may have begun before it, so nobody joins them any more. */
  signal(): void {
    this.generation++;
    this.reads.clear();
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }

  async read(after: number): Promise<StoredEvent[]> {
    if (this.endsAt(after)) return [];
    if (after === this.quiet.sequence && this.generation === this.quiet.generation) return [];
    return this.recentAfter(after) ?? this.share(after);
  }

  /** Calls `wake` at the next signal, or at once when one came since `generation`; returns how to stop waiting. */
  wait(generation: number, wake: () => void): () => void {
    if (generation !== this.generation) wake();
    else this.waiting.add(wake);
    return () => this.waiting.delete(wake);
  }

  private recentAfter(after: number): StoredEvent[] | null {
    const [first] = this.recent;
    const newest = this.recent.at(-1);
    if (!newest || after < first.sequence - 1 || after >= newest.sequence) return null;
    return this.recent.slice(after - first.sequence + 1);
  }

  private share(after: number): Promise<StoredEvent[]> {
    const shared = this.reads.get(after);
    if (shared) return shared;
    const reading = this.readStored(after);
    this.reads.set(after, reading);
    const forget = () => {
      if (this.reads.get(after) === reading) this.reads.delete(after);
    };
    reading.then(forget, forget);
    return reading;
  }

  private async readStored(after: number): Promise<StoredEvent[]> {
    const { generation } = this;
    const { events, isFull, last } = await this.readEvents(after);
    const newest = events.at(-1);
    if (!isFull) this.quiet = { sequence: newest?.sequence ?? after, generation };
    const end = this.isLast && [...events, ...(last ? [last] : [])].find(this.isLast);
    if (end) this.endSequence = end.sequence;
    if (last === null) this.endSequence = 0;
    if (newest) this.keep(events, newest);
    return events;
  }

  private keep(events: StoredEvent[], newest: StoredEvent): void {
    const known = this.recent.at(-1)?.sequence ?? 0;
    if (newest.sequence <= known) return;
    const follows = events[0].sequence === known + 1;
    this.recent = (follows ? [...this.recent, ...events] : events).slice(-RECENT_MAX);
  }
}
