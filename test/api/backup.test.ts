import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, open, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backUp, restore } from '../../src/backup';
import { seedApp } from '../../src/commands/seed';
import { migrate } from '../../src/db';
import { createApp, type App } from '../../src/app';
import { openArtifactStore, type ArtifactStore, type StorageSettings } from '../../src/storage';
import { openTestApp, openTestDatabase, testLog } from '../support';
import { runOn, testCluster, withDatabase } from '../support/cluster';
import { BUCKET, BucketServer } from '../storage/bucket.server';
import { answerOf, trainAndDeploy } from './whole-life.fixture';

jest.setTimeout(240_000);
const database = openTestDatabase();
let folder: string;
let archive: string;
let tenant: Awaited<ReturnType<typeof database.createTenant>>;
let answer: unknown;
let app: App;
let artifacts: ArtifactStore;
let targets = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'praxis-backup-'));
  archive = join(folder, 'praxis.tar');
  const opened = await openTestApp(database);
  app = opened.app;
  await seedApp(app, opened.config.dataDir);
  await app.consume();
  tenant = await database.createTenant('Plant');
  await trainAndDeploy(app, tenant, 'machines');
  answer = await answerOf(app, tenant, 'machines');
  artifacts = await openArtifactStore(opened.config);
  const report = await backUp(archive, { url: database.url, artifacts, waitMs: 0, log: testLog });
  expect(report).toMatchObject({ missing: [], damaged: [] });
  expect(report.artifacts).toBeGreaterThanOrEqual(2);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** An empty database and an empty data directory, which go with the test. */
async function emptyTarget(s3: StorageSettings['s3'] = null) {
  const { url } = await testCluster();
  const name = `praxis_restore_${process.pid}_${targets++}`;
  await runOn(url, `CREATE DATABASE ${name}`);
  database.defer(() => runOn(url, `DROP DATABASE ${name} WITH (FORCE)`));
  const dataDir = await mkdtemp(join(folder, 'data-'));
  const environment = {
    url: withDatabase(url, name),
    artifacts: await openArtifactStore({ s3, dataDir }),
    waitMs: 0,
    log: testLog,
  };
  return { dataDir, environment };
}

