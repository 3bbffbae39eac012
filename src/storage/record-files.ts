import { isStorageFull } from '../kernel';
import type { ArtifactStore } from './artifact.store';

/**
 * Writes files and records them: `work` adds the key of each before it writes it. Where there is no space for all that,
 * the files go again, as every retry would leave as many. After other faults nobody knows whether they were recorded;
 * the daily sweep finds out.
 */
export async function recordFiles<T>(artifacts: ArtifactStore, work: (keys: string[]) => Promise<T>): Promise<T> {
  const keys: string[] = [];
  try {
    return await work(keys);
  } catch (error) {
    if (isStorageFull(error)) for (const key of keys) await artifacts.delete(key).catch(() => undefined);
    throw error;
  }
}
