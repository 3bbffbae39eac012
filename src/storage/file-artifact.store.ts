import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, open, opendir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { isStorageFull, makePrivateFolder, PRIVATE_FILE, PRIVATE_FOLDER } from '../kernel';
import {
  artifactMissing,
  checkKey,
  chunksOf,
  isKey,
  Meter,
  StorageFull,
  tenantPrefix,
  type ArtifactStore,
  type BytePart,
  type StoredArtifact,
  type WriteOptions,
  type WrittenArtifact,
} from './artifact.store';

/** Artifacts as files below one directory. Unfinished writes live in `<root>/incoming` and are renamed when complete. */
export class FileArtifactStore implements ArtifactStore {
  private readonly incoming: string;

  constructor(private readonly root: string) {
    this.incoming = join(root, 'incoming');
  }

  /** Closes the folder to others, also one that an earlier release left open. */
  async prepare(): Promise<void> {
    await makePrivateFolder(this.root);
  }

  async write(key: string, source: Readable | Uint8Array, options: WriteOptions = {}): Promise<WrittenArtifact> {
    const path = this.pathOf(key);
    const temporary = join(this.incoming, randomUUID());
    try {
      await mkdir(this.incoming, PRIVATE_FOLDER);
      await mkdir(dirname(path), PRIVATE_FOLDER);
      const written = await writeDurably(temporary, source, new Meter(options.byteCountMax));
      await rename(temporary, path);
      await syncDirectory(dirname(path));
      return written;
    } catch (error) {
      await rm(temporary, { force: true });
      throw translate(error);
    }
  }

  async read(key: string): Promise<Uint8Array> {
    return readFile(await this.localPath(key));
  }

  async readStream(key: string, part?: BytePart): Promise<Readable> {
    return createReadStream(await this.localPath(key), part);
  }

  async localPath(key: string): Promise<string> {
    const path = this.pathOf(key);
    await access(path).catch((cause: unknown) => {
      throw artifactMissing(key, cause);
    });
    return path;
  }

  async delete(key: string): Promise<void> {
    await rm(this.pathOf(key), { force: true });
  }

  list(tenantId: string): AsyncIterable<StoredArtifact> {
    return this.artifactsBelow(tenantPrefix(tenantId));
  }

  /** The artifacts of all tenants. */
  listAll(): AsyncIterable<StoredArtifact> {
    return this.artifactsBelow('tenants');
  }

  async sweep(olderThanMs: number): Promise<void> {
    for await (const { path, writtenAt } of filesBelow(this.incoming)) {
      if (Date.now() - writtenAt > olderThanMs) await rm(path, { force: true });
    }
  }

  private async *artifactsBelow(folder: string): AsyncGenerator<StoredArtifact> {
    for await (const { path, ...file } of filesBelow(join(this.root, folder))) {
      const key = relative(this.root, path).replaceAll(sep, '/');
      if (isKey(key)) yield { key, ...file };
    }
  }

  private pathOf(key: string): string {
    return join(this.root, checkKey(key));
  }
}

/** The files below a folder, read piece by piece; none where there is no folder. */
async function* filesBelow(folder: string): AsyncGenerator<{ path: string; byteCount: number; writtenAt: number }> {
  const entries = await opendir(folder).catch(() => []);
  for await (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    const found = entry.isFile() && (await stat(path).catch(() => null));
    if (found) yield { path, byteCount: found.size, writtenAt: found.mtimeMs };
  }
}

async function writeDurably(path: string, source: Readable | Uint8Array, meter: Meter): Promise<WrittenArtifact> {
  const file = await open(path, 'wx', PRIVATE_FILE.mode);
  try {
    for await (const chunk of chunksOf(source)) {
      meter.add(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return meter.finish();
}

/** The rename itself is durable only once its directory is. Windows cannot open directories and does without. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function translate(error: unknown): unknown {
  return isStorageFull(error) ? new StorageFull(error) : error;
}
