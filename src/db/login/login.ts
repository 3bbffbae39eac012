import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { PraxisError, type Log } from '../../kernel';
import { connectionFault, type ConnectionFault } from './connection.faults';

/** How long a start waits for what is not there yet. */
export interface Patience {
  waitMs: number;
  log?: Log;
}

export const AT_ONCE: Patience = { waitMs: 0 };

const CONNECT_TIMEOUT_MS = 5_000;
const PAUSE_MS = 500;

/**
 * Runs `work` on one connection of the login and closes it. A server that is not there yet is waited for.
 * @throws PraxisError UNAVAILABLE with one sentence that names the database, without its password
 */
export async function withLogin<T>(
  url: string,
  work: (client: Client) => Promise<T>,
  patience: Patience = AT_ONCE,
): Promise<T> {
  const client = await connect(url, patience);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function connect(url: string, patience: Patience): Promise<Client> {
  let connected!: Client;
  await waitUntil(patience, async () => {
    const client = newClient(url);
    try {
      await client.connect();
      connected = client;
      return null;
    } catch (error) {
      void client.end().catch(() => undefined);
      const fault = connectionFault(error as Error, client);
      const sentence = sentenceOn(client, fault, patience);
      if (!fault.passes) throw new PraxisError('UNAVAILABLE', sentence, { cause: error });
      return { waitsFor: `the database ${describe(client)}: ${fault.reason}`, sentence };
    }
  });
  return connected;
}

/** What is not there yet: for the line that says that we wait, and for the error when the time is over. */
interface Missing {
  waitsFor: string;
  sentence: string;
}

/** Looks again until nothing is missing. Says once what it waits for; fails when the time is over. */
export async function waitUntil({ waitMs, log }: Patience, look: () => Promise<Missing | null>): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (let isLogged = false; ; isLogged = true) {
    const missing = await look();
    if (!missing) return;
    if (performance.now() >= deadline) throw new PraxisError('UNAVAILABLE', missing.sentence);
    if (!isLogged) log?.warn({ waitSeconds: waitMs / 1_000 }, `waiting for ${missing.waitsFor}`);
    await sleep(Math.min(PAUSE_MS, waitMs));
  }
}

function newClient(url: string): Client {
  try {
    const client = new Client({
      connectionString: url,
      application_name: 'praxis migrate',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    client.on('error', () => undefined);
    return client;
  } catch (cause) {
    const { path, code } = cause as NodeJS.ErrnoException;
    if (path) {
      const sentence = `DATABASE_URL names the file ${path}, which cannot be read (${code}); correct sslrootcert, sslcert or sslkey.`;
      throw new PraxisError('UNAVAILABLE', sentence, { cause });
    }
    const form = 'postgres://USER:PASSWORD@HOST:PORT/DATABASE';
    const hint = 'with @, :, / and % of a password written as %40, %3A, %2F and %25';
    throw new PraxisError('UNAVAILABLE', `DATABASE_URL is not an address of the form ${form}, ${hint}.`, { cause });
  }
}

/** The database as its address names it, without the password. */
const describe = ({ user, host, port, database }: Client): string =>
  `${database ?? 'without a name'} of ${user ?? 'no user'} at ${host}${host.startsWith('/') ? '' : `:${port}`}`;

function sentenceOn(client: Client, { passes, reason, remedy }: ConnectionFault, { waitMs }: Patience): string {
  const waited = passes && waitMs > 0 ? ` for ${waitMs / 1_000} s` : '';
  return `The database in DATABASE_URL (${describe(client)}) cannot be used${waited}: ${reason}; ${remedy}.`;
}
