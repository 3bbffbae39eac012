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
  const s = app.services;
  const rooms = {
    ...{ log: s.log, authenticator: s.authenticator, cases: s.caseService, tenants: s.tenantService },
    ...{ onboarding: s.onboardingService, tenantKeys: s.apiKeyService, operatorKeys: s.operatorKeyService },
  };
  await seed(rooms, dataDir);
}
