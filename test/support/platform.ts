import { Registry } from 'prom-client';
import { readConfig } from '../../src/config';
import { InferencePool } from '../../src/compute';
import { EventLog, type Database } from '../../src/db';
import type { AppConfig, Platform } from '../../src/feature';
import { FileArtifactStore, type ArtifactStore } from '../../src/storage';
import { testLog } from './database';

export interface TestPlatformOptions {
  database: Database;
  url: string;
  /** Holds artifacts and scratch files; whoever gives it removes it. */
  dataDir: string;
  config?: Partial<AppConfig>;
  artifacts?: ArtifactStore;
}

/** What features stand on, over a test's database: `createFeatures` makes them, all or those of a test. */
export async function openTestPlatform(o: TestPlatformOptions): Promise<Platform & { close(): Promise<void> }> {
  const { database, url, dataDir } = o;
  const events = await EventLog.open({ database, url, log: testLog });
  const inference = new InferencePool();
  return {
    config: { ...readConfig({ PORT: '0', PRAXIS_DRAIN_MS: '2000' }), dataDir, databaseUrl: url, ...o.config },
    log: testLog,
    database,
    events,
    artifacts: o.artifacts ?? new FileArtifactStore(dataDir),
    registry: new Registry(),
    inference,
    close: async () => {
      await inference.close();
      await events.close();
    },
  };
}
