import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Task } from '../../src/db';
import { parseGlobalId, toGlobalId, type TenantContext } from '../../src/kernel';
import { openTestDatabase } from '../support';
import { CREATE, DATASET, DATASET_ENTITIES, DatasetsFixture, UPLOAD_BYTES_MAX } from './datasets.fixture';

const database = openTestDatabase({ entities: DATASET_ENTITIES, poolSize: 8 });
let fixture: DatasetsFixture;
let tenant: TenantContext;
let other: TenantContext;
const finished: any[] = [];

/** What a continuation leads to. */
const observer: Task<any> = {
  name: 'test.after-ingest',
  payload: z.object({ tenantId: z.uuid(), note: z.string() }),
  run: async (payload) => void finished.push(payload),
};

beforeAll(async () => {
  fixture = await DatasetsFixture.open(database);
  await fixture.work(observer);
  tenant = await database.createTenant('Plant');
  other = await database.createTenant('Rival');
});

const MACHINES = 'machine,temperature,failure\nA,298.1,no\nB,301.5,yes\nC,,no\nA,299.9,no\n';
const isEnd = ({ event }: any) => event.state === 'READY' || event.state === 'REFUSED';
const uuid = (id: string) => parseGlobalId(id)!.uuid;
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => error.code,
  );

async function errorOf(response: Response) {
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return `${response.status} ${error.code}`;
}

