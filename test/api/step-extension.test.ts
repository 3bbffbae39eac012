/** A kind of step from outside the product: in the API, stored, trained in its thread, deployed and exported. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { PraxisClient, RunResultDocument } from '../../src/sdk';
import { draw, normal } from '../engine/tables';
import { openTestApp, openTestDatabase } from '../support';

jest.setTimeout(120_000);

const testDatabase = openTestDatabase();
const folder = mkdtempSync(join(tmpdir(), 'praxis-steps-'));
let client: PraxisClient;
let url: string;
let key: string;
let datasetVersionId: string;

/** y is three times the size of a, which no line through a tells. */
function writeRows(): string {
  const [a, b] = [draw(400, 1, normal), draw(400, 2, normal)];
  const path = join(folder, 'sizes.csv');
  writeFileSync(path, `a,b,y\n${a.map((value, i) => `${value},${b[i]},${3 * Math.abs(value)}`).join('\n')}\n`);
  return path;
}

beforeAll(async () => {
  const extension = resolve(__dirname, '../engine/support/magnitude.extension.ts');
  const { app } = await openTestApp(testDatabase, { PRAXIS_EXTENSIONS: extension });
  url = await app.listen();
  await app.consume();
  const context = { ...(await testDatabase.createTenant()), role: 'OWNER' as const };
  ({ secret: key } = await app.services.apiKeys.create(context, { name: 'steps', role: 'OWNER' }));
  client = new PraxisClient({ url, key });
  const dataset = await client.datasets.upload(writeRows());
  datasetVersionId = (await client.datasets.ready(dataset.id)).id;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KINDS =
  '{ stepKinds { kind title parameterSchema } __type(name: "StepKind") { enumValues { name description } } }';
const CREATE = `mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) {
  pipeline { id currentVersion { steps { kind parameters } } } } }`;
const START = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
const EVENTS = 'subscription ($runId: ID!) { runEvents(runId: $runId, after: 0) { sequence } }';
const DEPLOY = 'mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { id } } }';
const PREDICT = 'mutation ($input: PredictInput!) { predict(input: $input) { values } }';
const FILE = 'query ($id: ID!) { modelVersion(id: $id) { downloadPath } }';

test('it is a kind of the API, with its parameters', async () => {
  const { stepKinds, __type } = await client.run<any>(KINDS);
  const entry = stepKinds.find(({ kind }: any) => kind === 'MAGNITUDE');
  expect(entry).toMatchObject({ title: 'Magnitude', parameterSchema: { properties: { times: { type: 'number' } } } });
  expect(__type.enumValues).toContainEqual({ name: 'MAGNITUDE', description: 'Takes the sign of numbers away.' });
});

test('it is stored with its defaults, trained, deployed and exported', async () => {
  const steps = [
    { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'y' } },
    { id: 'size', kind: 'MAGNITUDE', parameters: { columns: { names: ['a'] } } },
    { id: 'train', kind: 'TRAIN', parameters: { family: 'linear', parameters: { epochs: 40 } } },
  ];
  const { pipeline } = (await client.run<any>(CREATE, { input: { name: 'Sizes', steps } })).createPipeline;
  expect(pipeline.currentVersion.steps[1].parameters).toEqual({ columns: { names: ['a'] }, times: 1 });
  const { run } = (await client.run<any>(START, { input: { pipelineId: pipeline.id, datasetVersionId, seed: 1 } }))
    .startRun;
  for await (const _ of client.subscribe<any>(EVENTS, { runId: run.id }));
  const result = (await client.run(RunResultDocument, { id: run.id })).run;
  expect(result.error ?? null).toBeNull();
  expect(result.evaluation!.metrics.find(({ name }) => name === 'r2')!.value).toBeGreaterThan(0.95);

  const modelVersionId = result.modelVersion!.id;
  await client.run<any>(DEPLOY, { input: { name: 'sizes', modelVersionId } });
  const rows = [
    { a: 1.5, b: 0.5 },
    { a: -1.5, b: 0.5 },
  ];
  const { values } = (await client.run<any>(PREDICT, { input: { deployment: 'sizes', rows } })).predict;
  expect(values[1]).toBe(values[0]);

  const { modelVersion } = await client.run<any>(FILE, { id: modelVersionId });
  const file = await fetch(new URL(modelVersion.downloadPath, url), { headers: { authorization: `Bearer ${key}` } });
  const session = await InferenceSession.create(new Uint8Array(await file.arrayBuffer()), { logSeverityLevel: 3 });
  const column = (name: 'a' | 'b') =>
    new Tensor(
      'float64',
      Float64Array.from(rows, (row) => row[name]),
      [2, 1],
    );
  const { prediction } = await session.run({ a: column('a'), b: column('b') });
  await session.release();
  const [positive, negative] = prediction.data as Float64Array;
  expect(negative).toBe(positive);
  expect(positive).toBeCloseTo(Number(values[0]), 4);
});
