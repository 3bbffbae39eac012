import { readdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { newId, parseGlobalId, toGlobalId, type TenantContext } from '../../src/kernel';
import { openTestDatabase } from '../support';
import { machinesCsv, TRAINING_ENTITIES, TrainingFixture } from './training.fixture';

const DELETE = 'mutation ($id: ID!) { deleteDataset(input: { id: $id }) { id } }';
const CREATE = `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { dataset { id } upload { id url } } }`;
const UPLOAD = `mutation ($id: ID!) { createUpload(input: { datasetId: $id }) { upload { id url } } }`;
const DATASET = `query ($id: ID!) { dataset(id: $id) { id latestUpload { state } versions { edges { node { id } } } } }`;
const START = `mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }`;
const RUN = `query ($id: ID!) { run(id: $id) { state modelVersion { id } datasetVersion { id } } }`;

const database = openTestDatabase({ entities: TRAINING_ENTITIES, poolSize: 8 });
let fixture: TrainingFixture;
let drain: (() => Promise<void>) | null = null;

beforeAll(async () => {
  fixture = await TrainingFixture.open(database.db, database.url);
  database.defer(async () => {
    await drain?.();
    await fixture.close();
  });
});

const work = async (): Promise<void> => {
  drain ??= await fixture.startWork();
};
const rest = async (): Promise<void> => {
  await drain?.();
  drain = null;
};

const uuid = (id: string): string => parseGlobalId(id)!.uuid;
const remove = (tenant: TenantContext, id: string) => fixture.run<any>(tenant, DELETE, { id });
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => error.code,
  );

async function send(url: string, id: string, text: string): Promise<void> {
  await fixture.datasets.receive(id, new URL(url, 'http://x').searchParams.get('token')!, Readable.from([text]));
}

