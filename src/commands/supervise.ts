import { join } from 'node:path';
import { childEnvironment } from '../config';
import { launchChild, launchListener, relayMetrics, SupervisedChild } from '../process';
import type { Prepared } from './prepare';

type Machine = Pick<Prepared, 'config' | 'log'>;

/** The processes that answer; the first of them seeds, if any is to. */
export function superviseListeners({ config, log }: Machine): SupervisedChild[] {
  relayMetrics();
  return Array.from({ length: config.apiProcesses }, (_, i) =>
    superviseCommand('serve', { config: { ...config, seed: config.seed && i === 0 }, log }),
  );
}

/**
 * Starts each behind the one before: loading the program is what a start waits for, and two that load at a time on two
 * cores take twice as long. Gives the word of the first; fails when that one ends before it is ready.
 */
export function startInTurn([first, ...others]: SupervisedChild[]): Promise<string> {
  const word = first.start();
  const last = others.reduce<Promise<unknown>>(
    (before, child) => before.then(() => child.start().catch(() => undefined)),
    word,
  );
  last.catch(() => undefined);
  return word;
}

/** A command of this program as a supervised child of this one. */
export function superviseCommand(command: 'serve' | 'work', { config, log }: Machine): SupervisedChild {
  const main = join(__dirname, '..', `main${__filename.endsWith('.ts') ? '.ts' : '.js'}`);
  const environment = childEnvironment({
    DATABASE_URL: config.databaseUrl,
    PRAXIS_DATA_DIR: config.dataDir,
    PRAXIS_SEED: String(config.seed),
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
