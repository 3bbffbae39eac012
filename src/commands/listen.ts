import { createApp } from '../app';
import type { Config } from '../config';
import { awaitMigrated, migrate } from '../db';
import { createLog } from '../kernel';
import { closeFilesToOthers, drainOnSignal, sayReady } from '../process';
import { openDatabaseServer } from './database-server';
import { seedApp } from './seed';

/** One process of `serve`: answers on the shared port. */
export async function listen(config: Config): Promise<void> {
  const log = createLog(config.logLevel, { process: 'serve' });
  const { url: databaseUrl } = await openDatabaseServer(config, log);
  await (config.seed ? migrate : awaitMigrated)(databaseUrl, { waitMs: config.databaseWaitMs, log });
  closeFilesToOthers();
  const app = await createApp({ ...config, databaseUrl }, log);
  if (config.seed) await seedApp(app, config.dataDir);
  const address = await app.listen().catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  log.info({ address }, 'serving');
  drainOnSignal(log, config.drainMs, () => app.close());
  sayReady(address);
}
