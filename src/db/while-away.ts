import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing } from './failures';

const PATIENCE_MS = 60_000;
const PAUSE_MS = { least: 100, most: 1_000 };

/**
 * Does it again for a minute while the database or the storage is away: for what can be done twice, as nobody knows
 * whether a commit was made whose answer is lost. `again` tells so. An abort ends the waiting.
 */
export async function whileAway<T>(attempt: (again: boolean) => Promise<T>, signal?: AbortSignal): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (let pauseMs = PAUSE_MS.least, again = false; ; again = true, pauseMs = Math.min(PAUSE_MS.most, 2 * pauseMs)) {
    try {
      return await attempt(again);
    } catch (error) {
      if (!isPassing(error) || performance.now() > end || signal?.aborted) throw error;
      await sleep(pauseMs);
    }
  }
}
