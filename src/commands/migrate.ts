import type { Config } from '../config';
import { migrate } from '../db';
import { createLog } from '../kernel';
import { openDatabaseServer } from './database-server';

export async function migrateOnly(config: Config): Promise<void> {
  const log = createLog(config.logLevel, { process: 'migrate' });
  const server = await openDatabaseServer(config, log);
  try {
    await migrate(server.url, { waitMs: config.databaseWaitMs, log });
  } finally {
    await server.stop();
  }
}
