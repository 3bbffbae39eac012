/** A model with assets over its life: trained on a thread, stored, listed, downloaded, served, backed up, deleted. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { Authenticator, generateKey } from '../../src/access';
import { backUp, restore } from '../../src/backup';
import { loadExtensions } from '../../src/engine/extensions';
import { openModel } from '../../src/engine/run';
import { createServer } from '../../src/graphql';
import { newId, uuidOf, type TenantContext } from '../../src/kernel';
import { modelRoutes } from '../../src/models';
import { FileArtifactStore, storedBytes } from '../../src/storage';
import { openTestDatabase, testLog } from '../support';
import { runOn, testCluster, withDatabase } from '../support/cluster';
import { ASSETS } from './assets.fixture';
import { SERVING_ENTITIES, ServingFixture } from './serving.fixture';
import { machinesCsv, TRAINING_ENTITIES, TrainingFixture } from './training.fixture';

jest.setTimeout(120_000);
const database = openTestDatabase({ entities: [...new Set([...TRAINING_ENTITIES, ...SERVING_ENTITIES])] });
const extensions = [resolve(__dirname, 'worded.extension.ts')];

const VERSION = `query ($id: ID!) { modelVersion(id: $id) { version downloadPath downloadUrl
  assets { name mediaType byteCount sha256 } variants { precision byteCount downloadPath } } }`;
const DELETE = 'mutation ($input: DeleteModelVersionInput!) { deleteModelVersion(input: $input) { id } }';
const DEPLOY = 'mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { id } } }';
const PREDICT = 'mutation ($input: PredictInput!) { predict(input: $input) { values } }';
const ROW = { speed: 1790, torque: 54, grade: 'L' };

const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** As listed: by name. */
const [WORDS, INDEX] = ASSETS;
const LISTED = [INDEX, WORDS].map(({ bytes, ...asset }) => ({
  ...{ ...asset, byteCount: bytes.length, sha256: sha256Of(bytes) },
}));

let fixture: TrainingFixture;
let serving: ServingFixture;
let server: FastifyInstance;
let folder: string;
let owner: TenantContext;
let stranger: TenantContext;
let key: string;
let versionId: string;
let modelVersionId: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'praxis-assets-'));
  database.defer(() => rm(folder, { recursive: true, force: true }));
  fixture = await TrainingFixture.open(database.db, database.url, join(folder, 'artifacts'));
  serving = await ServingFixture.open(database, join(folder, 'artifacts'));
  [owner, stranger] = [await database.createTenant('Owner'), await database.createTenant('Stranger')];
  const authenticator = new Authenticator(database.db);
  server = await createServer({
    schema: fixture.schema,
    services: { authenticator, database: database.db, registry: new Registry() },
    metrics: null,
    config: {
      ...{ dataDir: '.praxis', bodyBytesMax: 1e6, drainMs: 100, publicUrl: null, trustedProxies: [] },
      ...{ sockets: { perKey: 9, perTenant: 9 }, subscriptions: { perKey: 9, perTenant: 9 } },
    },
    log: testLog,
    routes: modelRoutes(fixture.models, authenticator),
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  key = await keyOf(owner);
  const forget = await loadExtensions(extensions);
  const drain = await fixture.startWork({ extensions });
  database.defer(async () => {
    await drain();
    forget();
    await server.close();
    await fixture.close();
  });
  versionId = await fixture.ingest(owner, machinesCsv(300));
  modelVersionId = await train();
});

async function train(): Promise<string> {
  const id = await fixture.startRun(owner, { versionId, family: 'worded', parameters: { hidden: [32], epochs: 20 } });
  await fixture.follow(owner, id);
  const { run } = await fixture.run<any>(
    owner,
    'query ($id: ID!) { run(id: $id) { error { message } modelVersion { id } } }',
    { id },
  );
  expect(run.error).toBeNull();
  return run.modelVersion.id;
}

async function keyOf({ tenantId }: TenantContext): Promise<string> {
  const { prefix, hash, secret } = generateKey();
  await database.ownerQuery(
    `INSERT INTO api_keys (id, tenant_id, name, role, prefix, secret_hash) VALUES ($1, $2, 'test', 'DEVELOPER', $3, $4)`,
    [newId(), tenantId, prefix, hash],
  );
  return secret;
}

const download = (path: string, secret = key, init: RequestInit = {}): Promise<Response> => {
  const { port } = server.server.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { authorization: `Bearer ${secret}` } });
};

/** Where the bytes of an asset are. */
async function pathOf(name: string, version = modelVersionId): Promise<string> {
  const [{ path }] = await database.ownerQuery<{ path: string }>(
    `SELECT key AS path FROM model_assets JOIN artifacts a ON a.id = artifact_id WHERE model_version_id = $1 AND name = $2`,
    [uuidOf('ModelVersion', version), name],
  );
  return join(folder, 'artifacts', path);
}