const tablesIn = async (url: string) =>
  (
    await runOn(
      url,
      `SELECT count(*)::int AS n FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    )
  )[0].n;

test('a restored deployment answers as the one that was backed up, and nothing else differs', async () => {
  const { dataDir, environment } = await emptyTarget();
  const report = await restore(archive, environment, { replace: false });
  expect(report.artifacts).toBeGreaterThanOrEqual(2);
  const restored = await createApp({ ...(await configOf(dataDir)), databaseUrl: environment.url }, testLog);
  expect(await answerOf(restored, tenant, 'machines')).toEqual(answer);
  await restored.close();
  const counts = `SELECT (SELECT count(*)::int FROM runs) AS runs, (SELECT count(*)::int FROM api_keys) AS keys,
    (SELECT count(*)::int FROM events) AS events, (SELECT max(id)::int FROM audit_events) AS audit,
    (SELECT count(*)::int FROM cases) AS cases,
    (SELECT count(*)::int FROM pg_constraint WHERE contype = 'f') AS keys_of_others,
    (SELECT count(*)::int FROM pg_class WHERE relforcerowsecurity) AS forced,
    (SELECT count(*)::int FROM pg_trigger WHERE tgenabled = 'D') AS disabled`;
  expect(await runOn(environment.url, counts)).toEqual(await runOn(database.url, counts));
  const next = `SELECT nextval(pg_get_serial_sequence('audit_events', 'id'))::int > max(id) AS ahead FROM audit_events`;
  expect(await runOn(environment.url, next)).toEqual([{ ahead: true }]);
});

async function configOf(dataDir: string) {
  const { readConfig } = await import('../../src/config');
  return { ...readConfig({ PORT: '0' }), dataDir };
}

test('files go into a bucket and come back from it', async () => {
  const bucket = new BucketServer();
  const endpoint = await bucket.listen();
  const access = { bucket: BUCKET, region: 'us-east-1', accessKeyId: 'key', secretAccessKey: 'secret' };
  const { environment } = await emptyTarget({ ...access, endpoint, cacheBytesMax: 1 });
  const { artifacts: count } = await restore(archive, environment, { replace: false });
  expect(bucket.objects.size).toBe(count);
  const again = await backUp(join(folder, 'bucket.tar'), environment);
  expect(again).toMatchObject({ artifacts: count, missing: [], damaged: [] });
  await bucket.close();
});

test('the archive is a tar file for its owner alone, and is never written over', async () => {
  expect((await stat(archive)).mode & 0o777).toBe(0o600);
  const names = execFileSync('tar', ['-tf', archive], { encoding: 'utf8' }).trim().split('\n');
  expect(names.at(-1)).toBe('manifest.json');
  expect(names).toContainEqual(expect.stringMatching(/^database\/public\.runs\//));
  // What the tenant sent, as long as it is kept.
  expect(names).toContainEqual(expect.stringMatching(/^artifacts\/tenants\/.*\/upload\//));
  const again = backUp(archive, { url: database.url, artifacts, waitMs: 0, log: testLog });
  await expect(again).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('what holds something is not restored into, unless that is said', async () => {
  const { environment } = await emptyTarget();
  await migrate(environment.url);
  await expect(restore(archive, environment, { replace: false })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('--replace'),
  });
  await restore(archive, environment, { replace: true });
  await expect(restore(archive, environment, { replace: false })).rejects.toMatchObject({ code: 'CONFLICT' });
  const { environment: other } = await emptyTarget();
  const full = restore(archive, { ...other, artifacts: environment.artifacts }, { replace: false });
  await expect(full).rejects.toMatchObject({ message: expect.stringContaining('The artifact store is not empty') });
});

test('a database that others work with is refused', async () => {
  const environment = { url: database.url, artifacts, waitMs: 0, log: testLog };
  await expect(restore(archive, environment, { replace: true })).rejects.toThrow('Praxis is at work on this database');
});

describe('a damaged archive is refused before anything is touched', () => {
  const copy = async (name: string) => {
    const path = join(folder, name);
    await copyFile(archive, path);
    return path;
  };
  const refused = async (path: string, words: string | RegExp) => {
    const { environment } = await emptyTarget();
    await expect(restore(path, environment, { replace: false })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      message: expect.stringMatching(words),
    });
    expect(await tablesIn(environment.url)).toBe(0);
  };

  test('one byte of a file is another: the file is named', async () => {
    const path = await copy('flipped.tar');
    const file = await open(path, 'r+');
    await file.write(Buffer.from([0x7e]), 0, 1, 600);
    await file.close();
    await refused(path, /the file \S+ is damaged/);
  });

  test('cut off, empty, or something else', async () => {
    const cut = await copy('cut.tar');
    await truncate(cut, (await stat(cut)).size >> 1);
    await refused(cut, /damaged behind|not whole/);
    await writeFile(join(folder, 'empty.tar'), '');
    await refused(join(folder, 'empty.tar'), 'not whole');
    await writeFile(join(folder, 'text.tar'), 'a,b\n'.repeat(1_000));
    await refused(join(folder, 'text.tar'), /no archive/);
  });

  test('of a newer program', async () => {
    const parts = join(folder, 'parts');
    execFileSync('mkdir', [parts]);
    execFileSync('tar', ['-xf', archive, '-C', parts]);
    const manifest = join(parts, 'manifest.json');
    const text = execFileSync('cat', [manifest], { encoding: 'utf8' });
    await writeFile(manifest, text.replace('"migrations":[', '"migrations":["FromTomorrow1999999999999",'));
    const path = join(folder, 'newer.tar');
    execFileSync('sh', ['-c', `cd ${parts} && tar -cf ${path} artifacts database manifest.json`]);
    await refused(path, /FromTomorrow1999999999999/);
  });

  test('a file that is not there says so', async () => {
    const { environment } = await emptyTarget();
    await expect(restore(join(folder, 'none.tar'), environment, { replace: false })).rejects.toThrow('none.tar');
  });
});

test('a place that cannot be written says so', async () => {
  const environment = { url: database.url, artifacts, waitMs: 0, log: testLog };
  await expect(backUp(join(folder, 'none', 'x.tar'), environment)).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    message: expect.stringContaining('cannot be written (ENOENT)'),
  });
});

test('a backup that fails leaves no file', async () => {
  const broken = { ...artifacts, readStream: () => Promise.reject(new Error('the store is away')) } as never;
  const path = join(folder, 'failed.tar');
  await expect(backUp(path, { url: database.url, artifacts: broken, waitMs: 0, log: testLog })).rejects.toThrow('away');
  expect((await readdir(folder)).filter((name) => name.startsWith('failed'))).toEqual([]);
});

test('a login that row-level security holds backs up every row as well', async () => {
  const { url } = await testCluster();
  const { environment } = await emptyTarget();
  const login = `praxis_plain_${process.pid}`;
  await restore(archive, environment, { replace: false });
  await runOn(
    url,
    `CREATE ROLE ${login} LOGIN PASSWORD 'plain' NOSUPERUSER NOBYPASSRLS IN ROLE praxis_app, praxis_system`,
  );
  database.defer(() => runOn(url, `DROP ROLE ${login}`));
  const address = environment.url;
  await runOn(
    address,
    `GRANT USAGE ON SCHEMA graphile_worker, public TO ${login}; GRANT SELECT ON ALL TABLES IN SCHEMA public, graphile_worker TO ${login}; GRANT SELECT ON ALL SEQUENCES IN SCHEMA public, graphile_worker TO ${login}`,
  );
  database.defer(() => runOn(address, `DROP OWNED BY ${login}`));
  const plainUrl = address.replace(/\/\/[^@]*@/, `//${login}:plain@`);
  const path = join(folder, 'plain.tar');
  await backUp(path, { ...environment, url: plainUrl });
  const rowsIn = (file: string) =>
    ['tenants', 'api_keys', 'runs', 'events', 'audit_events', 'cases', 'artifacts'].map((table) => {
      const text = execFileSync('sh', ['-c', `tar -xOf ${file} --wildcards 'database/public.${table}/*'`], {
        encoding: 'utf8',
      });
      return [table, text.trim().split('\n').sort()];
    });
  expect(rowsIn(path)).toEqual(rowsIn(archive));
});
