import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forgetSentFiles } from '../../src/datasets';
import { JobRunner, type JobRun } from '../../src/db';
import { newId, type TenantContext } from '../../src/kernel';
import { artifactKey, ArtifactSweep, FileArtifactStore, recordArtifact, S3ArtifactStore } from '../../src/storage';
import type { ArtifactKind, ArtifactStore } from '../../src/storage';
import { TenantService } from '../../src/tenants';
import { openTestDatabase, testLog } from '../support';
import { BUCKET, BucketServer } from './bucket.server';

const database = openTestDatabase();
const DAY_MS = 86_400_000;

interface Place {
  artifacts: ArtifactStore;
  /** Makes an artifact as old as that. */
  age(key: string, days: number): Promise<void>;
  close(): Promise<void>;
}

async function openFiles(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'praxis-sweep-'));
  return {
    artifacts: new FileArtifactStore(root),
    age: async (key, days) => {
      const then = new Date(Date.now() - days * DAY_MS);
      await utimes(join(root, key), then, then);
    },
    close: () => rm(root, { recursive: true }),
  };
}

async function openBucket(): Promise<Place> {
  const bucket = new BucketServer();
  const endpoint = await bucket.listen();
  const cacheRoot = await mkdtemp(join(tmpdir(), 'praxis-sweep-'));
  const access = { region: 'us-east-1', accessKeyId: 'key', secretAccessKey: 'secret' };
  const store = new S3ArtifactStore({ bucket: BUCKET, endpoint, ...access, cacheRoot, cacheBytesMax: 1e6 });
  return {
    artifacts: store,
    age: async (key, days) => void bucket.dates.set(key, new Date(Date.now() - days * DAY_MS)),
    close: async () => {
      store.close();
      await bucket.close();
      await rm(cacheRoot, { recursive: true });
    },
  };
}

async function put(place: Place, tenantId: string, o: { kind?: ArtifactKind; days: number }): Promise<string> {
  const key = artifactKey(tenantId, o.kind ?? 'MODEL', newId());
  await place.artifacts.write(key, Buffer.from('bytes'));
  await place.age(key, o.days);
  return key;
}

const record = (context: TenantContext, key: string) =>
  database.db.inTenant(context, (tx) =>
    recordArtifact(tx, { id: newId(), kind: 'MODEL', key, byteCount: 5, sha256: Buffer.alloc(32) }),
  );

const sweepOf = ({ artifacts }: Place): ArtifactSweep =>
  new ArtifactSweep({
    artifacts,
    database: database.db,
    tenantIds: () => new TenantService(database.db).ids(),
    forget: forgetSentFiles,
  });

const sweep = (place: Place, signal = new AbortController().signal) =>
  sweepOf(place).run({ signal, log: testLog } as JobRun);

async function keysOf({ artifacts }: Place, tenantId: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of artifacts.list(tenantId)) keys.push(key);
  return keys.sort();
}

describe.each([
  ['files', openFiles],
  ['a bucket', openBucket],
])('stray artifacts in %s', (_, open) => {
  let place: Place;
  beforeEach(async () => {
    place = await open();
  });
  afterEach(() => place.close());

  test('those of every kind that are old and have no row go; all others stay', async () => {
    const kept = new Map<string, string[]>();
    const tenants = [await database.createTenant('One'), await database.createTenant('Two')];
    for (const tenant of tenants) {
      const { tenantId } = tenant;
      const recorded = [await put(place, tenantId, { days: 30 }), await put(place, tenantId, { days: 0 })];
      for (const key of recorded) await record(tenant, key);
      const young = await put(place, tenantId, { kind: 'UPLOAD', days: 1 });
      for (const kind of ['MODEL', 'CHECKPOINT', 'UPLOAD', 'PARQUET'] as const) {
        await put(place, tenantId, { kind, days: 3 });
      }
      kept.set(tenantId, [...recorded, young].sort());
    }
    await sweep(place);
    for (const { tenantId } of tenants) expect(await keysOf(place, tenantId)).toEqual(kept.get(tenantId));
    await sweep(place);
    for (const { tenantId } of tenants) expect(await keysOf(place, tenantId)).toEqual(kept.get(tenantId));
  });
  test('a row of another tenant does not save a stray, and its own row is not seen through it', async () => {
    const [owner, other] = [await database.createTenant('Owner'), await database.createTenant('Other')];
    const stray = await put(place, other.tenantId, { days: 3 });
    // No tenant can write such a row but the owner of the tables; the sweep acts as the tenant and does not see it.
    await database.ownerQuery(
      `INSERT INTO artifacts (tenant_id, id, kind, key, byte_count, sha256) VALUES ($1, $2, 'MODEL', $3, 5, '')`,
      [owner.tenantId, newId(), stray],
    );
    await sweep(place);
    expect(await keysOf(place, other.tenantId)).toEqual([]);
  });

  test('what belongs to a tenant that this database does not have stays: another installation may have it', async () => {
    const tenantId = newId();
    const key = await put(place, tenantId, { days: 30 });
    await sweep(place);
    expect(await keysOf(place, tenantId)).toEqual([key]);
  });

  test('a sweep that is told to stop stops, and the next one does the rest', async () => {
    const { tenantId } = await database.createTenant('Stopped');
    await put(place, tenantId, { days: 3 });
    await expect(sweep(place, AbortSignal.abort())).rejects.toThrow();
    expect(await keysOf(place, tenantId)).toHaveLength(1);
    await sweep(place);
    expect(await keysOf(place, tenantId)).toEqual([]);
  });
});

test('it is a durable job: a missed day is made up for, once for all work processes', async () => {
  const place = await openFiles();
  database.defer(() => place.close());
  const { tenantId } = await database.createTenant('Daily');
  await put(place, tenantId, { days: 3 });
  // What a work process left two days ago: the next time, at which nobody worked.
  await database.ownerQuery(
    `SELECT graphile_worker.add_job('artifact.sweep', run_at := now() - interval '2 days', job_key := 'artifact.sweep')`,
  );
  let runs = 0;
  const task = sweepOf(place);
  const counted = {
    ...{ name: task.name, schedule: task.schedule },
    run: async (job: JobRun) => {
      runs++;
      await task.run(job);
    },
  };
  const runners = [0, 1].map(() => new JobRunner({ url: database.url, log: testLog }));
  for (const runner of runners) database.defer(() => runner.drain(2_000));
  for (const runner of runners) await runner.start([], { concurrency: 2, scheduled: [counted] });
  while ((await keysOf(place, tenantId)).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const due = () => database.ownerQuery('SELECT FROM graphile_worker._private_jobs WHERE run_at <= now()');
  while ((await due()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(runs).toBe(1);
  for (const runner of runners) await runner.drain(2_000);
  const next = new JobRunner({ url: database.url, log: testLog });
  database.defer(() => next.drain(2_000));
  await next.start([], { concurrency: 2, scheduled: [counted] });
  const waiting = () =>
    database.ownerQuery<{ at: string }>(
      `SELECT to_char(run_at AT TIME ZONE 'UTC', 'HH24:MI') AS at FROM graphile_worker._private_jobs`,
    );
  while ((await waiting()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await waiting()).toEqual([{ at: '03:23' }]);
  expect(runs).toBe(1);
});