/** Every file of the fixture's data directory. */
async function filesLeft(): Promise<string[]> {
  const entries = await readdir(fixture.folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe('the way of a file', () => {
  test('create, PUT, follow, read the profile', async () => {
    const { id, url } = await fixture.create(tenant);
    const following = fixture.follow(tenant, id, isEnd);
    const response = await fixture.put(url, MACHINES);
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ byteCount: MACHINES.length, state: 'INGESTING' });
    const events = await following;
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    const states = events.flatMap(({ event }) => event.state ?? []);
    expect(states).toEqual(['WAITING', 'RECEIVING', 'INGESTING', 'READY']);
    const ready = events.find(({ event }) => event.__typename === 'DatasetVersionReady');
    expect(ready.event.version).toMatchObject({ version: 1, rowCount: 4 });
    const fractions = events.flatMap(({ event }) => event.fraction ?? []);
    expect(fractions).toEqual([...fractions].sort((left, right) => left - right));
    const { dataset } = await fixture.run(tenant, DATASET, { id });
    expect(dataset.currentVersion.id).toBe(ready.event.version.id);
    expect(
      dataset.currentVersion.columns.map(({ name, type, missingCount }: any) => [name, type, missingCount]),
    ).toEqual([
      ['machine', 'TEXT', 0],
      ['temperature', 'NUMBER', 1],
      ['failure', 'TEXT', 0],
    ]);
    expect(dataset.currentVersion.findings).toEqual([
      expect.objectContaining({ code: 'MISSING_VALUES', column: 'temperature', count: 1, severity: 'INFO' }),
    ]);
  });

  test('a version shows its first rows, as predict takes them', async () => {
    const rows = Array.from({ length: 150 }, (_, n) => `2024-01-01,${n},${n % 2 === 0},x${n}`);
    const { currentVersion } = await fixture.ingest(tenant, `at,7,__proto__,text\n,,,\n${rows.join('\n')}\n`);
    const read = async (caller: TenantContext, args = '') => {
      const query = `query ($id: ID!) { datasetVersion(id: $id) { preview${args} { columnNames rows } } }`;
      return (await fixture.run(caller, query, { id: currentVersion.id })).datasetVersion.preview;
    };
    const { columnNames, rows: first } = await read(tenant);
    expect(columnNames).toEqual(['at', '7', '__proto__', 'text']);
    expect(first).toHaveLength(20);
    expect(JSON.stringify(first.slice(0, 2))).toBe(
      '[{"7":null,"at":null,"__proto__":null,"text":null},{"7":0,"at":"2024-01-01","__proto__":true,"text":"x0"}]',
    );
    expect((await read(tenant, '(first: 100)')).rows).toHaveLength(100);
    expect((await read(tenant, '(first: 1)')).rows).toEqual(first.slice(0, 1));
    for (const size of [0, -1, 101]) {
      expect(await codeOf(read(tenant, `(first: ${size})`))).toBe('VALIDATION_FAILED');
    }
    expect(await codeOf(read(other))).toBe('NOT_FOUND');
    await database.ownerQuery('UPDATE dataset_versions SET first_rows = NULL WHERE id = $1', [uuid(currentVersion.id)]);
    expect(await read(tenant)).toBeNull();
  });

  test('a version shows rows drawn at random, the same for the same seed', async () => {
    const lines = Array.from({ length: 1_000 }, (_, n) => `${n},${n % 2 === 0},x${n}`);
    const { currentVersion } = await fixture.ingest(tenant, `n,even,text\n${lines.join('\n')}\n`);
    const query = `query ($id: ID!, $rows: Int! = 20, $seed: Int! = 0) {
      datasetVersion(id: $id) { sample(rows: $rows, seed: $seed) { columnNames rowNumbers rows } } }`;
    const draw = async (o: object = {}, caller = tenant) =>
      (await fixture.run(caller, query, { id: currentVersion.id, ...o })).datasetVersion.sample;
    const sample = await draw();
    expect(sample.columnNames).toEqual(['n', 'even', 'text']);
    expect(sample.rowNumbers).toHaveLength(20);
    expect(sample.rowNumbers).toEqual([...new Set<number>(sample.rowNumbers)].sort((a, b) => a - b));
    expect(sample.rows).toEqual(
      sample.rowNumbers.map((number: number) => ({ n: number - 1, even: number % 2 === 1, text: `x${number - 1}` })),
    );
    expect(await draw({ seed: 0 })).toEqual(sample);
    expect((await draw({ seed: 1 })).rowNumbers).not.toEqual(sample.rowNumbers);
    const all = await Promise.all(Array.from({ length: 40 }, (_, seed) => draw({ rows: 100, seed })));
    const numbers = all.flatMap(({ rowNumbers }): number[] => rowNumbers);
    expect(new Set(numbers).size).toBe(500);
    // 4,000 draws of even shares: each quarter of the file has about a quarter of the 500 that were kept.
    for (const quarter of [0, 1, 2, 3]) {
      const share = new Set(numbers.filter((number) => Math.floor((number - 1) / 250) === quarter)).size;
      expect(Math.abs(share - 125)).toBeLessThan(40);
    }
    for (const rows of [0, 101]) expect(await codeOf(draw({ rows }))).toBe('VALIDATION_FAILED');
    expect(await codeOf(draw({}, other))).toBe('NOT_FOUND');
    const small = await fixture.ingest(tenant, MACHINES);
    const few = await fixture.run(tenant, query, { id: small.currentVersion.id });
    expect(few.datasetVersion.sample.rowNumbers).toEqual([1, 2, 3, 4]);
    await database.ownerQuery('UPDATE dataset_versions SET sample_rows = NULL WHERE id = $1', [
      uuid(currentVersion.id),
    ]);
    expect(await draw()).toBeNull();
  });

  test('a subscription resumes after the last event it saw', async () => {
    const dataset = await fixture.ingest(tenant, MACHINES);
    const all = await fixture.follow(tenant, dataset.id, isEnd);
    const rest = await fixture.follow(tenant, dataset.id, isEnd, 2);
    expect(rest).toEqual(all.slice(2));
  });

  test('the table reads back as typed arrays', async () => {
    const dataset = await fixture.ingest(
      tenant,
      'a,b,c,d\n1,x,true,2024-01-02\n,y,,\n3.5,x,false,1970-01-01 00:00:01\n',
    );
    const table = await fixture.service.readTable(tenant, uuid(dataset.currentVersion.id));
    expect(table).toEqual({
      rowCount: 3,
      columns: [
        { name: 'a', kind: 'number', values: Float64Array.of(1, NaN, 3.5) },
        { name: 'b', kind: 'category', levels: ['x', 'y'], codes: Int32Array.of(0, 1, 0) },
        { name: 'c', kind: 'category', levels: ['false', 'true'], codes: Int32Array.of(1, -1, 0) },
        { name: 'd', kind: 'number', values: Float64Array.of(Date.UTC(2024, 0, 2), NaN, 1000) },
      ],
    });
    const part = await fixture.service.readTable(tenant, uuid(dataset.currentVersion.id), { columns: ['c', 'a'] });
    expect(part.columns.map(({ name }) => name)).toEqual(['c', 'a']);
    const wrong = fixture.service.readTable(tenant, uuid(dataset.currentVersion.id), { columns: ['z'] });
    expect(await codeOf(wrong)).toBe('VALIDATION_FAILED');
  });

  test('gzip and JSON lines give the same content as CSV', async () => {
    const plain = await fixture.ingest(tenant, 'a,b\n1,x\n2,\n');
    const packed = await fixture.ingest(tenant, gzipSync('a,b\r\n1,x\r\n2,\r\n'));
    const lines = await fixture.ingest(tenant, '{"a":1,"b":"x"}\n{"b":null,"a":2}\n', 'JSONL');
    const hashes = [plain, packed, lines].map((dataset) => dataset.currentVersion.contentHash);
    expect(new Set(hashes).size).toBe(1);
  });

  test('nothing but the Parquet files of versions is left on disk', async () => {
    await fixture.ingest(tenant, MACHINES);
    await fixture.ingest(tenant, 'a\n');
    let left = await filesLeft();
    while (left.some((file) => !file.includes('/parquet/'))) left = await filesLeft();
    const keys = await database.ownerQuery<{ key: string }>('SELECT key FROM artifacts');
    expect(left.map((file) => file.slice(file.indexOf('tenants/'))).sort()).toEqual(keys.map(({ key }) => key).sort());
  });
});

