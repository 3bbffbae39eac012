/** From a Keras model's folder to a deployed, fine-tuned model, through the public API; and what is refused on the way. */
import { gzipSync } from 'node:zlib';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { generateKey } from '../../src/access';
import { newId, toGlobalId, type TenantContext } from '../../src/kernel';
import { PraxisClient, RunEventsDocument } from '../../src/sdk';
import { predictions, save, shuffleWeights, type SavedModel } from '../engine/support/keras';
import { randomSource } from '../engine/support/recorded';
import { openTestApp, type TestApp } from '../support/app';
import { openTestDatabase } from '../support';
import { zip } from '../support/zip';

const database = openTestDatabase({ entities: [], poolSize: 8 });
const ROWS = 120;
const STEPS = 6;

let test_: TestApp;
let url: string;
let owner: PraxisClient;
let stranger: PraxisClient;
let tenant: TenantContext;
let model: tfl.LayersModel;
let saved: SavedModel;
let datasetVersionId: string;
let x: Float32Array;

const CREATE = `mutation ($input: CreatePretrainedModelInput!) {
  createPretrainedModel(input: $input) { pretrainedModel { id state } upload { id url } } }`;
const MODEL = `query ($id: ID!) { pretrainedModel(id: $id) { name state inputShape parameterCount warnings layers { name type parameterCount } } }`;

async function clientOf({ tenantId }: TenantContext): Promise<PraxisClient> {
  const { secret, prefix, hash } = generateKey();
  await database.ownerQuery(
    `INSERT INTO api_keys (id, tenant_id, name, role, prefix, secret_hash) VALUES ($1, $2, 'test', 'ADMIN', $3, $4)`,
    [newId(), tenantId, prefix, hash],
  );
  return new PraxisClient({ url, key: secret });
}

/** Two convolutions and a dense layer over six steps of two channels, three classes. */
function smallModel(): tfl.LayersModel {
  const { layers } = tfl;
  const built = tfl.sequential({
    layers: [
      layers.conv1d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [STEPS, 2], name: 'first' }),
      layers.batchNormalization({ name: 'normal' }),
      layers.globalAveragePooling1d({ name: 'pool' }),
      layers.dense({ units: 3, activation: 'softmax', name: 'classes' }),
    ],
  });
  shuffleWeights(built, 11);
  return built;
}

/** Moves the biases of the last layer, so that each class is the likeliest in some rows. */
function balance(): void {
  const last = model.getLayer('classes');
  const [kernel, bias] = last.getWeights();
  last.setWeights([tf.mul(kernel, 10), tf.zerosLike(bias)]);
  const logs = predictions(model, x, ROWS).map(Math.log);
  const means = [0, 1, 2].map((k) => logs.filter((_, i) => i % 3 === k).reduce((a, b) => a + b, 0) / ROWS);
  last.setWeights([tf.mul(kernel, 10), tf.tensor1d(means.map((mean) => -mean))]);
}

/** The label that the model itself would give, so that the model as it is must be right in every row. */
function csv(): string {
  const random = randomSource(5);
  x = Float32Array.from({ length: ROWS * STEPS * 2 }, () => Math.fround(2 * random()));
  balance();
  const scores = predictions(model, x, ROWS);
  const names = Array.from({ length: STEPS * 2 }, (_, i) => `s${Math.floor(i / 2)}_${i % 2}`);
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const values = Array.from(x.subarray(row * STEPS * 2, (row + 1) * STEPS * 2));
    const rowScores = scores.subarray(row * 3, row * 3 + 3);
    return [...values, rowScores.indexOf(Math.max(...rowScores))].join(',');
  });
  return [[...names, 'kind'].join(','), ...lines].join('\n');
}

