import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { Authenticator, generateKey } from '../../src/access';
import { oneByOne } from '../../src/db';
import { createServer, findUndescribed } from '../../src/graphql';
import { newId, toGlobalId, type TenantContext } from '../../src/kernel';
import { modelRoutes } from '../../src/models';
import { openModel } from '../../src/engine/run';
import { openTestDatabase, testLog } from '../support';
import { machinesCsv, TRAINING_ENTITIES, TrainingFixture } from './training.fixture';

const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES });

describe('models', () => {
  let fixture: TrainingFixture;
  let owner: TenantContext;
  let stranger: TenantContext;
  let server: FastifyInstance;
  let modelVersionId: string;
  let modelId: string;

  beforeAll(async () => {
    fixture = await TrainingFixture.open(testDatabase.db, testDatabase.url);
    owner = await testDatabase.createTenant('Owner');
    stranger = await testDatabase.createTenant('Stranger');
    const authenticator = new Authenticator(testDatabase.db);
    server = await createServer({
      schema: fixture.schema,
      services: { authenticator, database: testDatabase.db, registry: new Registry() },
      metrics: null,
      config: {
        ...{ dataDir: '.praxis', bodyBytesMax: 1e6, drainMs: 100, publicUrl: null, trustedProxies: [] },
        ...{ sockets: { perKey: 9, perTenant: 9 }, subscriptions: { perKey: 9, perTenant: 9 } },
      },
      log: testLog,
      routes: modelRoutes(fixture.models, authenticator),
    });
    await server.listen({ port: 0, host: '127.0.0.1' });
    [modelVersionId, modelId] = await trainOne();
  });
  afterAll(async () => {
    await server.close();
    await fixture.close();
  });

  const trainOne = async (): Promise<[string, string]> => {
    const drain = await fixture.startWork();
    const steps = [
      { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'failure', drop: ['noise'] } },
      { id: 'train', kind: 'TRAIN', parameters: { family: 'mlp', parameters: { hidden: [32, 16], epochs: 30 } } },
    ];
    const { id: pipelineId } = await fixture.pipelines.create(owner, { name: 'Machines', steps, edges: [] } as never);
    const datasetVersionId = await fixture.ingest(owner, machinesCsv(300));
    const run = await fixture.runs.start(owner, { pipelineId, datasetVersionId, seed: 1 });
    for await (const _ of await fixture.runs.events(owner, run.id, 0, oneByOne(String)));
    await drain();
    const version = (await fixture.models.findVersionOfRun(owner, run.id))!;
    return [version.globalId, toGlobalId('Model', version.modelId)];
  };

  const keyOf = async ({ tenantId }: TenantContext, role = 'DEVELOPER'): Promise<string> => {
    const key = generateKey();
    await testDatabase.ownerQuery(
      `INSERT INTO api_keys (id, tenant_id, name, role, prefix, secret_hash) VALUES ($1, $2, 'test', $3, $4, $5)`,
      [newId(), tenantId, role, key.prefix, key.hash],
    );
    return key.secret;
  };

  const download = async (versionId: string, key?: string, query = '', init: RequestInit = {}): Promise<Response> => {
    const { port } = server.server.address() as AddressInfo;
    const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
    return fetch(`http://127.0.0.1:${port}/models/${versionId}/model.onnx${query}`, {
      ...init,
      headers: { ...headers, ...init.headers },
    });
  };

  const VERSION = `query ($id: ID!) { modelVersion(id: $id) { id version downloadPath model { id name pipeline { name } }
    card { task target family parameters inputs { name type minimum maximum levels fill rareLevels { count largestShare texts } } labels parameterCount
      leftOut { column reason } } } }`;
  const MODEL = `query ($id: ID!) { model(id: $id) { name versions { edges { node { id } } } } }`;

  test('the card says what the model is and reads', async () => {
    const { modelVersion } = await fixture.run<any>(owner, VERSION, { id: modelVersionId });
    expect(modelVersion).toMatchObject({
      version: 1,
      downloadPath: `/models/${modelVersionId}/model.onnx`,
      model: { id: modelId, name: 'Machines', pipeline: { name: 'Machines' } },
      card: { task: 'BINARY', target: 'failure', family: 'mlp', labels: ['no', 'yes'] },
    });
    const { inputs, leftOut } = modelVersion.card;
    expect(inputs.map(({ name, type }: any) => [name, type])).toEqual([
      ['speed', 'NUMBER'],
      ['torque', 'NUMBER'],
      ['grade', 'CATEGORY'],
    ]);
    expect(inputs[0].minimum).toBeGreaterThanOrEqual(1200);
    const rareLevels = { count: 0, largestShare: 0, texts: [] };
    expect(inputs[2]).toMatchObject({ levels: expect.arrayContaining(['L', 'M', 'H']), fill: null, rareLevels });
    expect(inputs[0].rareLevels).toBeNull();
    expect(leftOut).toEqual([{ column: 'noise', reason: expect.any(String) }]);
    const { model } = await fixture.run<any>(owner, MODEL, { id: modelId });
    expect(model.versions.edges).toEqual([{ node: { id: modelVersionId } }]);
  });

  test('the downloaded file predicts', async () => {
    const response = await download(modelVersionId, await keyOf(owner));
    expect(response.status).toBe(200);
    const served = await openModel(new Uint8Array(await response.arrayBuffer()), { threads: 1 });
    const columns = [Float32Array.of(1790, 1210), Float32Array.of(54, 26), ['L', 'H']];
    const { prediction } = await served.predict({ rowCount: 2, columns });
    await served.release();
    expect(prediction).toEqual(['yes', 'no']);
  });

  test('a download has a name, a length and a tag, and parts of it can be asked for', async () => {
    const key = await keyOf(owner);
    const whole = await download(modelVersionId, key, '?precision=int8');
    const bytes = Buffer.from(await whole.arrayBuffer());
    const tag = whole.headers.get('etag')!;
    expect(whole.headers.get('content-length')).toBe(String(bytes.length));
    expect(whole.headers.get('content-disposition')).toBe('attachment; filename="machines-v1-int8.onnx"');
    const ask = async (init: RequestInit): Promise<[number, string | null, Buffer]> => {
      const response = await download(modelVersionId, key, '?precision=int8', init);
      return [response.status, response.headers.get('content-range'), Buffer.from(await response.arrayBuffer())];
    };
    const head = await download(modelVersionId, key, '?precision=int8', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), head.headers.get('etag')]).toEqual([
      200,
      String(bytes.length),
      tag,
    ]);
    expect(await ask({ headers: { 'if-none-match': `"x", ${tag}` } })).toEqual([304, null, Buffer.alloc(0)]);
    const part = (range: string, more = {}) => ask({ headers: { range, ...more } });
    const { length } = bytes;
    expect(await part('bytes=10-19')).toEqual([206, `bytes 10-19/${length}`, bytes.subarray(10, 20)]);
    expect(await part('bytes=-5')).toEqual([206, `bytes ${length - 5}-${length - 1}/${length}`, bytes.subarray(-5)]);
    expect(await part(`bytes=${length - 1}-`)).toEqual([
      206,
      `bytes ${length - 1}-${length - 1}/${length}`,
      bytes.subarray(-1),
    ]);
    expect((await part(`bytes=${length}-`)).slice(0, 2)).toEqual([416, `bytes */${length}`]);
    for (const range of ['bytes=5-1', 'bytes=a-b', 'bytes=0-1,4-5', 'rows=1-2', 'bytes=-']) {
      expect((await part(range)).slice(0, 2)).toEqual([200, null]);
    }
    expect((await part('bytes=0-1', { 'if-range': '"other"' }))[0]).toBe(200);
    expect((await part('bytes=0-1', { 'if-range': tag }))[0]).toBe(206);
  });

  test('each variant says its size and what it changes, and is downloaded by its precision', async () => {
    const VARIANTS = `query ($id: ID!) { modelVersion(id: $id) { run { evaluation { metrics { name value } } }
      variants { precision byteCount downloadPath metrics { name value change } difference { largest mean }
        latency { rowMs batchRows batchMs } } } }`;
    const { modelVersion } = await fixture.run<any>(owner, VARIANTS, { id: modelVersionId });
    const { run, variants } = modelVersion;
    expect(variants.map(({ precision }: any) => precision)).toEqual(['FLOAT32', 'FLOAT16', 'INT8']);
    const values = ({ metrics }: any) => metrics.map(({ name, value }: any) => ({ name, value }));
    expect(values(variants[0])).toEqual(values(run.evaluation));
    expect(variants[0].difference).toEqual({ largest: 0, mean: 0 });
    const key = await keyOf(owner);
    const etags: string[] = [];
    for (const { precision, byteCount, downloadPath, metrics, difference, latency } of variants) {
      expect(downloadPath).toBe(`/models/${modelVersionId}/model.onnx?precision=${precision.toLowerCase()}`);
      const file = await download(modelVersionId, key, `?precision=${precision}`);
      expect((await file.arrayBuffer()).byteLength).toBe(byteCount);
      expect(file.headers.get('content-length')).toBe(String(byteCount));
      const ending = precision === 'FLOAT32' ? '' : `-${precision.toLowerCase()}`;
      expect(file.headers.get('content-disposition')).toBe(`attachment; filename="machines-v1${ending}.onnx"`);
      etags.push(file.headers.get('etag')!);
      const again = await download(modelVersionId, key, `?precision=${precision}`, {
        headers: { 'if-none-match': `"other", W/${etags.at(-1)}` },
      });
      expect([again.status, await again.text()]).toEqual([304, '']);
      expect(metrics.find(({ name }: any) => name === 'accuracy').value).toBeGreaterThan(0.9);
      expect(difference.largest).toBeLessThan(0.1);
      expect(latency).toEqual({ rowMs: expect.any(Number), batchRows: 256, batchMs: expect.any(Number) });
    }
    expect(new Set(etags).size).toBe(3);
    expect(variants[2].byteCount).toBeLessThan(variants[1].byteCount);
    const unknown = await download(modelVersionId, key, '?precision=int4');
    expect([unknown.status, await unknown.text()]).toEqual([400, expect.stringContaining('float32, float16, int8')]);
  });

  test('the download takes a key that may read models', async () => {
    expect((await download(modelVersionId)).status).toBe(401);
    expect((await download(modelVersionId, await keyOf(owner, 'PREDICTOR'))).status).toBe(403);
    expect((await download('nonsense', await keyOf(owner))).status).toBe(404);
  });

  test("another tenant's ids are NOT_FOUND or nothing, and the rows exist", async () => {
    expect((await download(modelVersionId, await keyOf(stranger))).status).toBe(404);
    expect((await download(modelVersionId, await keyOf(stranger), '?precision=int8')).status).toBe(404);
    await expect(fixture.run(stranger, VERSION, { id: modelVersionId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(fixture.run(stranger, MODEL, { id: modelId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const list = `{ models { edges { node { id } } } }`;
    expect((await fixture.run<any>(stranger, list)).models.edges).toEqual([]);
    expect((await fixture.run<any>(owner, list)).models.edges).toEqual([{ node: { id: modelId } }]);
  });

  test('everything in the schema is described', () => {
    expect(findUndescribed(fixture.schema)).toEqual([]);
  });
});
