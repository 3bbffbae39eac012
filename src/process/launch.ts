import { spawn, type ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';
import { NAME_ARGUMENT, PARENT_ARGUMENT } from './lifecycle';

/** Starts this program again, as a child that ends with us. */

export interface Launch {
  /** Its name among its siblings. */
  name: string;
  /** The script, then its arguments. */
  args: string[];
  environment: NodeJS.ProcessEnv;
}

/**
 * For glibc: by itself it learns to keep blocks of up to 32 MiB on its heap, where one small value above them keeps all
 * of what is free below. Sessions come and go with such blocks (docs/decisions/0015-memory-of-training.md).
 */
const ALLOCATION = { MALLOC_MMAP_THRESHOLD_: '1048576', MALLOC_TRIM_THRESHOLD_: '1048576' };

/**
 * The most of V8's young generation, in MiB. Where one trains, V8 would take up to 16 and give them back as it sees fit,
 * which is most of what memory varies by from training to training; bounded, neither trainings nor ingestion take longer.
 * Where requests are answered, these leave many short-lived objects behind; with room for them far fewer are copied:
 * measured on 32 callers of `predict`, collection falls from 13 % of the time to 8 %.
 */
const YOUNG_MB = { training: 2, requests: 32 };

const young = (use: keyof typeof YOUNG_MB): string => `--max-semi-space-size=${YOUNG_MB[use]}`;

/** One that trains: what it frees goes back to the machine. */
export function launchChild({ name, args, environment }: Launch): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, young('training'), ...args, ...ownArguments(name)], {
    env: { ...ALLOCATION, ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** A child that shares its listening sockets with its siblings: connections go to them in turn. */
export function launchListener({ name, args, environment }: Launch): ChildProcess {
  const [exec, ...rest] = args;
  const execArgv = [...process.execArgv, young('requests')];
  cluster.setupPrimary({ exec, args: [...rest, ...ownArguments(name)], execArgv });
  return cluster.fork(environment).process;
}

/** True in a child of `launchListener`. */
export const isListener = (): boolean => cluster.isWorker;

const ownArguments = (name: string): string[] => [`${PARENT_ARGUMENT}${process.pid}`, `${NAME_ARGUMENT}${name}`];
