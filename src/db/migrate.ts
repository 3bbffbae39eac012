import 'reflect-metadata';
import { makeWorkerUtils } from 'graphile-worker';
import * as pg from 'pg';
import { DataSource } from 'typeorm';
import { migrations } from '../../migrations';
import { withLogin } from './connection';
import { quietQueueLogger } from './jobs/queue-log';
import { openLoginPool } from './login-pool';
import { ensureRoles } from './roles';

export const MIGRATIONS_TABLE = 'praxis_migrations';

const VERSION_MIN = 15;
/** Key of the advisory lock that lets one process migrate a database at a time. */
const MIGRATION_LOCK = 7_242_601;

/**
 * Brings a database up to date as the login of `url`: roles, the queue's tables, our migrations, each in its own
 * transaction. Many processes may start at once; one works, the others wait and then find nothing to do.
 */
export async function migrate(url: string): Promise<void> {
  await withLogin(url, async (client) => {
    await refuseOldServer(client);
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await ensureRoles(client);
    if (await isCurrent(client)) return;
    await migrateQueue(url);
    await migrateTables(url);
  });
}

async function refuseOldServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS text`,
  );
  if (rows[0].number >= VERSION_MIN * 10_000) return;
  throw new Error(`Praxis needs PostgreSQL ${VERSION_MIN} or newer; the server is ${rows[0].text}.`);
}

/** True when every migration of ours is recorded; the queue's are checked again when a runner starts. */
async function isCurrent(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query('SELECT to_regclass($1) AS found', [`public.${MIGRATIONS_TABLE}`]);
  if (!rows[0].found) return false;
  const done = await client.query(`SELECT name FROM ${MIGRATIONS_TABLE}`);
  const names = new Set(done.rows.map((row) => row.name as string));
  return migrations.every((migration) => names.has(migration.name));
}

async function migrateQueue(url: string): Promise<void> {
  const pgPool = openLoginPool(url, 1);
  try {
    const utils = await makeWorkerUtils({ pgPool, logger: quietQueueLogger });
    await utils.migrate();
    await utils.release();
  } finally {
    await pgPool.end();
  }
}

async function migrateTables(url: string): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    driver: pg,
    migrations,
    migrationsTableName: MIGRATIONS_TABLE,
    installExtensions: false,
    extra: { connectionString: url, max: 1 },
  });
  await source.initialize();
  try {
    await source.runMigrations({ transaction: 'each' });
  } finally {
    await source.destroy();
  }
}
