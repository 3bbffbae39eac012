import { setTimeout as sleep } from 'node:timers/promises';

/** Predictions are written within some 50 ms of the answer, later when much waits. */
const PAUSES_MS = [0, 30, 60, 120];

/** Reads a few times until something is there: for what another process may be about to write. */
export async function lookAgain<T>(read: () => Promise<T | null>): Promise<T | null> {
  for (const pauseMs of PAUSES_MS) {
    if (pauseMs > 0) await sleep(pauseMs);
    const found = await read();
    if (found !== null) return found;
  }
  return null;
}