beforeAll(async () => {
  await tf.setBackend('cpu');
  test_ = await openTestApp(database, { PRAXIS_MODEL_BYTES_MAX: '200000' });
  url = await test_.app.listen();
  await test_.app.consume();
  tenant = await database.createTenant('Owner');
  owner = await clientOf(tenant);
  stranger = await clientOf(await database.createTenant('Stranger'));
  model = smallModel();
  const rows = csv();
  saved = await save(model);
  const { id } = await owner.datasets.upload(Buffer.from(rows), { name: 'Series', format: 'CSV' });
  datasetVersionId = (await owner.datasets.ready(id)).id;
});
afterAll(async () => {
  await owner.close();
  await stranger.close();
  tf.disposeVariables();
});

const folder = ({ json, files }: SavedModel, prefix = 'tfjs_model/') => ({
  [`${prefix}model.json`]: JSON.stringify(json),
  ...Object.fromEntries(Object.entries(files).map(([name, data]) => [prefix + name, data])),
});

async function create(
  client = owner,
  name = 'Series net',
  idempotencyKey?: string,
): Promise<{ id: string; url: string }> {
  const { createPretrainedModel: created } = await client.run<any>(CREATE, { input: { name, idempotencyKey } });
  return { id: created.pretrainedModel.id, url: new URL(created.upload.url, url).href };
}

async function put(address: string, body: Buffer): Promise<{ status: number; body: any }> {
  const response = await fetch(address, { method: 'PUT', body: new Uint8Array(body) });
  return { status: response.status, body: await response.json() };
}

async function uploaded(): Promise<string> {
  const { id, url: address } = await create();
  expect(await put(address, zip(folder(saved)))).toEqual({ status: 201, body: { id, state: 'READY', warnings: [] } });
  return id;
}

async function trained(parameters: Record<string, unknown>): Promise<any> {
  const steps = [
    { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'kind' } },
    { id: 'train', kind: 'TRAIN', parameters: { family: 'pretrained', parameters } },
  ];
  const { createPipeline } = await owner.run<any>(
    'mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }',
    { input: { name: 'Fine-tuned', steps } },
  );
  const input = { pipelineId: createPipeline.pipeline.id, datasetVersionId, seed: 1 };
  const START = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
  const { startRun } = await owner.run<any>(START, { input });
  for await (const _ of owner.subscribe(RunEventsDocument, { runId: startRun.run.id, after: 0 }));
  const RUN = `query ($id: ID!) { run(id: $id) { id state error { message path hint }
    evaluation { metrics { name value } } modelVersion { id card { labels parameterCount } } } }`;
  return (await owner.run<any>(RUN, { id: startRun.run.id })).run;
}

async function served(name: string, modelVersionId: string, count: number): Promise<number[]> {
  const DEPLOY = 'mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { id } } }';
  await owner.run(DEPLOY, { input: { name, modelVersionId } });
  const rows = Array.from({ length: count }, (_, row) =>
    Object.fromEntries(
      Array.from({ length: STEPS * 2 }, (_value, i) => [`s${Math.floor(i / 2)}_${i % 2}`, x[row * STEPS * 2 + i]]),
    ),
  );
  const PREDICT =
    'mutation ($input: PredictInput!) { predict(input: $input) { predictions { scores { label probability } } } }';
  const { predict } = await owner.run<any>(PREDICT, { input: { deployment: name, rows } });
  const probabilityOf = (scores: any[], label: string) => scores.find((score) => score.label === label).probability;
  return predict.predictions.flatMap(({ scores }: any) => ['0', '1', '2'].map((label) => probabilityOf(scores, label)));
}

const stored = async () => readdir(join(test_.config.dataDir, 'artifacts'), { recursive: true });

