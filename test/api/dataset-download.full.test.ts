import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GraphQLSchema, type OperationDefinitionNode, parse } from 'graphql';
import { generateKey } from '../../src/access';
import type { App } from '../../src/app';
import { Duck } from '../../src/datasets/tables/duck';
import { complexityOf } from '../../src/graphql/limits/complexity';
import { LIMITS } from '../../src/graphql/limits/table';
import { newId, uuidOf, type Role, type TenantContext } from '../../src/kernel';
import { openTestApp, openTestDatabase } from '../support';
import { inFolder } from '../datasets/ingest.fixture';
import { machinesCsv } from './training.fixture';
import { trainAndDeploy } from './whole-life.fixture';

jest.setTimeout(120_000);

const database = openTestDatabase();
let app: App;
let url: string;
let schema: GraphQLSchema;
let owner: TenantContext;
let stranger: TenantContext;

beforeAll(async () => {
  ({ app } = await openTestApp(database));
  schema = app.schema();
  url = await app.listen();
  await app.consume();
  owner = await database.createTenant('Owner');
  stranger = await database.createTenant('Stranger');
});

async function keyOf({ tenantId }: TenantContext, role: Role = 'VIEWER'): Promise<string> {
  const { secret, prefix, hash } = generateKey();
  await database.ownerQuery(
    `INSERT INTO api_keys (id, tenant_id, name, role, prefix, secret_hash) VALUES ($1, $2, 'test', $3, $4, $5)`,
    [newId(), tenantId, role, prefix, hash],
  );
  return secret;
}

async function ask<T = any>(key: string, query: string, variables: object): Promise<T> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as any;
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

const VERSION = `query ($id: ID!) { datasetById(id: $id) { latestUpload { state }
  currentVersion { id byteCount downloadPath downloadUrl preview { columnNames rows } } } }`;

async function ingest(name: string, content: string): Promise<{ id: string; version: any }> {
  const { dataset } = await app.services.datasets.ingestBytes(owner, {
    ...{ name, format: 'CSV' },
    bytes: Buffer.from(content),
  });
  const id = dataset.globalId;
  const key = await keyOf(owner);
  for (;;) {
    const { datasetById } = await ask(key, VERSION, { id });
    if (datasetById.latestUpload.state === 'READY') return { id, version: datasetById.currentVersion };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const get = (address: string, key?: string, init: RequestInit = {}) =>
  fetch(address, { ...init, headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...init.headers } });

const columnsOf = (bytes: Uint8Array): Promise<Record<string, unknown>> =>
  inFolder(async (folder) => {
    const path = join(folder, 'data.parquet');
    await writeFile(path, bytes);
    const duck = await Duck.open({ scratch: null, readable: [path], memoryMb: 100 });
    try {
      const rows = await duck.rows(`SELECT * FROM read_parquet('${path}')`);
      return Object.fromEntries(Object.keys(rows[0]).map((name) => [name, rows.map((row) => row[name])]));
    } finally {
      duck.close();
    }
  });

test('a version is downloaded as Parquet under the names of its columns, and reads back as before', async () => {
  const header = 'at,Torque,torque,file_row_number,c0,"a ""b"" \'c\'; DROP"';
  const { id, version } = await ingest(
    '../Größe "1"\r\n',
    `${header}\n2024-01-01,1.5,2,yes,,x\n2024-01-02,,3,no,4,y\n`,
  );
  const key = await keyOf(owner);
  expect(version.downloadUrl).toBe(url + version.downloadPath);
  const response = await get(version.downloadUrl, key);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="gro-e-1-v1.parquet"');
  expect(response.headers.get('content-length')).toBe(String(version.byteCount));
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(await columnsOf(bytes)).toEqual({
    at: [new Date('2024-01-01'), new Date('2024-01-02')],
    Torque: [1.5, null],
    torque_2: [2, 3],
    file_row_number_2: ['yes', 'no'],
    c0: [null, 4],
    'a "b" \'c\'; DROP': ['x', 'y'],
  });
  const etag = response.headers.get('etag')!;
  expect((await get(version.downloadUrl, key, { headers: { 'if-none-match': etag } })).status).toBe(304);
  const part = await get(version.downloadUrl, key, { headers: { range: 'bytes=0-3' } });
  expect([part.status, await part.text()]).toEqual([206, 'PAR1']);
  const head = await get(version.downloadUrl, key, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(version.byteCount)]);

  const versionId = (await app.services.datasets.listVersions(owner, uuidOf('Dataset', id), {})).edges[0].node.id;
  const whole = await app.services.datasets.readTable(owner, versionId);
  const source = await app.services.datasets.openTable(owner, versionId);
  const names = ['at', 'Torque', 'torque', 'file_row_number', 'c0', 'a "b" \'c\'; DROP'];
  expect(whole.columns.map(({ name }) => name)).toEqual(names);
  const sample = await source.sample(2, 1);
  expect(Array.from(sample.rowNumbers)).toEqual([0, 1]);
  for (const column of [whole.columns[2], sample.columns[2]]) {
    expect(column).toMatchObject({ name: 'torque', kind: 'number', values: Float64Array.of(2, 3) });
  }
  const yes = sample.columns[3];
  expect(yes.kind === 'category' && Array.from(yes.codes, (code) => yes.levels[code])).toEqual(['yes', 'no']);
});

