import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { PraxisError } from '../../kernel';
import { withLogin, type Patience } from '../login/login';
import { migrate } from '../migrate';
import { columnsOf, findTables, nameOf, quoted, type SequenceValue, type StoredTable, type TableShape } from './tables';

interface ForeignKey {
  table: string;
  name: string;
  definition: string;
}

/** What a load is made of. `rows` come as `DatabaseSnapshot.copy` gave them. */
export interface DatabaseContent {
  /** Names of the migrations that the rows are of. */
  migrations: string[];
  sequences: SequenceValue[];
  /** Whole rows of tables, in pieces; those of one piece are read before the next is asked for. */
  tables: AsyncIterable<{ table: TableShape; rows: AsyncIterable<Buffer> }>;
}

const inUse = (what: string) => new PraxisError('CONFLICT', what);

/** Throws CONFLICT for a database that holds something, or that others work with. */
export async function refuseOccupied(url: string, o: { replace: boolean; patience: Patience }): Promise<void> {
  await withLogin(
    url,
    async (client) => {
      const { rows } = await client.query<{ others: number; tables: number }>(
        `SELECT (SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
             AND application_name LIKE 'praxis%' AND application_name NOT LIKE 'praxis test%') AS others,
           (SELECT count(*)::int FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace) AS tables`,
      );
      const [{ others, tables }] = rows;
      if (others > 0) throw inUse('Praxis is at work on this database: stop it before you restore.');
      if (tables === 0 || o.replace) return;
      throw inUse('The database is not empty. Name an empty one, or say --replace to delete all that it holds.');
    },
    o.patience,
  );
}

/** Empties the database: what was in it is lost. */
export async function clearDatabase(url: string): Promise<void> {
  await withLogin(url, async (client) => {
    await client.query(
      `DROP SCHEMA IF EXISTS public, graphile_worker CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC`,
    );
  });
}

/**
 * Fills an empty database: the schema as it was, then all rows in one transaction, then the migrations that came since.
 * When it fails, the database is empty again.
 */
export async function loadDatabase(url: string, content: DatabaseContent): Promise<void> {
  try {
    await migrate(url, undefined, content.migrations);
    await withLogin(url, (client) => fill(client, content));
    await migrate(url);
  } catch (error) {
    await clearDatabase(url).catch(() => undefined);
    throw error;
  }
}

async function fill(client: Client, content: DatabaseContent): Promise<void> {
  await client.query('BEGIN');
  const tables = await findTables(client);
  const keys = await openTables(client, tables);
  for await (const { table, rows } of content.tables) await copyInto(client, known(tables, table), rows);
  for (const { schema, name, last } of content.sequences) {
    await client.query('SELECT setval($1::regclass, $2::bigint)', [`${quoted(schema)}.${quoted(name)}`, last]);
  }
  // The processes that held jobs are of another installation.
  await client.query(
    `UPDATE graphile_worker._private_jobs SET locked_at = NULL, locked_by = NULL WHERE locked_by IS NOT NULL;
     UPDATE graphile_worker._private_job_queues SET locked_at = NULL, locked_by = NULL WHERE locked_by IS NOT NULL`,
  );
  await closeTables(client, tables, keys);
  await client.query('COMMIT');
}

function known(tables: StoredTable[], { schema, name, columns }: TableShape): TableShape {
  const found = tables.find((table) => table.schema === schema && table.name === name);
  const unknown = columns.filter((column) => !found?.columns.includes(column));
  if (found && unknown.length === 0) return { schema, name, columns };
  const what = found ? `the column ${unknown[0]} of ${name}` : `the table ${name}`;
  throw new PraxisError(
    'VALIDATION_FAILED',
    `This program has not ${what}: restore with the version that made the backup.`,
  );
}

/** Rows come in any order and past triggers and policies; the keys are checked when all are in. */
async function openTables(client: Client, tables: StoredTable[]): Promise<ForeignKey[]> {
  const { rows: keys } = await client.query<ForeignKey>(
    `SELECT conrelid::regclass::text AS table, conname::text AS name, pg_get_constraintdef(oid) AS definition
     FROM pg_constraint WHERE contype = 'f' AND connamespace IN ('public'::regnamespace, 'graphile_worker'::regnamespace)`,
  );
  for (const { table, name } of keys) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${quoted(name)}`);
  for (const table of tables) {
    if (table.isForced) await client.query(`ALTER TABLE ${nameOf(table)} NO FORCE ROW LEVEL SECURITY`);
    await client.query(`ALTER TABLE ${nameOf(table)} DISABLE TRIGGER USER`);
  }
  await client.query(`TRUNCATE ${tables.map(nameOf).join(', ')}`);
  return keys;
}

async function closeTables(client: Client, tables: StoredTable[], keys: ForeignKey[]): Promise<void> {
  for (const table of tables) {
    await client.query(`ALTER TABLE ${nameOf(table)} ENABLE TRIGGER USER`);
    if (table.isForced) await client.query(`ALTER TABLE ${nameOf(table)} FORCE ROW LEVEL SECURITY`);
  }
  for (const { table, name, definition } of keys) {
    await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${quoted(name)} ${definition}`);
  }
}

async function copyInto(client: Client, table: TableShape, rows: AsyncIterable<Buffer>): Promise<void> {
  const target = client.query(copyFrom(`COPY ${nameOf(table)} (${columnsOf(table)}) FROM STDIN`));
  await pipeline(Readable.from(rows), target);
}
