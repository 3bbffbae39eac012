import { Pool } from 'pg';
import type { Log } from '../../kernel';

const ALIVE = { keepAlive: true, connectionTimeoutMillis: 5_000 };

/** A pool of the login for the queue's own statements. The queue wants a listener on every connection it may lose. */
export function openLoginPool(url: string, max: number, log?: Log): Pool {
  const pool = new Pool({ connectionString: url, max, application_name: 'praxis queue', ...ALIVE });
  const note = (err: Error) => log?.warn({ err }, 'a database connection of the queue was lost');
  pool.on('error', note);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
