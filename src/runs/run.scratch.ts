import { mkdir, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../kernel';

/** Names of the folders: of which machine, process and run. */
const prefix = () => `run@${hostname()}@`;

/** Folders for what a training keeps on disk. Each goes with its training, or with the next start after a crash. */
export class RunScratch {
  constructor(private readonly root: string) {}

  /** Hands on an empty folder, which is gone afterwards. */
  async use<T>(runId: string, body: (folder: string) => Promise<T>): Promise<T> {
    const folder = join(this.root, `${prefix()}${process.pid}@${runId}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    try {
      return await body(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Removes what processes of this machine left that are gone. Call it before the first training. */
  async sweep(): Promise<void> {
    const names = await readdir(this.root).catch(() => []);
    for (const name of names) {
      if (!name.startsWith(prefix())) continue;
      const pid = Number(name.slice(prefix().length).split('@')[0]);
      // A process that has just started has no folder yet: one of its number is of an earlier one.
      if (pid !== process.pid && isAlive(pid)) continue;
      await rm(join(this.root, name), { recursive: true, force: true });
    }
  }
}
