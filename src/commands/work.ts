import { createApp } from '../app';
import type { Config } from '../config';
import { drainOnSignal, sayReady } from '../process';
import { openDatabaseServer } from './prepare';

/** Consumer of the durable queue. Expects a migrated database. */
export async function work(given: Config): Promise<void> {
  const { config, log, postgres } = await openDatabaseServer(given, 'work');
  const app = await createApp(config, log);
  await app.consume();
  log.info({ concurrency: config.jobConcurrency }, 'consuming jobs');
  drainOnSignal(log, config.drainMs, async () => {
    await app.close();
    await postgres?.stop();
  });
  sayReady('consuming');
}
