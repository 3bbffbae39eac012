import { createApp } from '../app';
import type { Config } from '../config';
import { drainOnSignal } from '../process';
import { openDatabaseServer } from './prepare';

/** API, subscriptions and inference threads. Expects a migrated database. */
export async function serve(given: Config): Promise<void> {
  const { config, log, postgres } = await openDatabaseServer(given, 'serve');
  const app = await createApp(config, log);
  const address = await app.listen();
  log.info({ address }, 'serving');
  drainOnSignal(log, config.drainMs, async () => {
    await app.close();
    await postgres?.stop();
  });
}
