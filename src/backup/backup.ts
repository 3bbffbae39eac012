import { DatabaseSnapshot, type ArtifactEntry, type StoredTable } from '../db';
import { PraxisError, productVersion, type Log } from '../kernel';
import type { ArtifactStore } from '../storage';
import { ArchiveWriter } from './archive.writer';
import { artifactFile, FORMAT, rowsFile, type Manifest } from './manifest';

/** What a backup or a restore works with. */
export interface BackupEnvironment {
  url: string;
  artifacts: ArtifactStore;
  waitMs: number;
  log: Log;
}

export interface BackupReport {
  path: string;
  byteCount: number;
  tables: number;
  artifacts: number;
  /** Keys of files that rows name and that the store has not. */
  missing: string[];
  /** Keys of files whose content is another than the one that was recorded. */
  damaged: string[];
}

/** Rows are written in pieces of about this size: a tar file wants to know sizes before. */
const PIECE_BYTES = 4 * 1024 * 1024;
/** A line end inside of a value is written as two other characters, so each piece can hold whole rows. */
const END_OF_ROW = 10;

/**
 * Writes database and artifacts of all tenants into one file while the server works. Artifacts never change, so most are
 * copied first; then the database as it is at one moment, then the few files that came in between: whatever the rows of
 * the backup name is in it.
 */
export async function backUp(path: string, environment: BackupEnvironment): Promise<BackupReport> {
  const archive = await ArchiveWriter.create(path);
  try {
    const { url, artifacts, waitMs, log } = environment;
    const files = new ArtifactCopy(archive, artifacts);
    await files.add(await DatabaseSnapshot.read(url, { waitMs, log }, (snapshot) => snapshot.artifacts()));
    files.forgetMissing();
    const content = await DatabaseSnapshot.read(url, { waitMs, log }, async (snapshot) => {
      const described = await describe(snapshot);
      for (const table of await snapshot.tables()) await addRows(archive, snapshot, table);
      await files.add(await snapshot.artifacts());
      return described;
    });
    await archive.finish({ ...content, missing: files.missing });
    const { missing, damaged, count } = files;
    return { path, byteCount: archive.byteCount, tables: content.tables.length, artifacts: count, missing, damaged };
  } catch (error) {
    await archive.abandon();
    throw isFull(error)
      ? new PraxisError('UNAVAILABLE', `There is no space left for ${path}.`, { cause: error })
      : error;
  }
}

async function describe(snapshot: DatabaseSnapshot): Promise<Omit<Manifest, 'files' | 'missing'>> {
  const tables = await snapshot.tables();
  return {
    format: FORMAT,
    product: productVersion(),
    createdAt: new Date().toISOString(),
    postgres: await snapshot.serverVersion(),
    migrations: await snapshot.migrations(),
    tables: tables.map(({ schema, name, columns }) => ({ schema, name, columns })),
    sequences: await snapshot.sequences(),
  };
}

async function addRows(archive: ArchiveWriter, snapshot: DatabaseSnapshot, table: StoredTable): Promise<void> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let piece = 0;
  const flush = async (): Promise<void> => {
    await archive.add(rowsFile(table, piece++), heldBytes, held);
    [held, heldBytes] = [[], 0];
  };
  for await (const chunk of snapshot.copy(table)) {
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes >= PIECE_BYTES && chunk.at(-1) === END_OF_ROW) await flush();
  }
  if (heldBytes > 0) await flush();
}

/** Copies files of the store, each once. */
class ArtifactCopy {
  count = 0;
  missing: string[] = [];
  readonly damaged: string[] = [];
  private readonly done = new Set<string>();

  constructor(
    private readonly archive: ArchiveWriter,
    private readonly artifacts: ArtifactStore,
  ) {}

  async add(entries: ArtifactEntry[]): Promise<void> {
    for (const entry of entries) if (!this.done.has(entry.key)) await this.copy(entry);
  }

  /** Those were deleted while files were copied; the rows that are read next do not name them. */
  forgetMissing(): void {
    this.missing = [];
  }

  private async copy({ key, byteCount, sha256 }: ArtifactEntry): Promise<void> {
    const source = await this.artifacts.readStream(key).catch((error: unknown) => {
      if (error instanceof PraxisError && error.code === 'NOT_FOUND') return null;
      throw error;
    });
    if (!source) return void this.missing.push(key);
    const actual = await this.archive.add(artifactFile(key), byteCount, source);
    if (actual !== sha256) this.damaged.push(key);
    this.done.add(key);
    this.count++;
  }
}

const isFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException)?.code ?? '');
