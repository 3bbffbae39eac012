import type { Worker } from 'node:worker_threads';

/** What Node says of a thread that has ended. */
export const ENDED = -1;

/** Those that are started from now on. */
export function startedWorkers(): Worker[] {
  const workers: Worker[] = [];
  process.on('worker', (worker) => workers.push(worker));
  return workers;
}
