import type { Config } from '../config';
import { migrate, startPostgres, type EmbeddedPostgres } from '../db';
import { createLog, type Log } from '../kernel';
import { endWith } from '../process';

/** What every command that touches data does first: a database that runs and has the current schema. */

export interface Prepared {
  /** The configuration with the address of the database filled in. */
  config: Config & { databaseUrl: string };
  /** Null for an outside PostgreSQL. */
  postgres: EmbeddedPostgres | null;
  log: Log;
}

export async function openDatabaseServer(config: Config, processName: string): Promise<Prepared> {
  const log = createLog(config.logLevel, { process: processName });
  const onLost = (error: Error) => endWith(`The database is lost, so Praxis ends. ${error.message}`);
  const postgres = config.databaseUrl ? null : await startPostgres({ dataDir: config.dataDir, log, onLost });
  const databaseUrl = config.databaseUrl ?? postgres!.url;
  return { config: { ...config, databaseUrl }, postgres, log };
}

export async function migrateOnly(config: Config): Promise<void> {
  const prepared = await openDatabaseServer(config, 'migrate');
  try {
    await migrate(prepared.config.databaseUrl);
  } finally {
    await prepared.postgres?.stop();
  }
}
