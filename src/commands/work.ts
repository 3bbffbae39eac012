import { createApp } from '../app';
import type { Config } from '../config';
import { awaitMigrated } from '../db';
import { createLog } from '../kernel';
import { closeFilesToOthers, drainOnSignal, sayReady } from '../process';
import { openDatabaseServer } from './database-server';

/** Consumer of the durable queue. Expects a migrated database. */
export async function work(config: Config): Promise<void> {
  const log = createLog(config.logLevel, { process: 'work' });
  const server = await openDatabaseServer(config, log);
  await awaitMigrated(server.url, { waitMs: config.databaseWaitMs, log });
  closeFilesToOthers();
  const app = await createApp({ ...config, databaseUrl: server.url }, log);
  await app.consume();
  log.info({ concurrency: config.jobConcurrency }, 'consuming jobs');
  drainOnSignal(log, config.drainMs, async () => {
    await app.close();
    await server.stop();
  });
  sayReady('consuming');
}