test('an uploaded model is served as it is, and as TensorFlow.js would', async () => {
  const id = await uploaded();
  expect((await owner.run<any>(MODEL, { id })).pretrainedModel).toEqual({
    ...{ name: 'Series net', state: 'READY', inputShape: [STEPS, 2], parameterCount: 59, warnings: [] },
    layers: [
      { name: 'first', type: 'conv1d', parameterCount: 28 },
      { name: 'normal', type: 'batchNormalization', parameterCount: 16 },
      { name: 'pool', type: 'globalAveragePooling', parameterCount: 0 },
      { name: 'classes', type: 'dense', parameterCount: 15 },
    ],
  });
  const run = await trained({ model: id, epochs: 0 });
  expect(run).toMatchObject({ state: 'SUCCEEDED', error: null, modelVersion: { card: { labels: ['0', '1', '2'] } } });
  expect(run.evaluation.metrics.find(({ name }: any) => name === 'accuracy').value).toBe(1);
  const actual = await served('as-it-is', run.modelVersion.id, 20);
  const expected = predictions(model, x.subarray(0, 20 * STEPS * 2), 20);
  actual.forEach((probability, i) => expect(Math.abs(probability - expected[i])).toBeLessThan(1e-4));
  const LINEAGE = 'query ($of: ID!) { lineage(of: $of, direction: UPSTREAM, depth: 4) { nodes { id kind } } }';
  const { lineage } = await owner.run<any>(LINEAGE, { of: run.modelVersion.id });
  expect(lineage.nodes).toContainEqual({ id, kind: 'PretrainedModel' });
});