describe('versions', () => {
  const UPLOAD = `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { upload { id url } dataset { id } } }`;

  async function next(datasetId: string, body: string) {
    const { createUpload } = await fixture.run(tenant, UPLOAD, { input: { datasetId } });
    expect((await fixture.put(createUpload.upload.url, body)).status).toBe(202);
    return fixture.settled(tenant, datasetId);
  }

  test('a second file becomes the next version, with parent and lineage', async () => {
    const first = await fixture.ingest(tenant, MACHINES);
    const second = await next(first.id, `${MACHINES}D,300,no\n`);
    expect(second.currentVersion).toMatchObject({ version: 2, rowCount: 5, parent: { id: first.currentVersion.id } });
    const nodes = await lineageOf(tenant, second.currentVersion.id);
    expect(nodes).toEqual(expect.arrayContaining([first.id, first.currentVersion.id, second.currentVersion.id]));
  });

  test('the same content again makes no version and says so', async () => {
    const first = await fixture.ingest(tenant, MACHINES);
    const second = await next(first.id, MACHINES.replaceAll('\n', '\r\n').replace('298.1', '298.10'));
    expect(second.versions.edges).toHaveLength(1);
    expect(second.currentVersion.id).toBe(first.currentVersion.id);
    expect(second.latestUpload.version.id).toBe(first.currentVersion.id);
    expect(second.latestUpload.findings.map(({ code }: any) => code)).toContain('UNCHANGED');
  });

  test('a refused file leaves the current version as it is', async () => {
    const first = await fixture.ingest(tenant, MACHINES);
    const second = await next(first.id, 'machine,temperature\nA,1,2\n');
    expect(second.latestUpload).toMatchObject({ state: 'REFUSED', version: null });
    expect(second.latestUpload.findings[0]).toMatchObject({ code: 'RAGGED_ROW', row: 1, severity: 'ERROR' });
    expect(second.currentVersion).toEqual(first.currentVersion);
  });

  test('a retry with the same idempotency key answers with the same upload and a working address', async () => {
    const input = { name: 'Once', format: 'CSV', idempotencyKey: 'key-1' };
    const first = (await fixture.run(tenant, CREATE, { input })).createDataset;
    const second = (await fixture.run(tenant, CREATE, { input })).createDataset;
    expect([second.dataset.id, second.upload.id]).toEqual([first.dataset.id, first.upload.id]);
    expect(await errorOf(await fixture.put(first.upload.url, MACHINES))).toBe('404 NOT_FOUND');
    expect((await fixture.put(second.upload.url, MACHINES)).status).toBe(202);
    expect(await codeOf(fixture.run(tenant, CREATE, { input: { ...input, format: 'JSONL' } }))).toBe('CONFLICT');
  });

  async function lineageOf(caller: TenantContext, of: string): Promise<string[]> {
    const { lineage } = await fixture.run(caller, `query ($of: ID!) { lineage(of: $of) { nodes { id } } }`, { of });
    return lineage.nodes.map(({ id }: any) => id);
  }
});

