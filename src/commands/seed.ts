import { createApp, type App } from '../app';
import { seed } from '../../seeds';
import type { Config } from '../config';
import { migrate } from '../db';
import { createLog } from '../kernel';
import { openDatabaseServer } from './database-server';

export async function seedOnly(config: Config): Promise<void> {
  const log = createLog(config.logLevel, { process: 'seed' });
  const server = await openDatabaseServer(config, log);
  try {
    await migrate(server.url, { waitMs: config.databaseWaitMs, log });
    const app = await createApp({ ...config, databaseUrl: server.url }, log);
    await seedApp(app, config.dataDir);
    await app.close();
  } finally {
    await server.stop();
  }
}

export async function seedApp(app: App, dataDir: string): Promise<void> {
  const { authenticator, apiKeys: tenantKeys, ...services } = app.services;
  const dependencies = { ...services, log: app.platform.log, authenticator, tenantKeys };
  await seed(dependencies, dataDir);
}
