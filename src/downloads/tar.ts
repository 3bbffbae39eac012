import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';

/** A file of an archive. */
export interface ArchiveFile {
  /** A relative path. */
  name: string;
  byteCount: number;
  sha256: Buffer;
  open(): Promise<Readable>;
}

/**
 * The files as a tar file, made while it is read: one file is open at a time, and nothing is kept. The same files make the
 * same bytes. It breaks off before its end where a file is missing or has another checksum.
 */
export function tarOf(files: readonly ArchiveFile[], writtenAt: Date): Readable {
  const archive = pack();
  const closed = new AbortController();
  archive.once('close', () => closed.abort());
  fill(archive, files, { writtenAt, signal: closed.signal }).catch((error: Error) => archive.destroy(error));
  return Readable.from(archive, { objectMode: false });
}

async function fill(
  archive: Pack,
  files: readonly ArchiveFile[],
  { writtenAt: mtime, signal }: { writtenAt: Date; signal: AbortSignal },
): Promise<void> {
  for (const file of files) {
    const source = await file.open();
    try {
      const entry = archive.entry({ name: file.name, size: file.byteCount, mtime });
      await pipeline(source, (bytes) => checked(bytes, file), entry, { signal });
    } finally {
      // Where the reader has left meanwhile, there is no entry.
      source.destroy();
    }
  }
  archive.finalize();
}

async function* checked(source: AsyncIterable<Buffer>, { name, sha256 }: ArchiveFile): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
  if (!hash.digest().equals(sha256)) throw new Error(`The stored file of ${name} is damaged: its checksum is another.`);
}

/** A file of the archive that is made in memory. */
export function archiveFileOf(name: string, bytes: Buffer): ArchiveFile {
  const sha256 = createHash('sha256').update(bytes).digest();
  return { name, byteCount: bytes.length, sha256, open: async () => Readable.from([bytes]) };
}
