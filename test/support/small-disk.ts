import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const BALLAST = 'ballast';

/** A file system of its own in memory, so that it really is full: whoever may not mount one cannot have it. */
export class SmallDisk {
  private constructor(readonly folder: string) {}

  static open(megabytes: number): SmallDisk {
    const folder = mkdtempSync(join(tmpdir(), 'praxis-small-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' });
    } catch (error) {
      rmdirSync(folder);
      throw error;
    }
    return new SmallDisk(folder);
  }

  /** `describe` where a disk can be mounted; elsewhere the name of what is skipped says why. */
  static readonly describe = (name: string, body: () => void): void => {
    try {
      SmallDisk.open(1).close();
    } catch {
      return describe.skip(`${name} (skipped: only root on Linux can mount a small disk)`, body);
    }
    describe(name, body);
  };

  /** Leaves only so much space. */
  fill(freeBytes = 0): void {
    this.makeSpace();
    const { bavail, bsize } = statfsSync(this.folder);
    writeFileSync(join(this.folder, BALLAST), Buffer.alloc(Math.max(0, bavail * bsize - freeBytes)));
  }

  makeSpace(): void {
    rmSync(join(this.folder, BALLAST), { force: true });
  }

  /** All that others wrote. */
  files(): string[] {
    return readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== BALLAST)
      .map((entry) => relative(this.folder, join(entry.parentPath, entry.name)))
      .sort();
  }

  close(): void {
    // A library may hold a deleted file until its memory is collected.
    execFileSync('umount', ['--lazy', this.folder]);
    rmdirSync(this.folder);
  }
}
