import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { forgetSentFiles } from '../../src/datasets';
import { DatasetDownloadFormat } from '../../src/datasets/types/dataset-download.type';
import type { JobRun } from '../../src/db';
import { uuidOf } from '../../src/kernel';
import { ArtifactSweep, S3ArtifactStore } from '../../src/storage';
import { TenantService } from '../../src/tenants';
import { BUCKET, BucketServer } from '../storage/bucket.server';
import { openTestDatabase, testLog } from '../support';
import { DATASET_ENTITIES, DatasetsFixture } from './datasets.fixture';

const database = openTestDatabase({ entities: DATASET_ENTITIES, poolSize: 8 });
const bucket = new BucketServer();
let artifacts: S3ArtifactStore;
let fixture: DatasetsFixture;

beforeAll(async () => {
  const cacheRoot = await mkdtemp(join(tmpdir(), 'praxis-reingest-'));
  const access = { region: 'us-east-1', accessKeyId: 'key', secretAccessKey: 'secret' };
  const endpoint = await bucket.listen();
  artifacts = new S3ArtifactStore({ bucket: BUCKET, endpoint, ...access, cacheRoot, cacheBytesMax: 1e6 });
  database.defer(async () => {
    artifacts.close();
    await bucket.close();
    await rm(cacheRoot, { recursive: true });
  });
  fixture = await DatasetsFixture.open(database, { keepDays: 30, artifacts });
  await fixture.work();
});

const kinds = () => [...bucket.objects.keys()].map((key) => key.split('/')[2]).sort();

test('a file in a bucket is kept, read again, given out as CSV, and removed when its time is over', async () => {
  const tenant = await database.createTenant('Plant');
  const content = 'code,n\n007,1\n008,\n';
  const { id, latestUpload } = await fixture.ingest(tenant, content);
  expect(kinds()).toEqual(['parquet', 'upload']);
  await fixture.run(tenant, 'mutation ($input: ReingestInput!) { reingest(input: $input) { upload { id } } }', {
    input: { uploadId: latestUpload.id, columns: [{ name: 'n', type: 'TEXT' }] },
  });
  const { currentVersion } = await fixture.settled(tenant, id);
  expect(currentVersion).toMatchObject({ version: 2, columns: [{ type: 'TEXT' }, { type: 'TEXT' }] });
  expect(kinds()).toEqual(['parquet', 'parquet', 'upload']);
  const version = uuidOf('DatasetVersion', currentVersion.id);
  const file = await fixture.service.getFile(tenant, version, DatasetDownloadFormat.CSV);
  expect(await text(await file.open())).toBe(content.replaceAll('\n', '\r\n'));
  await database.ownerQuery(`UPDATE uploads SET kept_until = now() WHERE id = $1`, [latestUpload.id]);
  const tenantIds = () => new TenantService(database.db).ids();
  const sweep = new ArtifactSweep({ artifacts, database: database.db, tenantIds, forget: forgetSentFiles });
  await sweep.run({ signal: new AbortController().signal, log: testLog } as JobRun);
  expect(kinds()).toEqual(['parquet', 'parquet']);
});
