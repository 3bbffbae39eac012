import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { forgetSentFiles } from '../../src/datasets';
import { READER_VERSION } from '../../src/datasets/ingest/reader-version';
import type { JobRun } from '../../src/db';
import { newId, parseGlobalId, type TenantContext } from '../../src/kernel';
import { ArtifactSweep } from '../../src/storage';
import { TenantService } from '../../src/tenants';
import { openTestDatabase, testLog } from '../support';
import { CREATE, DATASET_ENTITIES, DatasetsFixture } from './datasets.fixture';

/** Files that are kept as they were sent, and read again. */

const database = openTestDatabase({ entities: DATASET_ENTITIES, poolSize: 8 });
let fixture: DatasetsFixture;
let tenant: TenantContext;

beforeAll(async () => {
  fixture = await DatasetsFixture.open(database, { keepDays: 30 });
  await fixture.work();
});
beforeEach(async () => {
  tenant = await database.createTenant('Plant');
});

const MACHINES = 'code,temperature\n007,298.1\n008,301.5\n009,\n';
const UPLOAD = 'id state byteCount keptUntil source { id } version { id } findings { code column row message }';
const REINGEST = `mutation ($input: ReingestInput!) { reingest(input: $input) { dataset { id } upload { ${UPLOAD} } } }`;
const HISTORY = `query ($id: ID!) { dataset(id: $id) { uploads { totalCount edges { node { ${UPLOAD} } } }
  versions { edges { node { id version readerVersion parent { id } upload { id } columns { name type } } } } } }`;

const uuid = (id: string) => parseGlobalId(id)!.uuid;
const reingest = async (caller: TenantContext, input: object): Promise<any> =>
  (await fixture.run(caller, REINGEST, { input })).reingest;
const errorOf = (promise: Promise<unknown>): Promise<any> =>
  promise.then(
    () => 'no error',
    (error) => error,
  );

async function history(id: string): Promise<{ uploads: any[]; versions: any[] }> {
  const { uploads, versions } = (await fixture.run(tenant, HISTORY, { id })).dataset;
  const nodes = ({ edges }: any) => edges.map(({ node }: any) => node);
  return { uploads: nodes(uploads), versions: nodes(versions) };
}

/** As a reader of an earlier release would have left them. */
const ageReader = (versionId: string) =>
  database.ownerQuery('UPDATE dataset_versions SET reader_version = 0 WHERE id = $1', [uuid(versionId)]);

async function sentFiles(): Promise<string[]> {
  const folder = join(fixture.folder, 'artifacts', 'tenants', tenant.tenantId, 'upload');
  return readdir(folder).catch(() => []);
}

const sweep = () =>
  new ArtifactSweep({
    ...{ artifacts: fixture.artifacts, database: database.db, forget: forgetSentFiles },
    tenantIds: () => new TenantService(database.db).ids(),
  }).run({ signal: new AbortController().signal, log: testLog } as JobRun);

const expire = (uploadId: string) =>
  database.ownerQuery(`UPDATE uploads SET kept_until = '2026-01-02T03:04:05Z' WHERE id = $1`, [uploadId]);

