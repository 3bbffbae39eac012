import { createApp, type App } from '../app';
import { seed } from '../../seeds';
import type { Config } from '../config';
import { migrate } from '../db';
import { openDatabaseServer } from './prepare';

export async function seedOnly(config: Config): Promise<void> {
  const prepared = await openDatabaseServer(config, 'seed');
  try {
    await migrate(prepared.config.databaseUrl);
    const app = await createApp(prepared.config, prepared.log);
    await seedApp(app, prepared.config.dataDir);
    await app.close();
  } finally {
    await prepared.postgres?.stop();
  }
}

export async function seedApp(app: App, dataDir: string): Promise<void> {
  const { database, log, caseService, onboardingService, apiKeyService, authenticator } = app.services;
  const rooms = {
    database,
    log,
    cases: caseService,
    onboarding: onboardingService,
    apiKeys: apiKeyService,
    authenticator,
  };
  await seed(rooms, dataDir);
}
