import type { Config } from '../config';
import { migrate } from '../db';
import { createLog } from '../kernel';
import { openDatabaseServer } from './database-server';

export async function migrateOnly(config: Config): Promise<void> {
  const server = await openDatabaseServer(config, createLog(config.logLevel, { process: 'migrate' }));
  try {
    await migrate(server.url);
  } finally {
    await server.stop();
  }
}