test('a model takes the rows of a preview as they are, times, booleans and large numbers too', async () => {
  const [header, ...lines] = machinesCsv(600).trimEnd().split('\n');
  const more = lines.map((line, n) => {
    const day = new Date(Date.UTC(1969, 0, 1 + n + ((n * n) % 97))).toISOString();
    return `${day},${n % 2 === 0},${(n % 3) * 1e21},${9007199254740993n + BigInt(n % 4)},${line}`;
  });
  await trainAndDeploy(app, owner, 'machines', {
    csv: [`at,flag,huge,code,${header}`, ...more].join('\n'),
  });
  const { datasets } = await ask(
    await keyOf(owner),
    '{ datasets(first: 1) { edges { node { currentVersion { preview { rows } } } } } }',
    {},
  );
  const rows: Record<string, unknown>[] = datasets.edges[0].node.currentVersion.preview.rows;
  expect(rows[1]).toMatchObject({ at: '1969-01-03T00:00:00Z', flag: false, huge: 1e21, code: '9007199254740994' });
  const { predictions } = await ask(
    await keyOf(owner, 'PREDICTOR'),
    'mutation ($rows: [JSONObject!]!) { predict(input: { deployment: "machines", rows: $rows }) { predictions { value } } }',
    { rows: rows.map(({ failure: _, ...row }) => row) },
  ).then(({ predict }) => predict);
  expect(predictions).toHaveLength(20);
});

test('as CSV it has no length and no parts, and the roles of the version', async () => {
  const { version } = await ingest('Größe', 'a,b\n1,"x, y"\n,=1+1\n');
  const key = await keyOf(owner);
  const query =
    'query ($id: ID!) { datasetVersionById(id: $id) { downloadPath(format: CSV) downloadUrl(format: CSV) } }';
  const { downloadPath, downloadUrl } = (await ask(key, query, { id: version.id })).datasetVersionById;
  expect(downloadUrl).toBe(url + downloadPath);
  const response = await get(downloadUrl, key, { headers: { range: 'bytes=0-1' } });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('a,b\r\n1,"x, y"\r\n,=1+1\r\n');
  const header = (name: string) => response.headers.get(name);
  expect(header('content-disposition')).toBe('attachment; filename="gro-e-v1.csv"');
  expect(header('content-type')).toBe('text/csv; charset=utf-8; header=present');
  expect([header('content-length'), header('accept-ranges')]).toEqual([null, 'none']);
  expect((await get(downloadUrl, key, { headers: { 'if-none-match': header('etag')! } })).status).toBe(304);
  const head = await get(downloadUrl, key, { method: 'HEAD' });
  expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, header('etag'), '']);
  const statusOf = async (caller?: string) => (await get(downloadUrl, caller)).status;
  expect(await statusOf()).toBe(401);
  expect(await statusOf(await keyOf(stranger, 'OWNER'))).toBe(404);
  expect(await statusOf(await keyOf(owner, 'PREDICTOR'))).toBe(403);
  const tag = (await get(version.downloadUrl, key, { method: 'HEAD' })).headers.get('etag');
  expect(tag).not.toBe(header('etag'));
});

test('downloads that are left give their places back', async () => {
  const line = `${'x'.repeat(1_000)},${'y'.repeat(1_000)}`;
  const { version } = await ingest(
    'Large',
    `a,b\n${Array.from({ length: 6_000 }, (_, at) => `${at}${line}`).join('\n')}\n`,
  );
  const address = version.downloadUrl.replace('parquet', 'csv');
  const key = await keyOf(owner);
  const left = [new AbortController(), new AbortController()];
  await Promise.all(left.map(({ signal }) => get(address, key, { signal })));
  const refused = await get(address, key);
  expect([refused.status, await refused.json()]).toMatchObject([
    429,
    { errors: [{ extensions: { code: 'RATE_LIMITED' } }] },
  ]);
  expect((await get(version.downloadUrl, key, { method: 'HEAD' })).status).toBe(200);
  for (const leaving of left) leaving.abort();
  let response = await get(address, key);
  while (response.status === 429) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    response = await get(address, key);
  }
  expect((await response.text()).split('\r\n')).toHaveLength(6_002);
});

test('it is for those that may read datasets, until it is deleted', async () => {
  const { id, version } = await ingest('Machines', 'a,b\n1,x\n2,y\n');
  const { downloadUrl } = version;
  const [deleting, key] = [await keyOf(owner, 'ADMIN'), await keyOf(owner)];
  const statusOf = async (caller?: string) => (await get(downloadUrl, caller)).status;
  expect(await statusOf()).toBe(401);
  expect(await statusOf(await keyOf(stranger, 'OWNER'))).toBe(404);
  expect(await statusOf(await keyOf(owner, 'PREDICTOR'))).toBe(403);
  expect(await statusOf(key)).toBe(200);
  expect((await get(`${url}/datasets/${id}/data.parquet`, key)).status).toBe(404);
  await ask(deleting, 'mutation ($id: ID!) { deleteDataset(input: { datasetId: $id }) { id } }', { id });
  expect(await statusOf(key)).toBe(404);
  expect(
    await database.ownerQuery('SELECT 1 FROM dataset_versions WHERE id = $1', [uuidOf('DatasetVersion', version.id)]),
  ).toEqual([]);
});

test('a preview costs the same however few rows are asked for, and pages of them are bounded', () => {
  const cost = (query: string): number => {
    const document = parse(query);
    return complexityOf(schema, document, document.definitions[0] as OperationDefinitionNode, {});
  };
  const one = (first: number) => cost(`{ datasetVersionById(id: "x") { preview(first: ${first}) { rows } } }`);
  expect(one(1)).toBe(one(100));
  expect(one(1)).toBeGreaterThan(100);
  const page =
    '{ datasets(first: 100) { edges { node { versions(first: 100) { edges { node { preview { rows } } } } } } } }';
  expect(cost(page)).toBeGreaterThan(LIMITS.complexity);
});