describe('the upload address', () => {
  test('takes one file', async () => {
    const { url } = await fixture.create(tenant);
    expect((await fixture.put(url, MACHINES)).status).toBe(202);
    expect(await errorOf(await fixture.put(url, MACHINES))).toBe('409 CONFLICT');
  });

  test('of two PUTs at once one wins', async () => {
    const { id, url } = await fixture.create(tenant);
    const answers = await Promise.all([fixture.put(url, MACHINES), fixture.put(url, MACHINES)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    expect((await fixture.settled(tenant, id)).currentVersion.rowCount).toBe(4);
  });

  test('knows nothing with a wrong token, id or tenant', async () => {
    const mine = await fixture.create(tenant);
    const theirs = await fixture.create(other);
    const [path, token] = mine.url.split('?token=');
    const foreign = theirs.url.split('?token=')[1];
    const forged = Buffer.from(token, 'base64url');
    forged[40] ^= 1;
    const urls = [
      path,
      `${path}?token=abc`,
      `${path}?token=${foreign}`,
      `${path}?token=${forged.toString('base64url')}`,
    ];
    for (const url of [...urls, `/uploads/none?token=${token}`]) {
      expect(await errorOf(await fixture.put(url, MACHINES))).toBe('404 NOT_FOUND');
    }
    expect((await fixture.put(mine.url, MACHINES)).status).toBe(202);
  });

  test('expires', async () => {
    const { url } = await fixture.create(tenant);
    await database.ownerQuery(`UPDATE uploads SET expires_at = now() - interval '1 second' WHERE id = $1`, [
      url.split(/[/?]/)[2],
    ]);
    expect(await errorOf(await fixture.put(url, MACHINES))).toBe('410 NOT_FOUND');
  });

  test('refuses too large a file by its announced and by its real length, and takes another one then', async () => {
    const { id, url } = await fixture.create(tenant);
    const large = new Uint8Array(UPLOAD_BYTES_MAX + 1);
    expect(await errorOf(await fixture.put(url, large))).toBe('413 PAYLOAD_TOO_LARGE');
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(large);
        controller.close();
      },
    });
    expect(await errorOf(await fixture.put(url, stream))).toBe('413 PAYLOAD_TOO_LARGE');
    expect((await fixture.put(url, MACHINES)).status).toBe(202);
    expect((await fixture.settled(tenant, id)).latestUpload.state).toBe('READY');
  });

  test('takes an interrupted PUT again', async () => {
    const { id, url } = await fixture.create(tenant);
    const socket = connect(Number(new URL(fixture.url).port), '127.0.0.1');
    socket.write(`PUT ${url} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nmachine,temp`);
    await fixture.follow(tenant, id, ({ event }) => event.state === 'RECEIVING');
    socket.destroy();
    const events = await fixture.follow(tenant, id, ({ event }) => event.state === 'WAITING', 1);
    expect(events.at(-1).event.state).toBe('WAITING');
    expect(await readdir(join(fixture.folder, 'artifacts', 'incoming'))).toEqual([]);
    expect((await fixture.put(url, MACHINES)).status).toBe(202);
    expect((await fixture.settled(tenant, id)).currentVersion.rowCount).toBe(4);
  });
});