test('fine-tuning with a new head and frozen layers learns, and a model in use is not deleted', async () => {
  const id = await uploaded();
  const run = await trained({
    model: id,
    replaceHead: true,
    freeze: ['first', 'normal'],
    epochs: 60,
    learningRate: 0.05,
  });
  expect(run).toMatchObject({ state: 'SUCCEEDED', modelVersion: { card: { parameterCount: 15 } } });
  expect(run.evaluation.metrics.find(({ name }: any) => name === 'accuracy').value).toBeGreaterThan(0.8);
  const DELETE = 'mutation ($id: ID!) { deletePretrainedModel(input: { id: $id }) { id } }';
  await expect(owner.run(DELETE, { id })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining(run.id),
  });
  const before = await stored();
  const spare = await uploaded();
  expect((await stored()).length).toBeGreaterThan(before.length);
  await expect(owner.run(DELETE, { id: spare })).resolves.toEqual({ deletePretrainedModel: { id: spare } });
  expect(await stored()).toEqual(before);
  await expect(owner.run(MODEL, { id: spare })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('its outputs stand for the classes in the order that the parameters give', async () => {
  const id = await uploaded();
  const labels = ['2', '0', '1'];
  const run = await trained({ model: id, epochs: 0, labels });
  expect(run).toMatchObject({ state: 'SUCCEEDED', modelVersion: { card: { labels } } });
  // Its classes are 0, 1, 2, so that it is now wrong wherever it was right.
  expect(run.evaluation.metrics.find(({ name }: any) => name === 'accuracy').value).toBe(0);
  const [zero, one, two] = await served('reordered', run.modelVersion.id, 1);
  const expected = predictions(model, x.subarray(0, STEPS * 2), 1);
  [two, zero, one].forEach((probability, i) => expect(Math.abs(probability - expected[i])).toBeLessThan(1e-4));
  const wrong = async (labels: string[]) => (await trained({ model: id, epochs: 0, labels })).error;
  const path = 'steps[1].parameters.parameters.labels';
  expect(await wrong(['0', '1'])).toMatchObject({
    message: 'The labels are not the values of target "kind".',
    hint: 'Name each once, in the order of the outputs: "0", "1", "2".',
    path,
  });
  expect(await wrong(['0', '1', '2', '1'])).toMatchObject({ message: expect.stringMatching(/"1" twice/), path });
  expect(await wrong(['0', '1', '3'])).toMatchObject({ path });
});

test('a run that does not fit its model says what does not', async () => {
  const id = await uploaded();
  const shape = await trained({ model: id, inputShape: [4, 2] });
  expect(shape.error).toMatchObject({
    message: 'The model takes rows of shape [6, 2], and inputShape is [4, 2].',
    path: 'steps[1].parameters.parameters.inputShape',
  });
  const layer = await trained({ model: id, freeze: ['last'] });
  expect(layer.error).toMatchObject({
    message: 'The model has no layer "last".',
    hint: expect.stringContaining('classes'),
  });
  const all = await trained({ model: id, freeze: 3 });
  expect(all.error.message).toMatch(/nothing to train/);
});

test("a model that is not there yet, or is another tenant's, makes no pipeline and no version of one", async () => {
  const { id } = await create();
  const theirs = await create(stranger);
  const steps = (model: string) => [
    { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'kind' } },
    { id: 'train', kind: 'TRAIN', parameters: { family: 'pretrained', parameters: { model } } },
  ];
  const CREATE_PIPELINE =
    'mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }';
  const UPDATE = 'mutation ($input: UpdatePipelineInput!) { updatePipeline(input: $input) { pipeline { version } } }';
  const build = (model: string) => owner.run<any>(CREATE_PIPELINE, { input: { name: 'built', steps: steps(model) } });
  const ready = await uploaded();
  const { pipeline } = (await build(ready)).createPipeline;
  const unknown = /no pretrained model of this tenant/;
  for (const [model, message] of [
    [id, /WAITING for its files/],
    [theirs.id, unknown],
    [toGlobalId('PretrainedModel', newId()), unknown],
    [toGlobalId('Dataset', newId()), unknown],
    ['nonsense', unknown],
  ] as const) {
    const issues = [
      {
        path: 'steps[1].parameters.parameters.model',
        message: expect.stringMatching(message),
        hint: expect.any(String),
      },
    ];
    const refusal = { code: 'VALIDATION_FAILED', issues };
    await expect(build(model)).rejects.toMatchObject(refusal);
    const input = { pipelineId: pipeline.id, steps: steps(model) };
    await expect(owner.run(UPDATE, { input })).rejects.toMatchObject(refusal);
  }
  const query = 'query ($id: ID!) { pipeline(id: $id) { version } }';
  expect(await owner.run<any>(query, { id: pipeline.id })).toEqual({ pipeline: { version: 1 } });
  await expect(owner.run(MODEL, { id: theirs.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(stranger.run(MODEL, { id: theirs.id })).resolves.toMatchObject({
    pretrainedModel: { state: 'WAITING' },
  });
});

test('weights whose names all end otherwise than those of the layers are read, and the model says so', async () => {
  const json = structuredClone(saved.json);
  for (const weight of json.weightsManifest[0].weights) weight.name = weight.name.replace('/', '_2/');
  const { id, url: address } = await create();
  const warnings = [expect.stringMatching(/^The names of all weights differ .* by "_2" behind them/)];
  const { status, body } = await put(address, zip(folder({ ...saved, json })));
  expect([status, body]).toEqual([201, { id, state: 'READY', warnings }]);
  expect((await owner.run<any>(MODEL, { id })).pretrainedModel.warnings).toEqual(warnings);
});

test('a retry answers with the same model and an address that works', async () => {
  const first = await create(owner, 'Twice', 'key');
  const second = await create(owner, 'Twice', 'key');
  expect(second.id).toBe(first.id);
  expect((await put(first.url, zip(folder(saved)))).status).toBe(404);
  expect((await put(second.url, zip(folder(saved)))).status).toBe(201);
  const again = await put(second.url, zip(folder(saved)));
  expect(again).toMatchObject({ status: 409, body: { error: { code: 'CONFLICT' } } });
});

const bomb = () => zip({ 'model.json': '{}', 'big.bin': new Uint8Array(1_000_000) });
const liar = () =>
  zip({ ...folder(saved), 'big.bin': new Uint8Array(1_000_000) }, { sizeOf: (d) => Math.min(d.length, 10) });
const names = (count: number) => Array.from({ length: count }, (_, i) => `"n${i}":0`).join();
const topologyOf = (className: string) => ({
  'model.json': `{"modelTopology":{"class_name":${className},"config":{"layers":[]}}}`,
});
const withManifest = (paths: string[]) => {
  const [group] = saved.json.weightsManifest;
  return { ...saved, json: { ...saved.json, weightsManifest: [{ ...group, paths }] } };
};

test.each<[string, () => Buffer, RegExp]>([
  ['no ZIP file', () => Buffer.from('PK, or so'), /not a readable ZIP file/],
  ['model.json alone', () => Buffer.from(JSON.stringify(saved.json)), /is JSON, such as model\.json alone/],
  ['an HDF5 file', () => Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), /is an HDF5 file \(\.h5\).*save_keras_model/],
  ['a folder packed with gzip', () => gzipSync('tar'), /is packed with gzip/],
  [
    'a .keras file',
    () => zip({ 'metadata.json': '{}', 'config.json': '{}', 'model.weights.h5': 'x' }),
    /is a \.keras file of Keras 3.*save_keras_model/,
  ],
  ['a SavedModel', () => zip({ 'm/saved_model.pb': 'x', 'm/variables/variables.index': 'x' }), /is a SavedModel/],
  ['an empty ZIP file', () => zip({}), /no model\.json/],
  ['a ZIP file without model.json', () => zip({ 'a/weights.bin': 'x' }), /no model\.json/],
  ['two models', () => zip({ 'a/model.json': '{}', 'b/model.json': '{}' }), /several models/],
  ['a topology that is no JSON', () => zip({ 'model.json': '{' }), /model\.json: is not valid JSON/],
  [
    'a missing shard',
    () => zip({ 'model.json': JSON.stringify(saved.json) }),
    /"group1-shard1of1\.bin": is named in the manifest/,
  ],
  ['a ZIP file that unpacks to too much', bomb, /unpacks to more than 200000 bytes/],
  ['a ZIP file that says too little', liar, /not a readable ZIP file/],
  ['a name that leads out', () => zip({ '../model.json': '{}' }), /not a readable ZIP file/],
  [
    'a topology that is nested deeply',
    () => zip({ 'model.json': '['.repeat(90_000) + ']'.repeat(90_000) }),
    /more than 64 deep/,
  ],
  ['a topology with many names', () => zip({ 'model.json': `{${names(12_000)}}` }), /more than 5000 different names/],
  ['a class with a long name', () => zip(topologyOf(`"${'A'.repeat(190_000)}"`)), /is a model of class "AAA/],
  ['a class that is a list', () => zip(topologyOf(`[${'[],'.repeat(9_000)}[]]`)), /is a model of class \[\[\]/],
  ['a manifest that leads out', () => zip(folder(withManifest(['../../secret']))), /is not the name of a file beside/],
])('%s is refused, keeps nothing, and the address takes another file', async (_, file, message) => {
  const { id, url: address } = await create();
  const before = await stored();
  const refused = await put(address, file());
  expect(refused).toMatchObject({ status: 400, body: { error: { code: 'VALIDATION_FAILED' } } });
  expect(refused.body.error.message).toMatch(message);
  expect(refused.body.error.issues[0].hint.length).toBeGreaterThan(10);
  expect(JSON.stringify(refused.body).length).toBeLessThan(4_000);
  const { code, ...rest } = refused.body.error;
  expect(refused.body.errors).toEqual([
    { message: rest.message, extensions: { code, requestId: expect.any(String), issues: rest.issues } },
  ]);
  expect(await stored()).toEqual(before);
  expect((await owner.run<any>(MODEL, { id })).pretrainedModel.state).toBe('WAITING');
  expect((await put(address, zip(folder(saved, '')))).status).toBe(201);
});

test('a file over the limit is refused, with and without a length', async () => {
  const { url: address } = await create();
  const large = Buffer.alloc(300_000);
  expect(await put(address, large)).toMatchObject({ status: 413, body: { error: { code: 'PAYLOAD_TOO_LARGE' } } });
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(large));
      controller.close();
    },
  });
  const response = await fetch(address, { method: 'PUT', body, duplex: 'half' } as RequestInit);
  expect(response.status).toBe(413);
});
