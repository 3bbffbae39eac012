/** A task and a metric from outside the product: in the API, trained in its thread, scored, deployed and exported. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { PraxisClient, RunResultDocument } from '../../src/sdk';
import { draw, normal } from '../engine/tables';
import { openTestApp, openTestDatabase } from '../support';

jest.setTimeout(120_000);

const testDatabase = openTestDatabase();
const folder = mkdtempSync(join(tmpdir(), 'praxis-tasks-'));
let client: PraxisClient;
let url: string;
let key: string;
let datasetVersionId: string;

/** Doubles with each unit of a: its logarithm lies on a line, which it does not itself. */
const sizeAt = (a: number): number => 3 * 2 ** a;
const TEST_ROWS = draw(60, 3, normal);

function writeRows(): string {
  const part = (name: string, values: number[]) => values.map((a) => `${a},${sizeAt(a)},${a - 1},${name}`);
  const rows = [...part('train', draw(300, 1, normal)), ...part('validation', draw(60, 2, normal))];
  const path = join(folder, 'sizes.csv');
  writeFileSync(path, `a,size,low,part\n${[...rows, ...part('test', TEST_ROWS)].join('\n')}\n`);
  return path;
}

beforeAll(async () => {
  const extension = (name: string) => resolve(__dirname, `../engine/support/${name}.extension.ts`);
  const extensions = [extension('growth'), extension('bias')].join(',');
  const { app } = await openTestApp(testDatabase, { PRAXIS_EXTENSIONS: extensions });
  url = await app.listen();
  await app.consume();
  const context = { ...(await testDatabase.createTenant()), role: 'OWNER' as const };
  ({ secret: key } = await app.services.apiKeys.create(context, { name: 'tasks', role: 'OWNER' }));
  client = new PraxisClient({ url, key });
  const dataset = await client.datasets.upload(writeRows());
  datasetVersionId = (await client.datasets.ready(dataset.id)).id;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LISTS = `{ families { name tasks } stepKinds { kind parameterSchema }
  __type(name: "Task") { enumValues { name description } } }`;
const CREATE = 'mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }';
const START = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } cost { computeSeconds } } }';
const EVENTS = 'subscription ($runId: ID!) { runEvents(runId: $runId, after: 0) { sequence } }';
const DEPLOY = 'mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { id } } }';
const PREDICT = 'mutation ($input: PredictInput!) { predict(input: $input) { values } }';
const MODEL = 'query ($id: ID!) { modelVersion(id: $id) { downloadPath card { task } } }';

async function train(columns: object, family = 'linear') {
  const steps = [
    { id: 'columns', kind: 'SELECT_COLUMNS', parameters: columns },
    { id: 'split', kind: 'SPLIT', parameters: { kind: 'column', column: 'part' } },
    { id: 'train', kind: 'TRAIN', parameters: { family, parameters: { epochs: 60 } } },
  ];
  const { createPipeline } = await client.run<any>(CREATE, { input: { name: 'Sizes', steps } });
  const { startRun } = await client.run<any>(START, {
    input: { pipelineId: createPipeline.pipeline.id, datasetVersionId, seed: 1 },
  });
  expect(startRun.cost.computeSeconds).toBeGreaterThan(0);
  for await (const _ of client.subscribe<any>(EVENTS, { runId: startRun.run.id }));
  return (await client.run(RunResultDocument, { id: startRun.run.id })).run;
}

const metricsOf = ({ evaluation }: Awaited<ReturnType<typeof train>>) =>
  Object.fromEntries(evaluation!.metrics.map((metric) => [metric.name, metric]));

test('the task is one of the API, and families do it that learn what it learns', async () => {
  const { families, stepKinds, __type } = await client.run<any>(LISTS);
  expect(__type.enumValues).toContainEqual({
    name: 'GROWTH',
    description: 'A positive number, of which ratios count.',
  });
  const doing = families.filter(({ tasks }: any) => tasks.includes('GROWTH')).map(({ name }: any) => name);
  expect(doing).toEqual(expect.arrayContaining(['linear', 'mlp', 'svm', 'gru', 'cnn1d']));
  expect(doing).not.toContain('logistic');
  const { parameterSchema } = stepKinds.find(({ kind }: any) => kind === 'SELECT_COLUMNS');
  expect(JSON.stringify(parameterSchema.properties.task)).toContain('"growth"');
});

test('it is trained, scored in the unit of the target, deployed and exported', async () => {
  const result = await train({ target: 'size', task: 'growth', drop: ['low'] });
  expect(result.error ?? null).toBeNull();
  const { r2, bias } = metricsOf(result);
  expect(r2.value).toBeGreaterThan(0.99);
  // As the metric says it, over the test rows.
  const modelVersionId = result.modelVersion!.id;
  await client.run<any>(DEPLOY, { input: { name: 'sizes', modelVersionId } });
  const rows = TEST_ROWS.map((a) => ({ a }));
  const { values } = (await client.run<any>(PREDICT, { input: { deployment: 'sizes', rows } })).predict;
  const errors = TEST_ROWS.map((a, i) => Number(values[i]) - sizeAt(a));
  expect(bias.value).toBeCloseTo(errors.reduce((sum, error) => sum + error, 0) / errors.length, 5);
  expect(bias.lower!).toBeLessThanOrEqual(bias.value);
  expect(bias.upper!).toBeGreaterThanOrEqual(bias.value);
  expect(bias.baseline!.value).not.toBe(bias.value);

  const { modelVersion } = await client.run<any>(MODEL, { id: modelVersionId });
  expect(modelVersion.card.task).toBe('GROWTH');
  const file = await fetch(new URL(modelVersion.downloadPath, url), { headers: { authorization: `Bearer ${key}` } });
  const session = await InferenceSession.create(new Uint8Array(await file.arrayBuffer()), { logSeverityLevel: 3 });
  const column = new Tensor('float64', Float64Array.from(TEST_ROWS), [TEST_ROWS.length, 1]);
  const { prediction } = await session.run({ a: column });
  await session.release();
  Array.from(prediction.data as Float64Array).forEach((value, i) => {
    expect(value / sizeAt(TEST_ROWS[i])).toBeGreaterThan(0.8);
    expect(value).toBeCloseTo(Number(values[i]), 5);
  });
});

test('the metric is one of every run that predicts numbers, and its task refuses what it cannot learn', async () => {
  const regression = await train({ target: 'size', drop: ['low'] });
  expect(metricsOf(regression)).toHaveProperty('bias');
  const refused = await train({ target: 'low', task: 'growth', drop: ['size'] });
  expect(refused.error!.message).toContain('values that are not positive');
  const unable = await train({ target: 'size', task: 'growth' }, 'logistic');
  expect(unable.error!.message).toContain('cannot do growth');
  await expect(train({ target: 'size', task: 'shrinkage' })).rejects.toMatchObject({
    issues: [{ path: expect.stringContaining('task'), message: expect.stringContaining('growth') }],
  });
});