test('a newer reader makes a version of its own from the file that was sent; the older one stays as it is', async () => {
  const { id, currentVersion, latestUpload } = await fixture.ingest(tenant, MACHINES);
  await ageReader(currentVersion.id);
  const before = await history(id);
  expect(before.uploads).toEqual([
    expect.objectContaining({ id: latestUpload.id, byteCount: MACHINES.length, source: null }),
  ]);
  const days = (Date.parse(before.uploads[0].keptUntil) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(29.9);
  expect(days).toBeLessThan(30.1);

  const { dataset, upload } = await reingest(tenant, { uploadId: latestUpload.id });
  expect(dataset.id).toBe(id);
  expect(upload).toMatchObject({ state: 'INGESTING', byteCount: null, source: { id: latestUpload.id }, version: null });
  const events = await fixture.follow(
    tenant,
    id,
    ({ event }) => event.uploadId === upload.id && event.state === 'READY',
  );
  const ofUpload = events.slice(events.findIndex(({ event }) => event.uploadId === upload.id));
  expect(ofUpload.flatMap(({ event }) => event.state ?? [])).toEqual(['INGESTING', 'READY']);
  expect(ofUpload.map(({ event }) => event.__typename)).toEqual(
    expect.arrayContaining(['IngestProgress', 'DatasetFinding', 'DatasetVersionReady']),
  );

  const { uploads, versions } = await history(id);
  expect(uploads.map((item) => [item.id, item.version.id])).toEqual([
    [upload.id, versions[0].id],
    [latestUpload.id, currentVersion.id],
  ]);
  expect(versions).toMatchObject([
    { version: 2, readerVersion: READER_VERSION, parent: { id: currentVersion.id }, upload: { id: upload.id } },
    { version: 1, readerVersion: 0, upload: { id: latestUpload.id } },
  ]);
  expect(versions[1]).toEqual(before.versions[0]);
  const lineage = `query ($id: ID!) { lineage(nodeId: $id, direction: UPSTREAM, depth: 1) { edges { from to } } }`;
  const { edges } = (await fixture.run(tenant, lineage, { id: versions[0].id })).lineage;
  expect(edges).toContainEqual({ from: currentVersion.id, to: versions[0].id });
  const audited = `SELECT detail FROM audit_events WHERE tenant_id = $1 AND action = 'dataset.reingest'`;
  expect(await database.ownerQuery(audited, [tenant.tenantId])).toEqual([
    { detail: { uploadId: upload.id, sourceId: latestUpload.id } },
  ]);
});

test('the same reader finds the same: no version, and a word about it', async () => {
  const { id, currentVersion, latestUpload } = await fixture.ingest(tenant, MACHINES);
  const { upload } = await reingest(tenant, { uploadId: latestUpload.id });
  const settled = await fixture.settled(tenant, id);
  expect(settled.latestUpload).toMatchObject({ id: upload.id, state: 'READY', version: { id: currentVersion.id } });
  expect(settled.latestUpload.findings.map(({ code }: any) => code)).toContain('UNCHANGED');
  expect(settled.versions.edges).toHaveLength(1);
});

test('the file of an older upload is read into the newest version, and one that was read again leads to its file', async () => {
  const { id, latestUpload } = await fixture.ingest(tenant, MACHINES);
  const { createUpload } = await fixture.run(
    tenant,
    'mutation ($id: ID!) { createUpload(input: { datasetId: $id }) { upload { id url } } }',
    { id },
  );
  expect((await fixture.put(createUpload.upload.url, 'a,b\n1,2\n3,4\n')).status).toBe(202);
  await fixture.settled(tenant, id);
  const first = await reingest(tenant, { uploadId: latestUpload.id });
  const third = (await fixture.settled(tenant, id)).currentVersion;
  expect(third).toMatchObject({ version: 3, rowCount: 3 });
  const { versions } = await history(id);
  const lineage = `query ($id: ID!) { lineage(nodeId: $id, direction: UPSTREAM, depth: 1) { edges { from to } } }`;
  const { edges } = (await fixture.run(tenant, lineage, { id: third.id })).lineage;
  const from = edges.flatMap((edge: any) => (edge.to === third.id ? edge.from : []));
  expect(from.sort()).toEqual([id, versions[1].id, versions[2].id].sort());
  await ageReader(third.id);
  const again = await reingest(tenant, { uploadId: first.upload.id });
  expect(again.upload.source.id).toBe(latestUpload.id);
  expect((await fixture.settled(tenant, id)).currentVersion.version).toBe(4);
});

test('other types of columns make another version; what was said with the upload holds until something else is said', async () => {
  const { createDataset } = await fixture.run(tenant, CREATE, {
    input: { name: 'Codes', format: 'CSV', columns: [{ name: 'temperature', type: 'TEXT' }] },
  });
  expect((await fixture.put(createDataset.upload.url, MACHINES)).status).toBe(202);
  const { id } = createDataset.dataset;
  const typesOf = ({ columns }: any) => columns.map(({ type }: any) => type);
  const first = await fixture.settled(tenant, id);
  expect(typesOf(first.currentVersion)).toEqual(['TEXT', 'TEXT']);
  const uploadId = first.latestUpload.id;
  const readings: [object, string[]][] = [
    [{ columns: [{ name: 'code', type: 'NUMBER' }] }, ['NUMBER', 'NUMBER']],
    [{ columns: [] }, ['TEXT', 'NUMBER']],
    [{}, ['TEXT', 'TEXT']],
  ];
  for (const [input, types] of readings) {
    await reingest(tenant, { uploadId, ...input });
    expect(typesOf((await fixture.settled(tenant, id)).currentVersion)).toEqual(types);
  }
  await reingest(tenant, { uploadId, columns: [{ name: 'temperature', type: 'INTEGER' }] });
  const { latestUpload, currentVersion } = await fixture.settled(tenant, id);
  expect(latestUpload).toMatchObject({ state: 'REFUSED', findings: [{ code: 'COLUMN_MISMATCH', row: 1 }] });
  expect(currentVersion.version).toBe(4);
  const query = 'query ($id: ID!) { dataset(id: $id) { latestUpload { columns { name type } } } }';
  expect((await fixture.run(tenant, query, { id })).dataset.latestUpload.columns).toEqual([
    { name: 'temperature', type: 'INTEGER' },
  ]);
  const twice = [
    { name: 'code', type: 'TEXT' },
    { name: 'code', type: 'NUMBER' },
  ];
  expect(await errorOf(reingest(tenant, { uploadId, columns: twice }))).toMatchObject({
    code: 'VALIDATION_FAILED',
    message: expect.stringContaining('names a column twice'),
  });
});

test('another format of a column makes another version, also where the values are the same', async () => {
  const { id, currentVersion, latestUpload } = await fixture.ingest(tenant, 'price,day\n5,01/02/2024\n7,03/04/2024\n');
  expect(currentVersion.columns.map(({ type }: any) => type)).toEqual(['INTEGER', 'TEXT']);
  const read = async (columns: object[]) => {
    await reingest(tenant, { uploadId: latestUpload.id, columns });
    const settled = await fixture.settled(tenant, id);
    return { ...settled.latestUpload, version: settled.currentVersion.version };
  };
  const day = { name: 'day', type: 'TIMESTAMP', format: 'day, month, year' };
  const price = { name: 'price', type: 'INTEGER' };
  expect(await read([day])).toMatchObject({ version: 2 });
  // The same numbers; but 1,5 is a price of the one and not of the other.
  expect(await read([day, { ...price, format: 'decimal comma' }])).toMatchObject({ version: 3 });
  expect((await read([day, { ...price, format: 'decimal comma' }])).findings.map(({ code }: any) => code)).toContain(
    'UNCHANGED',
  );
  const query = 'query ($id: ID!) { dataset(id: $id) { latestUpload { columns { name type format } } } }';
  expect((await fixture.run(tenant, query, { id })).dataset.latestUpload.columns).toEqual([
    day,
    { ...price, format: 'decimal comma' },
  ]);
});

test.each([
  { format: 'day, month, yaer', type: 'TIMESTAMP', says: 'Did you mean "day, month, year"' },
  { format: 'day, month, year', type: 'NUMBER', says: '"day, month, year" is none of NUMBER' },
  { format: 'decimal comma', type: 'TEXT', says: 'Known: "Excel text"' },
  { format: 'decimal comma, \0 behind it', type: 'NUMBER', says: 'Did you mean "decimal comma"' },
])('the format $format of $type is refused before a file is sent', async ({ format, type, says }) => {
  const columns = [{ name: 'price', type, format }];
  const error = await errorOf(fixture.run(tenant, CREATE, { input: { name: 'Prices', format: 'CSV', columns } }));
  expect(error).toMatchObject({ code: 'VALIDATION_FAILED', message: expect.stringContaining(says) });
  expect(JSON.stringify(error.issues)).toContain('columns[0].format');
});

test('a retry with the same key begins nothing more', async () => {
  const { id, latestUpload } = await fixture.ingest(tenant, MACHINES);
  const input = { uploadId: latestUpload.id, idempotencyKey: 'once' };
  const [one, two] = await Promise.all([reingest(tenant, input), reingest(tenant, input)]);
  expect(two.upload.id).toBe(one.upload.id);
  await fixture.settled(tenant, id);
  expect((await history(id)).uploads).toHaveLength(2);
});

test('what cannot be read again says why', async () => {
  const { id, latestUpload } = await fixture.ingest(tenant, MACHINES);
  const waiting = await fixture.create(tenant);
  const { latestUpload: open } = (
    await fixture.run(tenant, 'query ($id: ID!) { dataset(id: $id) { latestUpload { id } } }', {
      id: waiting.id,
    })
  ).dataset;
  expect(await errorOf(reingest(tenant, { uploadId: open.id }))).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('No file of this upload is in yet'),
  });
  await database.ownerQuery(`UPDATE uploads SET state = 'INGESTING' WHERE id = $1`, [latestUpload.id]);
  expect(await errorOf(reingest(tenant, { uploadId: latestUpload.id }))).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('is being read'),
  });
  await database.ownerQuery(`UPDATE uploads SET state = 'READY' WHERE id = $1`, [latestUpload.id]);
  await expire(latestUpload.id);
  expect(await errorOf(reingest(tenant, { uploadId: latestUpload.id }))).toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('no longer kept since 2026-01-02T03:04:05.000Z'),
  });
  const stranger = await database.createTenant('Stranger');
  for (const [caller, uploadId] of [
    [stranger, latestUpload.id],
    [tenant, newId()],
    [tenant, 'x'],
    [tenant, id],
  ] as const) {
    expect(await errorOf(reingest(caller, { uploadId }))).toMatchObject({ code: 'NOT_FOUND' });
  }
  expect((await history(id)).uploads).toHaveLength(1);
});

