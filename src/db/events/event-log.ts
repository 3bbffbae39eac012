import { isUuid, jobContext, PraxisError, type Log, type TenantContext } from '../../kernel';
import type { Database } from '../database';
import { EVENTS_CHANNEL, LISTENERS_LOCK, NotificationListener, type CachedKind } from './listener';
import { RollCall } from './roll-call';
import { EventStream, type IsLast, type Page, type StoredEvent } from './stream';
import { EventSubscription } from './subscription';

const PAGE_ROWS = 500;
const READ = 'SELECT sequence, at, kind, payload FROM events WHERE tenant_id = $1 AND subject_id = $2';

/** Of a tenant, or of all; whoever gives a promise says with it when it is done. */
type Forget = (tenantId: string | null) => Promise<void> | void;

interface Followed {
  stream: EventStream;
  followers: Set<EventSubscription>;
}

/**
 * Follows the events of subjects. They are stored first and announced by their ids, so an announcement that is lost
 * delays an event but never loses one, and none comes twice.
 */
export class EventLog {
  private readonly streams = new Map<string, Followed>();
  private readonly caches = new Map<string, Forget>();
  /** Changes that are being dealt with. */
  private readonly handling = new Set<Promise<void>>();
  private readonly listener: NotificationListener;
  private readonly rollCall: RollCall;
  private closed = false;

  private constructor(
    private readonly database: Database,
    url: string,
    log: Log,
  ) {
    this.listener = new NotificationListener({
      url,
      channel: EVENTS_CHANNEL,
      lock: LISTENERS_LOCK,
      log,
      onMessage: (payload) => this.announce(payload),
      onListening: () => this.readMissed(),
    });
    this.rollCall = new RollCall(this.listener, () => Promise.allSettled(this.handling));
  }

  static async open(o: { database: Database; url: string; log: Log }): Promise<EventLog> {
    const events = new EventLog(o.database, o.url, o.log);
    await events.listener.start();
    return events;
  }

  /** How many subscriptions are open. */
  get subscriptionCount(): number {
    let count = 0;
    for (const { followers } of this.streams.values()) count += followers.size;
    return count;
  }

  /** Whether changes are heard of: not while the connection is known to be lost. */
  get isListening(): boolean {
    return this.listener.isListening;
  }

  /**
   * The events of a subject with a sequence above `after` (0 for all), then those to come, up to the one that `isLast` names;
   * it is the same for all who follow a subject. Ends at once where that one is stored already and `after` is past it, or where
   * the subject is gone. A subject of another tenant has no events. End it with `return` (a `for await` does), or it goes on holding memory.
   */
  subscribe(context: TenantContext, subjectId: string, after: number, isLast?: IsLast): EventSubscription {
    if (this.closed) throw new PraxisError('UNAVAILABLE', 'The server is stopping. Subscribe again in a moment.');
    if (!isUuid(subjectId)) throw PraxisError.invalid([{ path: 'id', message: 'is not an id' }]);
    if (!Number.isSafeInteger(after) || after < 0) {
      throw PraxisError.invalid([{ path: 'after', message: `must be a whole number of at least 0, got ${after}` }]);
    }
    const key = `${context.tenantId} ${subjectId}`;
    const followed = this.streams.get(key) ?? this.follow(key, { context, subjectId, isLast });
    if (followed.stream.isLast !== isLast) throw new Error('All who follow a subject must name the same last event.');
    const subscription: EventSubscription = new EventSubscription(followed.stream, after, () => {
      followed.followers.delete(subscription);
      if (followed.followers.size === 0 && this.streams.get(key) === followed) this.streams.delete(key);
    });
    followed.followers.add(subscription);
    return subscription;
  }

  /**
   * Calls `forget` whenever a transaction of any process that said `announceChange` commits, and without a tenant when the
   * connection is back after a loss: what was said meanwhile is lost. A loss may show late, so cached rows must also be
   * dropped after some time.
   */
  onChange(kind: CachedKind, forget: Forget): void {
    this.caches.set(kind, forget);
  }

  /**
   * Resolves when every process that listens has handled what was announced before, `limitMs` after the call at the latest: one
   * that is stalled is not waited for longer.
   */
  heardByAll(limitMs: number): Promise<void> {
    return this.rollCall.take(limitMs);
  }

  /** Ends every subscription (their iterators are done) and the connection. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { followers } of [...this.streams.values()]) for (const follower of [...followers]) follower.end();
    await this.listener.close();
  }

  private follow(
    key: string,
    { context, subjectId, isLast }: { context: TenantContext; subjectId: string; isLast?: IsLast },
  ): Followed {
    // For all who follow, whoever came first.
    const tenant = jobContext(context.tenantId, 'events');
    const read = (after: number) => this.readPage(tenant, { subjectId, after, canEnd: isLast !== undefined });
    const followed = { stream: new EventStream(read, isLast), followers: new Set<EventSubscription>() };
    this.streams.set(key, followed);
    return followed;
  }

  private readMissed(): void {
    for (const { stream } of this.streams.values()) stream.signal();
    for (const kind of this.caches.keys()) this.forget(kind, null);
  }

  /** Payload: tenant, then a subject and its last sequence, or a kind of cached rows; or of a roll call. */
  private announce(payload: string): void {
    if (this.rollCall.hears(payload)) return;
    const [tenantId, subjectId] = payload.split(' ');
    this.forget(subjectId, tenantId);
    this.streams.get(`${tenantId} ${subjectId}`)?.stream.signal();
  }

  private forget(kind: string, tenantId: string | null): void {
    const done = this.caches.get(kind)?.(tenantId);
    if (!done) return;
    this.handling.add(done);
    const end = () => void this.handling.delete(done);
    done.then(end, end);
  }

  private readPage(
    context: TenantContext,
    { subjectId, after, canEnd }: { subjectId: string; after: number; canEnd: boolean },
  ): Promise<Page> {
    return this.database.inTenant(context, async (tx) => {
      const stream = [tx.tenantId, subjectId];
      const events = await tx.query<StoredEvent>(`${READ} AND sequence > $3 ORDER BY sequence LIMIT ${PAGE_ROWS}`, [
        ...stream,
        after,
      ]);
      const isFull = events.length === PAGE_ROWS;
      if (events.length > 0 || !canEnd) return { events, isFull };
      const [last = null] = await tx.query<StoredEvent>(`${READ} ORDER BY sequence DESC LIMIT 1`, stream);
      return { events, isFull, last };
    });
  }
}
