import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extract, type Entry } from 'tar-stream';
import { PraxisError } from '../kernel';
import { FORMAT, MANIFEST, readManifest, type Manifest } from './manifest';

const MANIFEST_BYTES_MAX = 1024 * 1024 * 1024;

const damaged = (path: string, what: string, cause?: unknown): PraxisError =>
  new PraxisError('VALIDATION_FAILED', `${path} cannot be restored: ${what}`, { cause });

/** @throws PraxisError VALIDATION_FAILED where there is no file of this name */
async function refuseNoFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (!found) throw damaged(path, 'it does not exist, or its folder may not be entered.');
  if (!found.isFile()) throw damaged(path, 'it is not a file.');
}

/** The files of an archive in its order; each is read before the next is asked for. */
export async function* filesOf(path: string): AsyncGenerator<Entry> {
  const source = createReadStream(path);
  const archive = extract();
  source.on('error', (error) => archive.destroy(error)).pipe(archive);
  for await (const entry of archive) {
    if (entry.header.type === 'file') yield entry;
    else entry.resume();
  }
}

/**
 * Reads the whole archive and compares every file with the manifest, so that nothing is begun with one that is damaged.
 * Throws VALIDATION_FAILED that names the first file that differs.
 */
export async function verifyArchive(path: string): Promise<Manifest> {
  await refuseNoFile(path);
  const found = new Map<string, string>();
  let manifest: Manifest | null = null;
  let last = 'the beginning';
  try {
    for await (const entry of filesOf(path)) {
      const { name, size = 0 } = entry.header;
      last = name;
      const hash = createHash('sha256');
      const kept: Buffer[] = [];
      if (name === MANIFEST && size > MANIFEST_BYTES_MAX) throw damaged(path, 'its manifest is too large.');
      for await (const chunk of entry) {
        hash.update(chunk as Buffer);
        if (name === MANIFEST) kept.push(chunk as Buffer);
      }
      if (name !== MANIFEST) found.set(name, hash.digest('hex'));
      else
        manifest =
          readManifest(Buffer.concat(kept)) ?? fail(path, `its manifest is damaged, or not of format ${FORMAT}.`);
    }
  } catch (error) {
    if (error instanceof PraxisError) throw error;
    throw damaged(path, `it is no archive of a backup, or damaged behind ${last}.`, error);
  }
  if (!manifest) throw damaged(path, 'it is not whole: the backup was interrupted, or the file was cut off.');
  return compare(path, manifest, found);
}

function fail(path: string, what: string): never {
  throw damaged(path, what);
}

function compare(path: string, manifest: Manifest, found: Map<string, string>): Manifest {
  for (const { name, sha256 } of manifest.files) {
    const actual = found.get(name);
    if (actual === undefined) throw damaged(path, `the file ${name} is missing.`);
    if (actual !== sha256) throw damaged(path, `the file ${name} is damaged: its checksum is another.`);
    found.delete(name);
  }
  const [more] = found.keys();
  if (more !== undefined) throw damaged(path, `the file ${more} is not in its manifest.`);
  return manifest;
}
