import type { EventStream, Showing, StoredEvent } from '../../db';
import type { Delivery } from './delivery';
import type { TextCache } from './text-cache';

/** What is sent of one event, or of a batch. */
export interface Message {
  first: number;
  last: number;
  text: string;
}

export interface BroadcastOptions {
  stream: EventStream;
  showing: Showing<unknown>;
  render(message: unknown): Promise<string>;
  texts: TextCache;
  /** How many events were sent, to all together. */
  onSent(events: number): void;
}

/** At most 20 batches a second. */
const BATCH_GAP_MS = 50;
/** Commits that follow each other closely are read together. */
const READ_GAP_MS = 5;
/** After so long of sending, others have their turn. */
const TURN_MS = 8;

let count = 0;

/**
 * One stream in one selection: each message is read, executed and written as text once, and sent to everybody who has had
 * all before it. Whoever is behind reads for himself (see Delivery) until he has caught up.
 */
export class Broadcast {
  private readonly members = new Set<Delivery>();
  private readonly id = `${(count += 1)}`;
  private head = 0;
  private isRunning = false;
  private sentMs = -Infinity;
  /** Of the stream, at the last reading. */
  private generation = -1;
  private wake = () => {};

  constructor(private readonly o: BroadcastOptions) {}

  get stream(): EventStream {
    return this.o.stream;
  }

  /** Takes part from here on, if the subscriber has all that was sent so far; false: there is more for it to read first. */
  join(delivery: Delivery): boolean {
    if (!this.isRunning) this.head = delivery.position;
    if (delivery.position < this.head) return false;
    this.members.add(delivery);
    if (!this.isRunning) void this.run();
    return true;
  }

  leave(delivery: Delivery): void {
    this.members.delete(delivery);
    if (this.members.size === 0) this.wake();
  }

  /** What follows `after`, up to what was sent to those who are not behind. */
  async messagesAfter(after: number): Promise<Message[]> {
    const events = await this.stream.read(after);
    const head = this.isRunning ? this.head : Infinity;
    return this.render(events[0]?.sequence > head ? [] : events.filter(({ sequence }) => sequence <= head));
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    try {
      while (this.members.size > 0) await this.step();
    } catch (error) {
      // Each asks for itself, and meets the fault or gets over it.
      for (const member of this.takeMembers()) member.resume(error);
    } finally {
      this.isRunning = false;
    }
  }

  private async step(): Promise<void> {
    await this.pace(this.o.showing.isBatched ? BATCH_GAP_MS : READ_GAP_MS);
    this.generation = this.stream.current;
    const events = await this.stream.read(this.head);
    if (events.length > 0) return this.send(await this.render(events));
    if (this.stream.endsAt(this.head)) return this.takeMembers().forEach((member) => member.finish());
    await this.sign(this.generation);
  }

  private takeMembers(): Delivery[] {
    const members = [...this.members];
    this.members.clear();
    return members;
  }

  private async send(messages: Message[]): Promise<void> {
    this.sentMs = performance.now();
    for (const message of messages) {
      let sent = 0;
      let turnMs = performance.now();
      for (const member of this.members) {
        sent += member.give(message);
        if (performance.now() - turnMs < TURN_MS) continue;
        await new Promise(setImmediate);
        turnMs = performance.now();
      }
      this.head = message.last;
      this.o.onSent(sent);
    }
  }

  /** The same message for everybody who asks, executed once. */
  private async render(events: StoredEvent[]): Promise<Message[]> {
    const parts = this.o.showing.isBatched
      ? [events].filter(({ length }) => length > 0)
      : events.map((event) => [event]);
    const messages: Message[] = [];
    for (const part of parts) {
      const [first, last] = [part[0].sequence, part[part.length - 1].sequence];
      const make = () => this.o.render(this.o.showing.show(part));
      messages.push({ first, last, text: await this.o.texts.get(`${this.id} ${first} ${last}`, make) });
    }
    return messages;
  }

  /**
   * Until something comes when the last message is at least the gap ago, and for no longer than the gap where something
   * waits: events that come at half the gap share a message without being held back for the whole of it.
   */
  private async pace(gapMs: number): Promise<void> {
    let isWaiting = this.stream.current !== this.generation;
    let dueMs = this.sentMs + gapMs;
    for (let nowMs = performance.now(); nowMs < dueMs && this.members.size > 0;) {
      const came = await this.sign(this.stream.current, dueMs - nowMs);
      nowMs = performance.now();
      if (came && nowMs - this.sentMs >= gapMs) return;
      if (came && !isWaiting) [isWaiting, dueMs] = [true, nowMs + gapMs];
    }
  }

  /** Waits for a sign that something may be new, or that the last member has left; false when none came in time. */
  private sign(generation: number, timeoutMs?: number): Promise<boolean> {
    return new Promise((resolve) => {
      let cancel = () => {};
      const end = (came: boolean) => {
        clearTimeout(timer);
        cancel();
        this.wake = () => {};
        resolve(came);
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(() => end(false), timeoutMs);
      this.wake = () => end(false);
      cancel = this.stream.wait(generation, () => end(true));
    });
  }
}