async function settled(tenant: TenantContext, id: string): Promise<any> {
  for (;;) {
    const { dataset } = await fixture.run<any>(tenant, DATASET, { id });
    if (['READY', 'REFUSED'].includes(dataset.latestUpload.state)) return dataset;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function create(tenant: TenantContext, text: string, name = 'Machines'): Promise<any> {
  const { createDataset } = await fixture.run<any>(tenant, CREATE, { input: { name, format: 'CSV' } });
  await send(createDataset.upload.url, createDataset.upload.id, text);
  return settled(tenant, createDataset.dataset.id);
}

async function next(tenant: TenantContext, id: string, text: string): Promise<any> {
  const { createUpload } = await fixture.run<any>(tenant, UPLOAD, { id });
  await send(createUpload.upload.url, createUpload.upload.id, text);
  return settled(tenant, id);
}

async function finished(tenant: TenantContext, id: string): Promise<any> {
  for (;;) {
    const { run } = await fixture.run<any>(tenant, RUN, { id });
    if (['SUCCEEDED', 'FAILED'].includes(run.state)) return run;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** How many rows each table has of a tenant; tables without any are left out. */
async function rowsOf({ tenantId }: TenantContext): Promise<Record<string, number>> {
  const tables = await database.ownerQuery<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY table_name`,
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [{ count }] = await database.ownerQuery<{ count: number }>(
      `SELECT count(*)::int FROM ${name} WHERE tenant_id = $1`,
      [tenantId],
    );
    if (count > 0) counts[name] = count;
  }
  return counts;
}

const filesOf = async ({ tenantId }: TenantContext): Promise<string[]> => {
  const files: string[] = [];
  for await (const { key } of fixture.artifacts.list(tenantId)) files.push(key);
  return files;
};

/** Waits until the files as they were sent are forgotten, which happens after the end of an ingestion; gives the others. */
async function filesOfVersions(tenant: TenantContext): Promise<string[]> {
  const kept = `SELECT FROM uploads WHERE tenant_id = $1 AND state IN ('READY', 'REFUSED') AND artifact_id IS NOT NULL`;
  while ((await database.ownerQuery(kept, [tenant.tenantId])).length > 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return filesOf(tenant);
}

test('nothing is left of it but the audit', async () => {
  await work();
  const tenant = await database.createTenant('Plant');
  const dataset = await create(tenant, machinesCsv(40));
  await next(tenant, dataset.id, machinesCsv(50));
  await next(tenant, dataset.id, 'a,b\n1,2,3\n');
  const open = (await fixture.run<any>(tenant, UPLOAD, { id: dataset.id })).createUpload.upload;
  expect(await filesOfVersions(tenant)).toHaveLength(2);
  expect(await rowsOf(tenant)).toMatchObject({ datasets: 1, dataset_versions: 2, uploads: 4, lineage_edges: 3 });
  expect(await remove(tenant, dataset.id)).toEqual({ deleteDataset: { id: dataset.id } });
  expect(await rowsOf(tenant)).toEqual({ audit_events: expect.any(Number) });
  expect(await filesOf(tenant)).toEqual([]);
  expect(await readdir(`${fixture.folder}/incoming`)).toEqual([]);
  const [audited] = await database.ownerQuery(
    `SELECT action, subject_id, detail FROM audit_events WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1`,
    [tenant.tenantId],
  );
  expect(audited).toEqual({
    action: 'dataset.delete',
    subject_id: uuid(dataset.id),
    detail: { name: 'Machines', versionCount: 2 },
  });
  for (const gone of [remove(tenant, dataset.id), fixture.run(tenant, DATASET, { id: dataset.id })]) {
    expect(await codeOf(gone)).toBe('NOT_FOUND');
  }
  expect(await codeOf(send(open.url, open.id, machinesCsv(40)))).toBe('NOT_FOUND');
  expect(await filesOf(tenant)).toEqual([]);
});

test('another dataset of the tenant, with the same content, stays whole', async () => {
  await work();
  const tenant = await database.createTenant('Twins');
  const [kept, gone] = [await create(tenant, machinesCsv(40)), await create(tenant, machinesCsv(40))];
  await remove(tenant, gone.id);
  expect(await settled(tenant, kept.id)).toEqual(kept);
  const table = await fixture.datasets.readTable(tenant, uuid(kept.versions.edges[0].node.id));
  expect(table.rowCount).toBe(40);
});

test('what was trained on it keeps it, and is named', async () => {
  await work();
  const tenant = await database.createTenant('Trained');
  const dataset = await create(tenant, machinesCsv(200));
  const datasetVersionId = dataset.versions.edges[0].node.id;
  const runOn = async (name: string, parameters: object) => {
    const steps = [
      { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'failure' } },
      { id: 'train', kind: 'TRAIN', parameters },
    ];
    const pipeline = await fixture.pipelines.create(tenant, { name, steps: steps as never, edges: [] });
    const input = { pipelineId: toGlobalId('Pipeline', pipeline.id), datasetVersionId };
    const { startRun } = await fixture.run<any>(tenant, START, { input });
    return { id: startRun.run.id, ...(await finished(tenant, startRun.run.id)) };
  };
  const failed = await runOn('Wrong', {
    family: 'network',
    parameters: { layers: [{ type: 'conv2d', filters: 1, kernelSize: 3 }] },
  });
  const good = await runOn('Right', { family: 'logistic', parameters: { epochs: 2 } });
  await next(tenant, dataset.id, machinesCsv(50));
  expect(await filesOfVersions(tenant)).toHaveLength(3);
  const before = await rowsOf(tenant);
  const error = await remove(tenant, dataset.id).catch((e: unknown) => e);
  expect(error).toMatchObject({
    code: 'CONFLICT',
    message:
      `The dataset "Machines" cannot be deleted, because these were made from it: Run "Wrong (failed)" (${failed.id}), ` +
      `Run "Right (succeeded)" (${good.id}), ModelVersion "Right v1" (${good.modelVersion.id}). ` +
      'Their origin must stay readable.',
  });
  expect(await rowsOf(tenant)).toEqual(before);
  expect((await finished(tenant, good.id)).datasetVersion.id).toBe(datasetVersionId);
  expect(await filesOfVersions(tenant)).toHaveLength(3);
});

test('a case run that is on its way keeps it, before and after it has a version', async () => {
  await work();
  const tenant = await database.createTenant('Cases');
  const dataset = await create(tenant, machinesCsv(40));
  const [caseId, caseRunId] = [newId(), newId()];
  const [{ id: uploadId }] = await database.ownerQuery<{ id: string }>(`SELECT id FROM uploads WHERE dataset_id = $1`, [
    uuid(dataset.id),
  ]);
  await database.ownerQuery(
    `INSERT INTO cases (id, slug, industry, document, definition, content_hash) VALUES ($1, 'a-case', 'X', '{}', '{}', '')`,
    [caseId],
  );
  await database.ownerQuery(
    `INSERT INTO case_runs (tenant_id, id, case_id, case_hash, state, seed, upload_id) VALUES ($1, $2, $3, '', 'RUNNING', 1, $4)`,
    [tenant.tenantId, caseRunId, caseId, uploadId],
  );
  const refused = { code: 'CONFLICT', message: expect.stringContaining('CaseRun "a-case (running)"') };
  await expect(remove(tenant, dataset.id)).rejects.toMatchObject(refused);
  const version = uuid(dataset.versions.edges[0].node.id);
  const bind = `UPDATE case_runs SET dataset_version_id = $1, upload_id = NULL WHERE id = $2`;
  await database.ownerQuery(bind, [version, caseRunId]);
  await expect(remove(tenant, dataset.id)).rejects.toMatchObject(refused);
  await database.ownerQuery('DELETE FROM case_runs WHERE id = $1', [caseRunId]);
  await remove(tenant, dataset.id);
});

test('while a file is ingested it is a CONFLICT; afterwards it is not', async () => {
  await rest();
  const tenant = await database.createTenant('Busy');
  const { createDataset } = await fixture.run<any>(tenant, CREATE, { input: { name: 'Busy', format: 'CSV' } });
  const { id } = createDataset.dataset;
  await send(createDataset.upload.url, createDataset.upload.id, machinesCsv(40));
  await expect(remove(tenant, id)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('ingested'),
  });
  await work();
  await settled(tenant, id);
  await remove(tenant, id);
  expect(await rowsOf(tenant)).toEqual({ audit_events: expect.any(Number) });
});

test('the idempotency key of a deleted dataset makes a new one', async () => {
  const tenant = await database.createTenant('Again');
  const input = { name: 'Again', format: 'CSV', idempotencyKey: 'k' };
  const create = async () => (await fixture.run<any>(tenant, CREATE, { input })).createDataset.dataset.id;
  const first = await create();
  expect(await create()).toBe(first);
  await remove(tenant, first);
  expect(await create()).not.toBe(first);
});

test("another tenant's dataset is NOT_FOUND and stays", async () => {
  await work();
  const [tenant, stranger] = [await database.createTenant('Owner'), await database.createTenant('Stranger')];
  const dataset = await create(tenant, machinesCsv(40));
  expect(await codeOf(remove(stranger, dataset.id))).toBe('NOT_FOUND');
  expect(await codeOf(remove(tenant, toGlobalId('Run', uuid(dataset.id))))).toBe('NOT_FOUND');
  expect(await settled(tenant, dataset.id)).toEqual(dataset);
});

test.each(['DEVELOPER', 'VIEWER', 'PREDICTOR'] as const)('a %s may not', async (role) => {
  const tenant = await database.createTenant('Roles', role);
  expect(await codeOf(remove(tenant, toGlobalId('Dataset', newId())))).toBe('FORBIDDEN');
});

test('a run that is started at the same moment either has its data or is refused', async () => {
  await work();
  const tenant = await database.createTenant('Race');
  const steps = [{ id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'failure' } }];
  const pipeline = await fixture.pipelines.create(tenant, { name: 'Race', steps: steps as never, edges: [] });
  const pipelineId = toGlobalId('Pipeline', pipeline.id);
  const datasets: any[] = [];
  for (let i = 0; i < 12; i++) datasets.push(await create(tenant, machinesCsv(40)));
  // Nobody trains: a run that has its data keeps it.
  await rest();
  const outcomes = new Set<string>();
  for (const [i, dataset] of datasets.entries()) {
    const input = { pipelineId, datasetVersionId: dataset.versions.edges[0].node.id };
    const start = () => fixture.run(tenant, START, { input });
    const pause = new Promise((resolve) => setTimeout(resolve, i % 4));
    const [started, removed] = await Promise.all([
      codeOf(start()),
      codeOf(pause.then(() => remove(tenant, dataset.id))),
    ]);
    outcomes.add(`${started}, ${removed}`);
  }
  expect(['no error, CONFLICT', 'NOT_FOUND, no error']).toEqual(expect.arrayContaining([...outcomes]));
  const orphans = await database.ownerQuery(
    'SELECT FROM runs r WHERE NOT EXISTS (SELECT FROM dataset_versions v WHERE v.id = r.dataset_version_id)',
  );
  expect(orphans).toEqual([]);
});