const ask = async (caller = owner) => (await fixture.run<any>(caller, VERSION, { id: modelVersionId })).modelVersion;

const deploy = (name: string, version = modelVersionId) =>
  serving.run<any>(owner, DEPLOY, { input: { name, modelVersionId: version } });

test('what training made is listed with size, media type and checksum, and counted', async () => {
  const { assets, variants } = await ask();
  expect(assets).toEqual(LISTED);
  const [{ bytes }] = await database.ownerQuery<{ bytes: number }>(
    'SELECT sum(byte_count)::int AS bytes FROM artifacts WHERE tenant_id = $1 AND kind <> $2',
    [owner.tenantId, 'MODEL'],
  );
  const byteSum = [...assets, ...variants].reduce((sum, { byteCount }) => sum + byteCount, 0);
  expect(await database.db.inTenant(owner, (tx) => storedBytes(tx))).toBe(bytes + byteSum);
  await expect(ask(stranger)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

describe('the download', () => {
  test('is a tar file with a manifest, out of which the model is opened', async () => {
    const { downloadPath, downloadUrl } = await ask();
    expect(downloadPath).toBe(`/models/${modelVersionId}/model.tar`);
    expect(downloadUrl.endsWith(downloadPath)).toBe(true);
    const response = await download(downloadPath);
    expect(response.headers.get('content-type')).toBe('application/x-tar');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="machines-v1.tar"');
    const out = await mkdtemp(join(folder, 'out-'));
    await writeFile(join(out, 'model.tar'), Buffer.from(await response.arrayBuffer()));
    execFileSync('tar', ['-xf', 'model.tar'], { cwd: out });
    const { format, files } = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
    expect([format, files.map(({ name }: any) => name)]).toEqual([
      1,
      ['model.onnx', 'assets/index.bin', 'assets/tokenizer/words.json'],
    ]);
    expect(files.slice(1)).toEqual(LISTED.map((asset) => ({ ...asset, name: `assets/${asset.name}` })));
    const read: Buffer[] = await Promise.all(files.map(({ name }: any) => readFile(join(out, name))));
    read.forEach((bytes, i) => {
      expect([bytes.length, sha256Of(bytes)]).toEqual([files[i].byteCount, files[i].sha256]);
    });
    const assets = read.slice(1).map((bytes, i) => ({ name: files[i + 1].name.slice('assets/'.length), bytes }));
    const served = await openModel(read[0], { assets });
    expect(served.assets.size).toBe(2);
    await served.release();
  });

  test('has a tag, the same bytes each time, and another for each precision', async () => {
    const { downloadPath, variants } = await ask();
    const [one, two] = await Promise.all([download(downloadPath), download(downloadPath)]);
    const tag = one.headers.get('etag');
    expect(sha256Of(Buffer.from(await one.arrayBuffer()))).toBe(sha256Of(Buffer.from(await two.arrayBuffer())));
    expect([two.headers.get('etag'), two.headers.get('accept-ranges')]).toEqual([tag, 'none']);
    const int8 = variants.find(({ precision }: any) => precision === 'INT8');
    expect(int8.downloadPath).toBe(`${downloadPath}?precision=int8`);
    const other = await download(int8.downloadPath);
    expect(other.headers.get('content-disposition')).toBe('attachment; filename="machines-v1-int8.tar"');
    expect(other.headers.get('etag')).not.toBe(tag);
    await other.arrayBuffer();
    expect((await download(downloadPath, key, { method: 'HEAD' })).headers.get('etag')).toBe(tag);
  });

  test('of the graph alone is there as well; both are for the own tenant', async () => {
    const graph = await download(`/models/${modelVersionId}/model.onnx`);
    expect(graph.headers.get('content-disposition')).toBe('attachment; filename="machines-v1.onnx"');
    await expect(openModel(new Uint8Array(await graph.arrayBuffer()))).rejects.toThrow(/is missing/);
    const other = await keyOf(stranger);
    expect((await download(`/models/${modelVersionId}/model.tar`, other)).status).toBe(404);
    expect((await download(`/models/${modelVersionId}/model.tar`, 'nonsense')).status).toBe(401);
  });

  test('breaks off where a stored file is another than the one that was recorded', async () => {
    const path = await pathOf(INDEX.name);
    await writeFile(path, Uint8Array.of(1, 2, 4));
    const response = await download(`/models/${modelVersionId}/model.tar`);
    await expect(response.arrayBuffer()).rejects.toThrow();
    await writeFile(path, INDEX.bytes);
    expect((await (await download(`/models/${modelVersionId}/model.tar`)).arrayBuffer()).byteLength).toBeGreaterThan(0);
  });
});

describe('serving', () => {
  test.each<[string, (path: string) => Promise<void>, RegExp]>([
    ['is missing', (path) => rm(path), /cannot be opened\. The asset "index\.bin" of the model is missing/],
    ['has another size', (path) => writeFile(path, 'x'), /"index\.bin" of the model has 1 bytes instead of 3/],
    ['is another one', (path) => writeFile(path, 'xyz'), /"index\.bin" of the model is damaged or another one/],
  ])('is refused where an asset %s, and nothing is deployed', async (_, spoil, message) => {
    const path = await pathOf(INDEX.name);
    await spoil(path);
    const refusal = { code: 'INTERNAL', message: expect.stringMatching(message) };
    await expect(deploy('spoilt')).rejects.toMatchObject(refusal);
    expect(await database.ownerQuery('SELECT id FROM deployments')).toEqual([]);
    await writeFile(path, INDEX.bytes);
  });

  test('answers once they are there', async () => {
    const version = await train();
    await deploy('machines', version);
    expect(await serving.run(owner, PREDICT, { input: { deployment: 'machines', rows: [ROW] } })).toEqual({
      predict: { values: ['yes'] },
    });
    const refusal = { code: 'CONFLICT', message: expect.stringMatching(/"Machines v1".*Deployment "machines" \(/) };
    await expect(fixture.run(owner, DELETE, { input: { modelVersionId: version } })).rejects.toMatchObject(refusal);
  });
});

test('a backup holds them, and a restored installation has the same', async () => {
  const archive = join(folder, 'praxis.tar');
  const environment = { url: database.url, artifacts: fixture.artifacts, waitMs: 0, log: testLog };
  expect(await backUp(archive, environment)).toMatchObject({ missing: [], damaged: [] });
  const { url } = await testCluster();
  const name = `praxis_assets_${process.pid}`;
  await runOn(url, `CREATE DATABASE ${name}`);
  database.defer(() => runOn(url, `DROP DATABASE ${name} WITH (FORCE)`));
  const artifacts = new FileArtifactStore(join(folder, 'restored'));
  await artifacts.prepare();
  const target = withDatabase(url, name);
  await restore(archive, { ...environment, url: target, artifacts }, { replace: false });
  const rows = await runOn(
    target,
    `SELECT name, media_type, key FROM model_assets JOIN artifacts a ON a.id = artifact_id
     WHERE model_version_id = '${uuidOf('ModelVersion', modelVersionId)}' ORDER BY name`,
  );
  expect(rows.map(({ name, media_type }: any) => [name, media_type])).toEqual(
    LISTED.map(({ name, mediaType }) => [name, mediaType]),
  );
  for (const [i, row] of rows.entries()) {
    expect(sha256Of(await artifacts.read((row as any).key))).toBe(LISTED[i].sha256);
  }
});

test('a deleted version is gone with its files, and its number is not given again', async () => {
  const filesOf = async () => {
    const keys: string[] = [];
    for await (const { key: each } of fixture.artifacts.list(owner.tenantId)) keys.push(each);
    return keys.length;
  };
  const [before, path] = [await filesOf(), await pathOf(WORDS.name)];
  const VARIANTS = 'query ($id: ID!) { modelVersion(id: $id) { variants { precision } model { pipeline { id } } } }';
  const { variants, model } = (await fixture.run<any>(owner, VARIANTS, { id: modelVersionId })).modelVersion;
  const input = { modelVersionId };
  await expect(fixture.run(stranger, DELETE, { input })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect((await readFile(path)).length).toBe(WORDS.bytes.length);
  expect(await fixture.run(owner, DELETE, { input })).toEqual({ deleteModelVersion: { id: modelVersionId } });
  expect(await filesOf()).toBe(before - variants.length - ASSETS.length);
  await expect(readFile(path)).rejects.toThrow('ENOENT');
  await expect(ask()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(fixture.run(owner, DELETE, { input })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const RUNS =
    '{ runs(first: 100) { edges { node { state modelVersion { id } leftOut { column } leaderboard { candidate } } } } }';
  const runs = (await fixture.run<any>(owner, RUNS)).runs.edges.map(({ node }: any) => node);
  expect(runs).toContainEqual(
    expect.objectContaining({
      state: 'SUCCEEDED',
      modelVersion: null,
      leftOut: null,
      leaderboard: [expect.anything()],
    }),
  );
  const id = uuidOf('ModelVersion', modelVersionId);
  for (const [table, column] of [
    ['model_assets', 'model_version_id'],
    ['model_variants', 'model_version_id'],
    ['lineage_edges', 'to_id'],
    ['lineage_edges', 'from_id'],
  ]) {
    expect(await database.ownerQuery(`SELECT 1 FROM ${table} WHERE ${column} = $1`, [id])).toEqual([]);
  }
  expect((await download(`/models/${modelVersionId}/model.tar`)).status).toBe(404);
  const pipelineId = uuidOf('Pipeline', model.pipeline.id);
  const again = await fixture.runs.start(owner, { pipelineId, datasetVersionId: versionId, seed: 2 });
  await fixture.follow(owner, again.globalId);
  expect((await fixture.models.findVersionOfRun(owner, again.id))!.version).toBe(2);
});