describe('tenants', () => {
  test('another tenant sees neither dataset, version, events nor table, though they exist', async () => {
    const dataset = await fixture.ingest(tenant, MACHINES);
    const versionId = dataset.currentVersion.id;
    const version = `query ($id: ID!) { datasetVersion(id: $id) { id } }`;
    const upload = `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { dataset { id } } }`;
    expect((await fixture.run(tenant, version, { id: versionId })).datasetVersion.id).toBe(versionId);
    const tries = [
      fixture.run(other, DATASET, { id: dataset.id }),
      fixture.run(other, version, { id: versionId }),
      fixture.run(other, upload, { input: { datasetId: dataset.id } }),
      fixture.follow(other, dataset.id, () => true),
      fixture.service.readTable(other, uuid(versionId)),
      fixture.run(tenant, DATASET, { id: toGlobalId('Run', uuid(dataset.id)) }),
    ];
    expect(await Promise.all(tries.map(codeOf))).toEqual(tries.map(() => 'NOT_FOUND'));
    const { datasets } = await fixture.run(other, '{ datasets(first: 100) { edges { node { id } } } }');
    expect(datasets.edges.map(({ node }: any) => node.id)).not.toContain(dataset.id);
  });
});

describe('durable ingestion', () => {
  test('a continuation follows both good and refused files', async () => {
    for (const [note, bytes] of Object.entries({ good: MACHINES, refused: 'a,b\n' })) {
      const continuation = { task: observer.name, payload: { tenantId: tenant.tenantId, note } };
      const request = { name: note, format: 'CSV' as const, bytes: Buffer.from(bytes) };
      const { uploadId } = await fixture.service.ingestBytes(tenant, request, continuation);
      while (!finished.some((payload) => payload.note === note))
        await new Promise((resolve) => setTimeout(resolve, 10));
      expect((await fixture.service.getUpload(tenant, uploadId)).state).toBe(note === 'good' ? 'READY' : 'REFUSED');
    }
  });

  test.each([
    ['IO Error: Could not write file "table.parquet": No space left on device', /ran out of disk space/],
    ['anything else', /could not finish/],
  ])('an ingestion that gave up says why, and keeps nothing: %s', async (fault, message) => {
    const input = { name: 'Never read', format: 'CSV' };
    const { dataset, upload } = (await fixture.run<any>(tenant, CREATE, { input })).createDataset;
    const payload = { tenantId: tenant.tenantId, uploadId: upload.id, requestId: 'gave-up' };
    await database.ownerQuery(`UPDATE uploads SET state = 'INGESTING' WHERE id = '${upload.id}'`);
    await fixture.task.exhausted!(payload, new Error(fault));
    const { latestUpload, currentVersion } = await fixture.settled(tenant, dataset.id);
    expect(latestUpload).toMatchObject({ state: 'REFUSED', findings: [{ code: 'INGESTION_FAILED' }] });
    expect(latestUpload.findings[0].message).toMatch(message);
    expect(currentVersion).toBeNull();
  });

  test('a job that is run again changes nothing', async () => {
    const dataset = await fixture.ingest(tenant, MACHINES);
    const payload = { tenantId: tenant.tenantId, uploadId: dataset.latestUpload.id, requestId: 'again' };
    const events = await fixture.follow(tenant, dataset.id, isEnd);
    await fixture.task.run(payload, {
      attempt: 2,
      attemptsMax: 3,
      putOff: 0,
      signal: new AbortController().signal,
      makeWay: new AbortController().signal,
      progressed: async () => undefined,
      log: undefined!,
    });
    await fixture.task.exhausted!(payload, new Error('no matter'));
    expect(await fixture.settled(tenant, dataset.id)).toEqual(dataset);
    expect(await fixture.follow(tenant, dataset.id, isEnd)).toEqual(events);
  });
});
