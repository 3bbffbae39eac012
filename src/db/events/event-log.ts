import { isUuid, PraxisError, type Log, type TenantContext } from '../../kernel';
import type { Database } from '../database';
import { EVENTS_CHANNEL, NotificationListener, type CachedKind } from './listener';
import { EventStream, type StoredEvent } from './stream';
import { EventSubscription } from './subscription';

const PAGE_ROWS = 500;

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
  private readonly caches = new Map<string, (tenantId: string) => void>();
  private readonly listener: NotificationListener;
  private closed = false;

  private constructor(
    private readonly database: Database,
    url: string,
    log: Log,
  ) {
    this.listener = new NotificationListener({
      url,
      channel: EVENTS_CHANNEL,
      log,
      onMessage: (payload) => this.announce(payload),
      onListening: () => this.streams.forEach(({ stream }) => stream.signal()),
    });
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

  /**
   * The events of a subject with a sequence above `after` (0 for all), then those to come, without end. A subject of
   * another tenant has none. End it with `return` (a `for await` does), or it goes on holding memory.
   */
  subscribe(context: TenantContext, subjectId: string, after: number): AsyncIterableIterator<StoredEvent> {
    if (this.closed) throw new PraxisError('UNAVAILABLE', 'The server is stopping. Subscribe again in a moment.');
    if (!isUuid(subjectId)) throw PraxisError.invalid([{ path: 'id', message: 'is not an id' }]);
    if (!Number.isSafeInteger(after) || after < 0) {
      throw PraxisError.invalid([{ path: 'after', message: `must be a whole number of at least 0, got ${after}` }]);
    }
    const key = `${context.tenantId} ${subjectId}`;
    const followed = this.follow(key, context, subjectId);
    const subscription: EventSubscription = new EventSubscription(followed.stream, after, () => {
      followed.followers.delete(subscription);
      if (followed.followers.size === 0 && this.streams.get(key) === followed) this.streams.delete(key);
    });
    followed.followers.add(subscription);
    return subscription;
  }

  /**
   * Calls `forget` whenever a transaction of any process that said `announceChange` commits. What is said while the
   * connection is down is lost, so cached rows must also be dropped after some time.
   */
  onChange(kind: CachedKind, forget: (tenantId: string) => void): void {
    this.caches.set(kind, forget);
  }

  /** Ends every subscription (their iterators are done) and the connection. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { followers } of [...this.streams.values()]) for (const follower of [...followers]) follower.end();
    await this.listener.close();
  }

  private follow(key: string, context: TenantContext, subjectId: string): Followed {
    const present = this.streams.get(key);
    if (present) return present;
    const stream = new EventStream((after) => this.readPage(context, subjectId, after));
    const followed = { stream, followers: new Set<EventSubscription>() };
    this.streams.set(key, followed);
    return followed;
  }

  /** Payload: tenant, then a subject and its last sequence, or a kind of cached rows. */
  private announce(payload: string): void {
    const [tenantId, subjectId] = payload.split(' ');
    this.caches.get(subjectId)?.(tenantId);
    this.streams.get(`${tenantId} ${subjectId}`)?.stream.signal();
  }

  private readPage(context: TenantContext, subjectId: string, after: number): Promise<StoredEvent[]> {
    const sql = `SELECT sequence, at, kind, payload FROM events
      WHERE tenant_id = $1 AND subject_id = $2 AND sequence > $3 ORDER BY sequence LIMIT ${PAGE_ROWS}`;
    return this.database.inTenant(context, (tx) => tx.query<StoredEvent>(sql, [tx.tenantId, subjectId, after]));
  }
}
