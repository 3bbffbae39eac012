import { utimes } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { StoredArtifact } from './artifact.store';
import { FileArtifactStore } from './file-artifact.store';

/** A path that was given out this short ago may not be opened yet, so its file stays. */
const GRACE_MS = 60_000;
const UNFINISHED_MS = 86_400_000;
/** The folder is read again once this share of the limit was added. */
const SCAN_SHARE = 1 / 16;

/**
 * Copies of artifacts on this machine, shared by its processes. Above the limit the least recently used ones go; the time
 * of a file is its last use. Each process adds at most a sixteenth of the limit before it looks.
 */
export class ArtifactCache {
  private readonly files: FileArtifactStore;
  /** Bytes that this process added since it last looked. */
  private added = Infinity;

  constructor(
    root: string,
    private readonly byteCountMax: number,
  ) {
    this.files = new FileArtifactStore(root);
  }

  prepare(): Promise<void> {
    return this.files.prepare();
  }

  /** The copy's path, or null when there is none. */
  async find(key: string): Promise<string | null> {
    const path = await this.files.localPath(key).catch(() => null);
    if (!path) return null;
    const now = new Date();
    return utimes(path, now, now).then(
      () => path,
      () => null,
    );
  }

  async add(key: string, source: Readable): Promise<string> {
    const { byteCount } = await this.files.write(key, source);
    this.added += byteCount;
    if (this.added > this.byteCountMax * SCAN_SHARE) await this.evict();
    return this.files.localPath(key);
  }

  async delete(key: string): Promise<void> {
    await this.files.delete(key);
  }

  private async evict(): Promise<void> {
    this.added = 0;
    await this.files.sweep(UNFINISHED_MS);
    const copies: StoredArtifact[] = [];
    for await (const copy of this.files.listAll()) copies.push(copy);
    let total = copies.reduce((sum, { byteCount }) => sum + byteCount, 0);
    copies.sort((a, b) => a.writtenAt - b.writtenAt);
    for (const { key, byteCount, writtenAt } of copies) {
      if (total <= this.byteCountMax || Date.now() - writtenAt < GRACE_MS) return;
      await this.files.delete(key);
      total -= byteCount;
    }
  }
}
