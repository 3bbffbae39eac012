import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive, isUuid, makePrivateFolder } from '../kernel';

/** Names of the folders: of which machine, process and subject. */
const prefix = () => `job@${hostname()}@`;
/** The names that earlier releases gave: of a run, and of the upload that was read. */
const isFormer = (name: string): boolean => name.startsWith(`run@${hostname()}@`) || isUuid(name);

/**
 * Folders for what a job keeps on disk while it works. They hold rows of tenants, so nobody else can enter them; each goes
 * with its job, or with the next start after a crash.
 */
export class Scratch {
  constructor(private readonly root: string) {}

  /** Hands on an empty folder, which is gone afterwards. */
  async use<T>(subject: string, body: (folder: string) => Promise<T>): Promise<T> {
    const folder = join(this.root, `${prefix()}${process.pid}@${subject}`);
    await rm(folder, { recursive: true, force: true });
    await makePrivateFolder(this.root);
    await makePrivateFolder(folder);
    try {
      return await body(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Removes what processes of this machine left that are gone. Call it before the first job. */
  async sweep(): Promise<void> {
    await makePrivateFolder(this.root);
    for (const name of await readdir(this.root)) {
      if (this.isInUse(name)) continue;
      await rm(join(this.root, name), { recursive: true, force: true });
    }
  }

  private isInUse(name: string): boolean {
    if (!name.startsWith(prefix())) return !isFormer(name);
    const pid = Number(name.slice(prefix().length).split('@')[0]);
    // A process that has just started has no folder yet: one of its number is of an earlier one.
    return pid !== process.pid && isAlive(pid);
  }
}
