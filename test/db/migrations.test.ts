import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { migrations } from '../../migrations';
import { Database, dumpSchema, migrate } from '../../src/db';
import { jobContext, newId } from '../../src/kernel';
import { runOn, testCluster, withDatabase } from '../support/cluster';
import { testLog } from '../support';

const golden = () => readFileSync(join(__dirname, '../../schema/database.sql'), 'utf8');
const random = () => randomBytes(5).toString('hex');

let server: string;
const databases: string[] = [];
const logins: string[] = [];

beforeAll(async () => {
  server = (await testCluster()).url;
});

afterAll(async () => {
  for (const name of databases) await runOn(server, `DROP DATABASE ${name} WITH (FORCE)`);
  for (const login of logins) await runOn(server, `DROP ROLE ${login}`);
});

async function emptyDatabase(owner = 'DEFAULT'): Promise<string> {
  const name = `praxis_empty_${random()}`;
  await runOn(server, `CREATE DATABASE ${name} OWNER ${owner}`);
  databases.push(name);
  return withDatabase(server, name);
}

/** A login of its own that is no superuser, and a database it owns. */
async function ownedDatabase(attributes: string): Promise<string> {
  const login = `praxis_login_${random()}`;
  await runOn(server, `CREATE ROLE ${login} LOGIN PASSWORD 'secret' ${attributes}`);
  logins.push(login);
  const url = await emptyDatabase(login);
  return url.replace(/\/\/[^@]*@/, `//${login}:secret@`);
}

/** The last ones. */
async function undo(url: string, count: number): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    migrations,
    migrationsTableName: 'praxis_migrations',
    installExtensions: false,
    extra: { connectionString: url, max: 1 },
  });
  await source.initialize();
  try {
    for (let i = 0; i < count; i++) await source.undoLastMigration({ transaction: 'each' });
  } finally {
    await source.destroy();
  }
}

test('the migrations give the schema in schema/database.sql; write it anew with `npm run golden`', async () => {
  const url = await emptyDatabase();
  await migrate(url);
  expect(await dumpSchema(url)).toBe(golden());
});

