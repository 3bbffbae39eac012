import { createApp } from '../app';
import type { Config } from '../config';
import { drainOnSignal, sayReady } from '../process';
import { openDatabaseServer } from './prepare';
import { seedApp } from './seed';

/** One process of `serve`: answers on the shared port. */
export async function listen(given: Config): Promise<void> {
  const { config, log } = await openDatabaseServer(given, 'serve');
  const app = await createApp(config, log);
  if (config.seed) await seedApp(app, config.dataDir);
  const address = await app.listen().catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  log.info({ address }, 'serving');
  drainOnSignal(log, config.drainMs, () => app.close());
  sayReady(address);
}
