import { Readable } from 'node:stream';
import { clearDatabase, loadDatabase, refuseOccupied, unknownMigrations, type TableShape } from '../db';
import { PraxisError, productVersion } from '../kernel';
import type { ArtifactStore } from '../storage';
import { filesOf, verifyArchive } from './archive.reader';
import type { BackupEnvironment } from './backup';
import { keyOf, tableIn, type Manifest } from './manifest';

export interface RestoreReport {
  product: string;
  createdAt: string;
  tables: number;
  artifacts: number;
}

/**
 * Puts a backup in place of nothing. The archive is read to its end before anything is touched; rows come in one
 * transaction. Throws VALIDATION_FAILED for a damaged archive or one of a newer version, CONFLICT for what is not empty.
 */
export async function restore(
  path: string,
  environment: BackupEnvironment,
  o: { replace: boolean },
): Promise<RestoreReport> {
  const { url, artifacts, waitMs, log } = environment;
  const manifest = await verifyArchive(path);
  refuseNewer(path, manifest);
  await refuseOccupied(url, { ...o, patience: { waitMs, log } });
  if (!o.replace) await refuseOccupiedStore(artifacts);
  if (o.replace) await clearDatabase(url);
  const written: string[] = [];
  try {
    await loadDatabase(url, {
      migrations: manifest.migrations,
      sequences: manifest.sequences,
      tables: new Contents(path, manifest, artifacts, written).tables(),
    });
  } catch (error) {
    // Without rows nothing names them. Those of an earlier database are left where they would be swept.
    for (const key of o.replace ? [] : written) await artifacts.delete(key).catch(() => undefined);
    throw error;
  }
  const { product, createdAt, tables } = manifest;
  return { product, createdAt, tables: tables.length, artifacts: written.length };
}

function refuseNewer(path: string, { product, migrations }: Manifest): void {
  const [unknown] = unknownMigrations(migrations);
  if (unknown === undefined) return;
  const message = `${path} was made by Praxis ${product}, whose database has ${unknown}; this is ${productVersion()}, which has not.`;
  throw new PraxisError('VALIDATION_FAILED', `${message} Restore it with that version or a newer one.`);
}

async function refuseOccupiedStore(artifacts: ArtifactStore): Promise<void> {
  for await (const { key } of artifacts.listAll()) {
    const message = `The artifact store is not empty: it holds ${key}. Name an empty data directory or bucket, or say --replace.`;
    throw new PraxisError('CONFLICT', message);
  }
}

/** The archive on its way: files go into the store as they come, rows are handed on table by table. */
class Contents {
  private readonly shapes: Map<string, TableShape>;

  constructor(
    private readonly path: string,
    { tables }: Manifest,
    private readonly artifacts: ArtifactStore,
    private readonly written: string[],
  ) {
    this.shapes = new Map(tables.map((table) => [`${table.schema}.${table.name}`, table]));
  }

  async *tables(): AsyncGenerator<{ table: TableShape; rows: AsyncIterable<Buffer> }> {
    for await (const entry of filesOf(this.path)) {
      const name = entry.header.name;
      const table = this.shapes.get(tableIn(name) ?? '');
      if (table) yield { table, rows: entry };
      else if (keyOf(name) !== null) await this.store(keyOf(name)!, entry);
      else for await (const _ of entry);
    }
  }

  private async store(key: string, entry: AsyncIterable<Buffer>): Promise<void> {
    await this.artifacts.write(key, Readable.from(entry, { objectMode: false }));
    this.written.push(key);
  }
}
