import type { Config } from '../config';
import { drainOnSignal, isListener } from '../process';
import { openDatabaseServer } from './prepare';
import { startInTurn, superviseListeners } from './supervise';

/** API, subscriptions and inference threads: several processes on one port. Expects a migrated database. */
export async function serve(config: Config): Promise<void> {
  // Only a process that answers loads the program of the API.
  if (isListener()) return (await import('./listen')).listen(config);
  const prepared = await openDatabaseServer(config, 'serve');
  const { log, postgres } = prepared;
  const listeners = superviseListeners(prepared);
  const close = async () => {
    await Promise.all(listeners.map((child) => child.stop()));
    await postgres?.stop();
  };
  drainOnSignal(log, config.drainMs, close);
  await startInTurn(listeners).catch(async (error: Error) => {
    await close();
    throw error;
  });
}
