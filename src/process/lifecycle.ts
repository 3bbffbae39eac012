import { readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Log } from '../kernel/process/log';

/**
 * Ends this process well: the first SIGTERM or SIGINT drains, a second one or the time limit ends it at once.
 * Every exit is a SIGKILL of ourselves when threads may still be inside native code: unwinding them aborts the process.
 */
export function drainOnSignal(log: Log, limitMs: number, drain: (reason: string) => Promise<void>): void {
  let draining = false;
  const stop = (reason: string) => {
    if (draining) return endNow(1);
    draining = true;
    log.info({ reason }, 'draining');
    setTimeout(() => {
      log.warn({ limitMs }, 'drain took too long');
      endNow(1);
    }, limitMs + 5_000).unref();
    drain(reason).then(
      () => endNow(0),
      (error) => {
        log.error({ err: error }, 'drain failed');
        endNow(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  // A terminal sends SIGINT to the whole group; a supervised child leaves the order of stopping to its parent.
  process.on('SIGINT', () => (process.send ? undefined : stop('SIGINT')));
}

/**
 * A supervised process must not outlive its parent, however that went. The channel closes then; a thread of its own
 * watches too, because a main thread that is loading modules or held by native code does not hear the channel.
 */
export function endWithParent(args: string[]): void {
  const parent = parentIn(args);
  if (!parent) return;
  process.on('disconnect', () => endNow(1));
  // The parent says its own id: by now it may be dead, and `process.ppid` somebody else's.
  new Worker(ORPHAN_WATCH, { eval: true, workerData: Number(parent.slice(PARENT_ARGUMENT.length)) }).unref();
}

/** What a parent says to its child in the command line: its own id, and the child's name among its siblings. */
export const PARENT_ARGUMENT = '--parent=';
export const NAME_ARGUMENT = '--name=';

/** The arguments that a person has written. */
export const withoutOwn = (args: string[]): string[] =>
  args.filter((arg) => ![PARENT_ARGUMENT, NAME_ARGUMENT].some((prefix) => arg.startsWith(prefix)));

const parentIn = (args: string[]) => args.find((arg) => arg.startsWith(PARENT_ARGUMENT));

/** Is this process a child of one of ours? */
export const isSupervised = (): boolean => parentIn(process.argv) !== undefined;

/** Name of a supervised process among its siblings; one that is started again has that of the one before. */
export const processName = (): string | undefined =>
  process.argv.find((arg) => arg.startsWith(NAME_ARGUMENT))?.slice(NAME_ARGUMENT.length);

const ORPHAN_WATCH = `
  const { workerData } = require('node:worker_threads');
  const look = () => process.ppid !== workerData && process.kill(process.pid, 'SIGKILL');
  look();
  setInterval(look, 250);
`;

/** Under `npm start` a killed npm leaves us behind, or the shell between npm and us: end with them, within a second. */
export function endWhenOrphaned(): void {
  const parent = process.ppid;
  const starter = shellStarter(parent);
  setInterval(() => {
    if (process.ppid !== parent || (starter !== null && shellStarter(parent) !== starter)) endNow(1);
  }, 500).unref();
}

/** Who started the shell with this id, or null when it is no shell (or this system has no /proc). */
function shellStarter(pid: number): number | null {
  try {
    // pid (name) state parent …; proc(5)
    const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return /^(da|ba)?sh$/.test(name) ? Number(parent) : null;
  } catch {
    return null;
  }
}

/**
 * What answers requests comes first on cores that are short: this process and the threads it starts from now on get what
 * the others leave, and all of it where they leave it.
 */
export function yieldToOthers(): void {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}

/** Ends this process at once and says why: for what nobody can mend from inside. */
export function endWith(reason: string): void {
  process.stderr.write(`${reason}\n`);
  endNow(1);
}

function endNow(code: number): void {
  if (code === 0) process.exit(0);
  process.kill(process.pid, 'SIGKILL');
}

/**
 * From here on, files that this process or a library of its makes are for its user alone: they hold rows of tenants. Not
 * before the database is up, which may run as another user.
 */
export const closeFilesToOthers = (): void => void process.umask(0o077);
