import { createApp } from '../app';
import type { Config } from '../config';
import { awaitMigrated } from '../db';
import { createLog } from '../kernel';
import { closeFilesToOthers, drainOnSignal, endWith, sayReady, yieldToOthers } from '../process';
import { openDatabaseServer } from './database-server';

/** Consumer of the durable queue. Expects a migrated database. */
export async function work(config: Config): Promise<void> {
  const log = createLog(config.logLevel, { process: 'work' });
  const server = await openDatabaseServer(config, log);
  await awaitMigrated(server.url, { waitMs: config.databaseWaitMs, log });
  closeFilesToOthers();
  yieldToOthers();
  const app = await createApp({ ...config, databaseUrl: server.url }, log);
  const { stopped } = await app.consume();
  log.info({ concurrency: config.jobConcurrency }, 'consuming jobs');
  drainOnSignal(log, config.drainMs, async () => {
    await app.close();
    await server.stop();
  });
  void stopped.then(
    (error) => error && endWith(`The queue can no longer be worked on, so this process ends. ${error.message}`),
  );
  sayReady('consuming');
}
