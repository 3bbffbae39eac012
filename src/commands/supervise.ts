import { join } from 'node:path';
import { childEnvironment, type Config } from '../config';
import { createLog, type Log } from '../kernel/process/log';
import { drainOnSignal, launchChild, launchListener, MetricsRelay, SupervisedChild } from '../process';
import { openDatabaseServer } from './database-server';

/** What supervised processes share. */
export interface Machine {
  config: Config;
  log: Log;
  /** Known once the database takes connections. */
  databaseUrl: Promise<string>;
  relay: MetricsRelay;
}

/**
 * Runs the database and the children beside each other until a signal: the program of a child takes longer to load than
 * PostgreSQL to start. This process itself loads neither the program nor its libraries. Gives the word of the first child.
 */
export async function superviseMachine(
  name: string,
  config: Config,
  childrenOf: (machine: Machine) => SupervisedChild[],
): Promise<string> {
  const log = createLog(config.logLevel, { process: name });
  const server = openDatabaseServer(config, log);
  const databaseUrl = server.then(({ url }) => url);
  const children = childrenOf({ config, log, databaseUrl, relay: new MetricsRelay() });
  let stopping = false;
  const close = async () => {
    stopping = true;
    await Promise.all(children.map((child) => child.stop()));
    await server.then(({ stop }) => stop()).catch(() => undefined);
  };
  drainOnSignal(log, config.drainMs, close);
  try {
    const [word] = await Promise.all([startInTurn(children), server]);
    return word;
  } catch (error) {
    // Told to stop while it starts: whoever told it waits for the end, and nothing has failed.
    if (stopping) return new Promise(() => undefined);
    await close();
    throw error;
  }
}

/** The processes that answer; the first of them migrates and seeds, if any is to. */
export function superviseListeners({ config, ...machine }: Machine): SupervisedChild[] {
  return Array.from({ length: config.apiProcesses }, (_, i) =>
    superviseCommand('serve', { config: { ...config, seed: config.seed && i === 0 }, ...machine }, `serve-${i + 1}`),
  );
}

/**
 * Starts each behind the one before: loading the program is what a start waits for, and two that load at a time on two
 * cores take twice as long. Gives the word of the first; fails when that one ends before it is ready.
 */
function startInTurn([first, ...others]: SupervisedChild[]): Promise<string> {
  const word = first.start();
  const last = others.reduce<Promise<unknown>>((before, child) => before.then(() => child.keep()), word);
  last.catch(() => undefined);
  return word;
}

/** A command of this program as a supervised child of this one. */
export function superviseCommand(
  command: 'serve' | 'work',
  { config, log, databaseUrl, relay }: Machine,
  name: string = command,
): SupervisedChild {
  const main = join(__dirname, '..', `main${__filename.endsWith('.ts') ? '.ts' : '.js'}`);
  const environment = childEnvironment({
    PRAXIS_DATA_DIR: config.dataDir,
    PRAXIS_SEED: String(config.seed),
    // A child does not see what else computes on the machine.
    PRAXIS_TRAINING_THREADS_PER_RUN: String(config.trainingThreadsPerRun),
  });
  const launch = command === 'serve' ? launchListener : launchChild;
  return new SupervisedChild({
    name,
    launch: () => launch({ name, args: [main, command], environment }),
    onLaunch: (child) => relay.join(child),
    log,
    stopLimitMs: config.drainMs + 2_000,
    word: databaseUrl,
  });
}
