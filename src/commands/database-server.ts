import type { Config } from '../config';
import { startPostgres } from '../db/postgres';
import type { Log } from '../kernel/process/log';
import { endWith, hearParent, isSupervised } from '../process';

/** The PostgreSQL that a command works on. */
export interface DatabaseServer {
  url: string;
  /** Stops what this process has started. */
  stop(): Promise<void>;
}

/** An outside PostgreSQL, that of the process which supervises this one, or one that is started here. */
export async function openDatabaseServer({ databaseUrl, dataDir }: Config, log: Log): Promise<DatabaseServer> {
  if (isSupervised()) return elsewhere(await hearParent());
  if (databaseUrl) return elsewhere(databaseUrl);
  const onLost = (error: Error) => endWith(`The database is lost, so Praxis ends. ${error.message}`);
  return startPostgres({ dataDir, log, onLost });
}

const elsewhere = (url: string): DatabaseServer => ({ url, stop: async () => undefined });
