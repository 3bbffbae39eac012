import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp, type App, type AppConfig } from '../../src/app';
import { readConfig } from '../../src/config';
import { testLog, type TestDatabase } from './database';

export interface TestApp {
  app: App;
  config: AppConfig;
}

/** The whole product on a test's own database and a data directory that goes with it. Call it in `beforeAll`. */
export async function openTestApp(test: TestDatabase, environment: Record<string, string> = {}): Promise<TestApp> {
  const dataDir = await mkdtemp(join(tmpdir(), 'praxis-test-app-'));
  const config = {
    ...readConfig({ PORT: '0', PRAXIS_DRAIN_MS: '2000', ...environment }),
    dataDir,
    databaseUrl: test.url,
  };
  const app = await createApp(config, testLog);
  test.defer(async () => {
    await app.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  return { app, config };
}
