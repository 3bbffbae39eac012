import { Client } from 'pg';
import type { Log } from '../kernel';
import { appConnection } from './login/connection';

/** A lock over all processes on the database. */
export interface SessionLock {
  /** Aborts when the connection is lost, and the lock with it: another process may have it by now. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

interface Session {
  client: Client;
  /** Names. PostgreSQL would give a session a lock that it has once more. */
  held: Set<string>;
  lost: AbortController;
  probe: NodeJS.Timeout;
}

/** A connection that a firewall dropped gives no sign of it: ask now and then. */
const PROBE_MS = 10_000;
const ANSWER_MS = 5_000;

/**
 * Locks that a process holds for longer than a transaction: advisory locks of PostgreSQL on a connection of their own, which
 * is opened for the first of them. When the process dies, however it does, the server lets go of them.
 */
export class SessionLocks {
  private session: Promise<Session> | null = null;

  constructor(private readonly o: { url: string; log: Log }) {}

  /** Null when it is held, here or elsewhere. Throws when the database cannot be asked. */
  async tryTake(name: string): Promise<SessionLock | null> {
    const session = await (this.session ??= this.open());
    const { client, held, lost } = session;
    if (held.has(name)) return null;
    held.add(name);
    const taken = await ask(client, 'pg_try_advisory_lock', name).catch((error: unknown) => {
      held.delete(name);
      throw error;
    });
    if (!taken) {
      held.delete(name);
      return null;
    }
    let released: Promise<void> | null = null;
    return { lost: lost.signal, release: () => (released ??= this.release(session, name)) };
  }

  /** Lets go of all that is held. */
  async close(): Promise<void> {
    const session = await this.session?.catch(() => null);
    this.session = null;
    if (!session) return;
    session.held.clear();
    clearInterval(session.probe);
    await session.client.end().catch(() => undefined);
  }

  private async open(): Promise<Session> {
    const connection = appConnection(this.o.url, 'praxis locks');
    const client = new Client({ ...connection, connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS });
    const lose = (err: unknown): void => this.lose(session, err);
    const probe = setInterval(() => void client.query('SELECT 1').catch(lose), PROBE_MS);
    const session: Session = { client, held: new Set(), lost: new AbortController(), probe };
    client.on('error', lose);
    client.on('end', () => lose(undefined));
    try {
      await client.connect();
    } catch (error) {
      this.lose(session, error);
      throw error;
    }
    return session;
  }

  private async release({ client, held, lost }: Session, name: string): Promise<void> {
    if (lost.signal.aborted) return;
    // A connection that does not answer is found lost, and its locks are gone then.
    await ask(client, 'pg_advisory_unlock', name).catch(() => undefined);
    held.delete(name);
  }

  private lose({ client, lost, held, probe }: Session, err: unknown): void {
    if (lost.signal.aborted) return;
    lost.abort();
    clearInterval(probe);
    this.session = null;
    if (held.size > 0) this.o.log.warn({ err, locks: [...held] }, 'the connection that holds locks was lost');
    client.end().catch(() => undefined);
  }
}

async function ask(client: Client, lockFunction: string, name: string): Promise<boolean> {
  const sql = `SELECT ${lockFunction}(hashtextextended($1, 0)) AS done`;
  const { rows } = await client.query<{ done: boolean }>(sql, [name]);
  return rows[0].done;
}
