import { join } from 'node:path';
import { createApp } from '../app';
import { childEnvironment, type Config } from '../config';
import type { Log } from '../kernel';
import {
  drainOnSignal,
  relayMetrics,
  isListener,
  launchChild,
  launchListener,
  sayReady,
  SupervisedChild,
} from '../process';
import { openDatabaseServer, type Prepared } from './prepare';

/** API, subscriptions and inference threads: several processes on one port. Expects a migrated database. */
export async function serve(config: Config): Promise<void> {
  if (isListener()) return listen(config);
  const prepared = await openDatabaseServer(config, 'serve');
  const { log, postgres } = prepared;
  const { listeners, address } = superviseListeners(prepared);
  const close = async () => {
    await Promise.all(listeners.map((child) => child.stop()));
    await postgres?.stop();
  };
  drainOnSignal(log, config.drainMs, close);
  await address.catch(async (error: Error) => {
    await close();
    throw error;
  });
}

/**
 * The processes that answer, and the address once the first does; fails when that one ends before it listened. The
 * others start behind it and behind what is `wanted` sooner: loading the program is what a start waits for, and there may
 * be two cores only.
 */
export function superviseListeners(
  { config, log }: Prepared,
  wanted: Promise<unknown> = Promise.resolve(),
): { listeners: SupervisedChild[]; address: Promise<string> } {
  relayMetrics();
  const listeners = Array.from({ length: config.apiProcesses }, () => superviseCommand('serve', { config, log }));
  const [first, ...others] = listeners;
  const address = first.start();
  Promise.all([address, wanted]).then(
    () => others.forEach((child) => void child.start().catch(() => undefined)),
    () => undefined,
  );
  return { listeners, address };
}

/** A command of this program as a supervised child of this one. */
export function superviseCommand(
  command: 'serve' | 'work',
  { config, log }: { config: Prepared['config']; log: Log },
): SupervisedChild {
  const main = join(__dirname, '..', `main${__filename.endsWith('.ts') ? '.ts' : '.js'}`);
  const environment = childEnvironment({
    DATABASE_URL: config.databaseUrl,
    PRAXIS_DATA_DIR: config.dataDir,
    // A child does not see what else computes on the machine.
    PRAXIS_TRAINING_THREADS_PER_RUN: String(config.trainingThreadsPerRun),
  });
  const launch = command === 'serve' ? launchListener : launchChild;
  return new SupervisedChild({
    name: command,
    launch: () => launch({ args: [main, command], environment }),
    log,
    stopLimitMs: config.drainMs + 2_000,
  });
}

async function listen(given: Config): Promise<void> {
  const { config, log } = await openDatabaseServer(given, 'serve');
  const app = await createApp(config, log);
  const address = await app.listen().catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  log.info({ address }, 'serving');
  drainOnSignal(log, config.drainMs, () => app.close());
  sayReady(address);
}
