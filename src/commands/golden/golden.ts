import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SAMPLE_FILE, sampleCsv } from '../../../seeds/sample';
import { createApp } from '../../app';
import type { Config } from '../../config';
import { dumpSchema, migrate, startPostgres } from '../../db';
import { printSchemaSorted } from '../../graphql';
import { createLog } from '../../kernel';
import { CLIENT_TYPES_FILE, generateClientTypes } from './client-types';
import { DOCUMENT_INDEX_FILE, documentIndex } from './document-index';
import { SETTINGS_FILE, settingsPage } from './settings-page';

/** Writes the golden files, those of the database from a throw-away one: what the code says, for people to read and tests to compare. */
export async function golden(config: Config): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'praxis-golden-'));
  // The database's own user walks through it.
  await chmod(dataDir, 0o711);
  const log = createLog('warn');
  const postgres = await startPostgres({ dataDir, log });
  try {
    await migrate(postgres.url);
    const app = await createApp({ ...config, dataDir, databaseUrl: postgres.url }, log);
    const schema = printSchemaSorted(app.schema());
    await app.close();
    const folder = join(process.cwd(), 'schema');
    await writeFile(join(folder, 'schema.graphql'), schema);
    await writeFile(CLIENT_TYPES_FILE, await generateClientTypes(schema));
    await writeFile(join(folder, 'database.sql'), await dumpSchema(postgres.url));
    await writeFile(SAMPLE_FILE, sampleCsv());
    await writeFile(SETTINGS_FILE, settingsPage());
    await writeFile(DOCUMENT_INDEX_FILE, documentIndex());
  } finally {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
