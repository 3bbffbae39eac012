import type { App } from '../app';
import { createApp } from '../app';
import type { Config } from '../config';
import { migrate, startPostgres, type EmbeddedPostgres } from '../db';
import { createLog, type Log } from '../kernel';

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
  const postgres = config.databaseUrl ? null : await startPostgres({ dataDir: config.dataDir, log });
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

export async function seedOnly(config: Config): Promise<void> {
  const prepared = await openDatabaseServer(config, 'seed');
  try {
    await migrate(prepared.config.databaseUrl);
    const app = await createApp(prepared.config, prepared.log);
    await seedApp(app);
    await app.close();
  } finally {
    await prepared.postgres?.stop();
  }
}

export async function seedApp(app: App): Promise<void> {
  const { seed } = await import('../../seeds');
  await seed(app);
}
