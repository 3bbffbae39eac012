import { Client } from 'pg';
import type { Log } from '../../kernel';
import { appConnection } from '../login/connection';

export const EVENTS_CHANNEL = 'praxis_events';

/** Two numbers: all that listen for events hold it, shared, so that they can be counted. */
export const LISTENERS_LOCK = '1886548835, 1';

/** What processes keep in memory and must forget when it changes. */
export type CachedKind = 'api_keys' | 'deployments';

export interface ListenerOptions {
  url: string;
  channel: string;
  /** An advisory lock that is held, shared, while it listens. */
  lock?: string;
  log: Log;
  onMessage(payload: string): void;
  /** The connection stands (again). What was announced before is lost, so read what may have been missed. */
  onListening(): void;
}

const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 2_000;
/** A connection that a firewall dropped gives no sign of it: ask now and then. */
const PROBE_MS = 10_000;
const PROBE_TIMEOUT_MS = 5_000;

/** One dedicated connection that listens on a channel, and comes back whenever it is lost. */
export class NotificationListener {
  private client: Client | null = null;
  private retry: NodeJS.Timeout | null = null;
  private probe: NodeJS.Timeout | null = null;
  private retryMs = RETRY_MS_MIN;
  private closed = false;
  private listening = false;

  constructor(private readonly o: ListenerOptions) {}

  /** False from the moment the connection is known to be lost until it stands again. */
  get isListening(): boolean {
    return this.listening;
  }

  /** Resolves when the first attempt to listen is over; later ones go on behind. */
  async start(): Promise<void> {
    const connection = appConnection(this.o.url, 'praxis events');
    const client = new Client({ ...connection, connectionTimeoutMillis: 5_000, query_timeout: PROBE_TIMEOUT_MS });
    this.client = client;
    client.on('error', (err) => this.lose(client, err));
    client.on('end', () => this.lose(client));
    client.on('notification', ({ payload }) => this.o.onMessage(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${this.o.channel}`);
      if (this.o.lock) await client.query(`SELECT pg_advisory_lock_shared(${this.o.lock})`);
    } catch (err) {
      return this.lose(client, err);
    }
    if (this.closed) return;
    this.retryMs = RETRY_MS_MIN;
    this.listening = true;
    this.o.onListening();
    this.probe = setInterval(() => void this.ask(client), PROBE_MS);
  }

  /** Over the connection that listens. @throws Error while there is none */
  async query<T extends object>(sql: string, params: unknown[]): Promise<T[]> {
    if (!this.client || !this.listening) throw new Error('The connection for events is lost.');
    return (await this.client.query<T>(sql, params)).rows;
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.retry) clearTimeout(this.retry);
    if (this.probe) clearInterval(this.probe);
    await this.client?.end().catch(() => undefined);
  }

  private async ask(client: Client): Promise<void> {
    await client.query('SELECT 1').catch((err: unknown) => this.lose(client, err));
  }

  private lose(client: Client, err?: unknown): void {
    if (this.closed || this.client !== client) return;
    this.client = null;
    this.listening = false;
    if (this.probe) clearInterval(this.probe);
    client.end().catch(() => undefined);
    this.o.log.warn({ err, retryMs: this.retryMs }, 'the connection for events was lost');
    this.retry = setTimeout(() => void this.start(), this.retryMs * (0.5 + Math.random()));
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MS_MAX);
  }
}
