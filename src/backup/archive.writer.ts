import { createHash } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { PRIVATE_FILE, PraxisError } from '../kernel';
import { MANIFEST, type Manifest } from './manifest';

/**
 * Writes a tar file for the eyes of its owner alone. Until it is whole it has another name, so that what an interrupted
 * backup leaves is not taken for one.
 */
export class ArchiveWriter {
  readonly files: Manifest['files'] = [];
  byteCount = 0;
  private readonly partial: string;
  private readonly pack: Pack = pack();
  private readonly written: Promise<void>;

  private failure: unknown;

  private constructor(
    private readonly path: string,
    target: Writable,
  ) {
    this.partial = `${path}.partial`;
    this.written = pipeline(this.pack, target);
    // Told to whoever adds the next file.
    this.written.catch((error: unknown) => (this.failure = error));
  }

  /** Throws CONFLICT when there is a file of this name, VALIDATION_FAILED when there can be none. */
  static async create(path: string): Promise<ArchiveWriter> {
    const taken = await stat(path).catch(() => null);
    if (taken) throw new PraxisError('CONFLICT', `${path} is there already; choose another name.`);
    const partial = `${path}.partial`;
    await rm(partial, { force: true });
    const file = await open(partial, 'wx', PRIVATE_FILE.mode).catch((error: NodeJS.ErrnoException) => {
      throw new PraxisError('VALIDATION_FAILED', `${path} cannot be written (${error.code}).`, { cause: error });
    });
    return new ArchiveWriter(path, file.createWriteStream());
  }

  /** Adds a file; its chunks must make up `byteCount`. Gives its SHA-256, hexadecimal. */
  async add(
    name: string,
    byteCount: number,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<string> {
    const hash = createHash('sha256');
    if (this.failure) throw this.failure;
    const entry = this.pack.entry({ name, size: byteCount, ...PRIVATE_FILE });
    const counted = async function* () {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    };
    await Promise.race([pipeline(counted, entry), this.written.then(() => finished(entry))]);
    const sha256 = hash.digest('hex');
    this.files.push({ name, byteCount, sha256 });
    this.byteCount += byteCount;
    return sha256;
  }

  async finish(manifest: Omit<Manifest, 'files'>): Promise<void> {
    const bytes = Buffer.from(JSON.stringify({ ...manifest, files: this.files }));
    await this.add(MANIFEST, bytes.length, [bytes]);
    this.pack.finalize();
    await this.written;
    const file = await open(this.partial, 'r+');
    await file.sync().finally(() => file.close());
    await rename(this.partial, this.path);
  }

  /** Removes what was written. */
  async abandon(): Promise<void> {
    this.pack.destroy();
    await this.written.catch(() => undefined);
    await rm(this.partial, { force: true });
  }
}