test('each migration can be undone, the last first, and done again', async () => {
  const url = await emptyDatabase();
  await migrate(url);
  await undo(url, migrations.length);
  const left = await runOn(
    url,
    `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
  );
  expect(left).toEqual([{ relname: 'praxis_migrations' }]);
  await migrate(url);
  expect(await dumpSchema(url)).toBe(golden());
});

test('a model version made before variants keeps its file, also where the owner is held by the policies', async () => {
  const url = await ownedDatabase('CREATEROLE');
  const login = /\/\/([^:]*):/.exec(url)![1];
  await runOn(server, `GRANT praxis_app, praxis_system TO ${login}`);
  await migrate(url);
  await undo(url, migrations.length - migrations.findIndex(({ name }) => name.startsWith('CreateModelVariants')));
  const [tenant, id, artifact] = [newId(), newId(), newId()];
  // As the superuser, and past what the rows would point to.
  const asOwner = withDatabase(server, new URL(url).pathname.slice(1));
  await runOn(
    asOwner,
    `SET session_replication_role = replica;
     INSERT INTO artifacts VALUES ('${tenant}', '${artifact}', 'MODEL', 'key', 7, '');
     INSERT INTO model_versions (tenant_id, id, model_id, run_id, version, artifact_id, card)
       VALUES ('${tenant}', '${id}', '${id}', '${id}', 1, '${artifact}', '{}')`,
  );
  await migrate(url);
  const rows = await runOn(
    asOwner,
    'SELECT model_version_id, precision, artifact_id, byte_count::int FROM model_variants',
  );
  expect(rows).toEqual([{ model_version_id: id, precision: 'float32', artifact_id: artifact, byte_count: 7 }]);
  await undo(url, migrations.length - migrations.findIndex(({ name }) => name.startsWith('CreateModelVariants')));
  expect(await runOn(asOwner, 'SELECT artifact_id FROM model_versions')).toEqual([{ artifact_id: artifact }]);
});

test('what operators did to tenants before stands in the audit of the platform as well', async () => {
  const url = await ownedDatabase('CREATEROLE');
  const login = /\/\/([^:]*):/.exec(url)![1];
  await runOn(server, `GRANT praxis_app, praxis_system TO ${login}`);
  await migrate(url);
  const since = migrations.length - migrations.findIndex(({ name }) => name.startsWith('KeepPlatformAudit'));
  await undo(url, since);
  const [tenant, operatorKey] = [newId(), newId()];
  const asOwner = withDatabase(server, new URL(url).pathname.slice(1));
  await runOn(
    asOwner,
    `INSERT INTO tenants (id, slug, name, plan, admin_email) VALUES ('${tenant}', 'old', 'Old', 'TRIAL', 'a@example.org');
     INSERT INTO audit_events (tenant_id, at, api_key_id, request_id, action, subject_id, detail)
       VALUES ('${tenant}', '2026-01-01', '${operatorKey}', 'r', 'tenant.onboard', '${tenant}', '{"slug": "old"}'),
         ('${tenant}', '2026-01-02', '${operatorKey}', 'r', 'dataset.create', '${tenant}', '{}')`,
  );
  const copies = 'SELECT at::date::text, api_key_id, action, detail FROM audit_events WHERE tenant_id IS NULL';
  await migrate(url);
  expect(await runOn(asOwner, copies)).toEqual([
    { at: '2026-01-01', api_key_id: operatorKey, action: 'tenant.onboard', detail: { slug: 'old' } },
  ]);
  await undo(url, since);
  expect(await runOn(asOwner, copies)).toEqual([]);
  expect(await runOn(asOwner, 'SELECT action FROM audit_events')).toHaveLength(2);
});

test('many processes may start at once on an empty database', async () => {
  const url = await emptyDatabase();
  await Promise.all(Array.from({ length: 5 }, () => migrate(url)));
  const done = await runOn(url, 'SELECT name FROM praxis_migrations ORDER BY id');
  expect(done.map((row) => row.name)).toEqual(migrations.map((migration) => migration.name));
});

test('a login that is no superuser owns the tables and is itself held by the policies', async () => {
  const url = await ownedDatabase('CREATEROLE');
  // The roles of the cluster may be older than this login; an administrator then grants them once.
  const login = /\/\/([^:]*):/.exec(url)![1];
  await runOn(server, `GRANT praxis_app, praxis_system TO ${login}`);
  await migrate(url);
  const db = await Database.open({ url, poolSize: 2, log: testLog, entities: [] });
  try {
    const tenantId = newId();
    await db.inSystem('ONBOARD_TENANT', (tx) =>
      tx.query(
        `INSERT INTO tenants (id, slug, name, plan, admin_email) VALUES ($1, 'plain', 'Plain', 'TRIAL', 'a@example.org')`,
        [tenantId],
      ),
    );
    await db.inTenant(jobContext(tenantId, 'r'), async (tx) => {
      await tx.appendEvents(newId(), [{ kind: 'POINT', payload: 1 }]);
      await tx.query(`SELECT enqueue_job('t', $1, NULL, NULL, 5)`, [JSON.stringify({ tenantId })]);
    });
    expect(await runOn(url, 'SELECT sequence FROM events')).toEqual([]);
    expect(await runOn(url, 'SELECT count(*)::int AS jobs FROM graphile_worker._private_jobs')).toEqual([{ jobs: 1 }]);
  } finally {
    await db.close();
  }
});

test('a login without the right to make roles is told what an administrator must run', async () => {
  const url = await ownedDatabase('');
  const failure = await migrate(url).then(
    () => '',
    (error: Error) => error.message,
  );
  expect(failure).toMatch(/Ask an administrator to run, once:\n/);
  for (const statement of failure.split('\n').slice(1)) await runOn(server, statement);
  await migrate(url);
  expect(await dumpSchema(url)).toBe(golden());
});
