import 'reflect-metadata';
import { makeWorkerUtils } from 'graphile-worker';
import * as pg from 'pg';
import { DataSource } from 'typeorm';
import { migrations } from '../../migrations';
import { describeFailure, findMigrations, MIGRATIONS_TABLE, refuseMissingRights, refuseUnfit } from './login/fitness';
import { quietQueueLogger } from './jobs/queue-log';
import { AT_ONCE, waitUntil, withLogin, type Patience } from './login/login';
import { openLoginPool } from './login/login-pool';
import { ensureRoles } from './login/roles';

/** Key of the advisory lock that lets one process migrate a database at a time. */
const MIGRATION_LOCK = 7_242_601;

/**
 * Brings a database up to date as the login of `url`: roles, the queue's tables, our migrations, each in its own
 * transaction. Many processes may start at once; one works, the others wait and then find nothing to do.
 * @throws PraxisError UNAVAILABLE for a database that this program cannot use, with what to do about it
 */
export async function migrate(
  url: string,
  patience: Patience = AT_ONCE,
  /** Names of those to run; for rows of an earlier schema. */
  only = migrations.map(({ name }) => name),
): Promise<void> {
  await withLogin(
    url,
    async (client) => {
      await refuseUnfit(client);
      await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
      await ensureRoles(client);
      // Those of the queue came with ours: a new one of the queue needs one of ours.
      const { missing } = await findMigrations(client);
      if (!missing.some((name) => only.includes(name))) return;
      await refuseMissingRights(client);
      try {
        await migrateQueue(url);
        await migrateTables(url, only);
      } catch (error) {
        throw await describeFailure(error, client);
      }
    },
    patience,
  );
}

/** For a process that leaves it to another to migrate: waits until the database is as this program needs it. */
export async function awaitMigrated(url: string, patience: Patience): Promise<void> {
  const look = async (client: pg.Client) => {
    await refuseUnfit(client);
    const { missing } = await findMigrations(client);
    if (missing.length === 0) return null;
    const waitsFor = `a database that is up to date: it lacks ${missing.length} of ${migrations.length} migrations`;
    const sentence = `The database lacks ${missing.length} of ${migrations.length} migrations; run \`praxis migrate\` first.`;
    return { waitsFor, sentence };
  };
  await withLogin(
    url,
    async (client) => {
      await waitUntil(patience, () => look(client));
      await ensureRoles(client);
    },
    patience,
  );
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

async function migrateTables(url: string, only: string[]): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    driver: pg,
    migrations: migrations.filter(({ name }) => only.includes(name)),
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