test('the sweep removes a file when its time is over, but none that is being read', async () => {
  const [kept, over, read] = [
    await fixture.ingest(tenant, MACHINES),
    await fixture.ingest(tenant, MACHINES),
    await fixture.ingest(tenant, MACHINES),
  ].map((dataset) => dataset.latestUpload.id);
  await expire(over);
  await expire(read);
  const reading = newId();
  await database.ownerQuery(
    `INSERT INTO uploads (tenant_id, id, dataset_id, token_hash, state, expires_at, source_id)
     SELECT tenant_id, $2, dataset_id, token_hash, 'INGESTING', now(), id FROM uploads WHERE id = $1`,
    [read, reading],
  );
  const artifactOf = async (id: string) =>
    (
      await database.ownerQuery<{ artifact_id: string | null }>('SELECT artifact_id FROM uploads WHERE id = $1', [id])
    )[0].artifact_id;
  expect(await sentFiles()).toHaveLength(3);
  await sweep();
  expect([await artifactOf(over), await sentFiles()]).toEqual([null, expect.any(Array)]);
  expect(await sentFiles()).toHaveLength(2);
  await database.ownerQuery(`UPDATE uploads SET state = 'READY' WHERE id = $1`, [reading]);
  await sweep();
  expect(await artifactOf(read)).toBeNull();
  expect(await artifactOf(kept)).not.toBeNull();
  expect(await sentFiles()).toHaveLength(1);
  const left = 'SELECT kind FROM artifacts WHERE tenant_id = $1 ORDER BY kind';
  expect((await database.ownerQuery<any>(left, [tenant.tenantId])).map(({ kind }) => kind)).toEqual([
    ...['PARQUET', 'PARQUET', 'PARQUET'],
    'UPLOAD',
  ]);
});

test('with its dataset go its files, and a file that is refused is kept as well', async () => {
  const good = await fixture.ingest(tenant, MACHINES);
  await reingest(tenant, { uploadId: good.latestUpload.id });
  await fixture.settled(tenant, good.id);
  const { id, latestUpload } = await fixture.ingest(tenant, 'a,b\n1,2,3\n');
  expect(latestUpload.state).toBe('REFUSED');
  await reingest(tenant, { uploadId: latestUpload.id });
  expect((await fixture.settled(tenant, id)).latestUpload).toMatchObject({
    state: 'REFUSED',
    findings: [{ code: 'RAGGED_ROW' }],
  });
  expect(await sentFiles()).toHaveLength(2);
  for (const datasetId of [good.id, id]) {
    await fixture.run(tenant, 'mutation ($id: ID!) { deleteDataset(input: { datasetId: $id }) { id } }', {
      id: datasetId,
    });
  }
  expect(await sentFiles()).toEqual([]);
  for (const table of ['uploads', 'artifacts', 'dataset_versions']) {
    expect(await database.ownerQuery(`SELECT FROM ${table} WHERE tenant_id = $1`, [tenant.tenantId])).toEqual([]);
  }
});
