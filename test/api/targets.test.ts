/** Models of several targets and of none, from the file to the stored prediction, as a client has them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PraxisClient, RunResultDocument } from '../../src/sdk';
import { openTestApp, openTestDatabase } from '../support';

jest.setTimeout(180_000);

const testDatabase = openTestDatabase();
const folder = mkdtempSync(join(tmpdir(), 'praxis-targets-'));
let client: PraxisClient;
let datasetVersionId: string;

/** Two flags, two numbers and a label for each of three steps, all of which follow from three numbers. */
function writeRows(rowCount: number): string {
  let state = 7;
  const random = () => ((state = (state * 48271) % 2147483647) / 2147483647) * 2 - 1;
  const rows = Array.from({ length: rowCount }, (_, i) => {
    const steps = [random(), random(), random()];
    const [a, b, c] = steps;
    const flags = [i % 9 === 4 ? '' : a > 0 ? 1 : 0, b + c > 0 ? 'yes' : 'no'];
    const numbers = [(10 + 3 * a + b).toFixed(4), i % 7 === 3 ? '' : (b - c).toFixed(4)];
    return [
      ...steps.map((v) => v.toFixed(4)),
      ...flags,
      ...numbers,
      ...steps.map(labelOf),
      i % 50 === 9 ? 'odd' : 'fine',
    ];
  });
  const path = join(folder, 'rows.csv');
  const header = 'a,b,c,hot,loud,near,far,first,second,third,truth';
  writeFileSync(path, `${header}\n${rows.map((row) => row.join(',')).join('\n')}\n`);
  return path;
}

const labelOf = (v: number) => (v > 0.3 ? 'up' : v < -0.3 ? 'down' : 'flat');

beforeAll(async () => {
  const { app } = await openTestApp(testDatabase);
  const url = await app.listen();
  await app.consume();
  const context = { ...(await testDatabase.createTenant()), role: 'OWNER' as const };
  const { secret } = await app.services.apiKeys.create(context, { name: 'targets', role: 'OWNER' });
  client = new PraxisClient({ url, key: secret });
  const dataset = await client.datasets.upload(writeRows(400));
  datasetVersionId = (await client.datasets.ready(dataset.id)).id;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const START = `mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } cost { credits computeSeconds } } }`;
const CREATE = `mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }`;
const RECOMMEND = `query ($v: ID!, $targets: [String!]) { recommendModels(datasetVersionId: $v, targets: $targets) { family task estimate { seconds } } }`;
const PREDICT = `mutation ($input: PredictInput!) { predict(input: $input) {
  values targetValues probabilities anomalous
  predictions { id value scores { label probability } targets { target value scores { label probability } } anomalous } } }`;
const STORED = `query ($id: ID!) { prediction(id: $id) { value scores { label } targets { target value scores { label } } } }`;
const OTHERS = ['hot', 'loud', 'near', 'far', 'first', 'second', 'third', 'truth'];

/** Trains, deploys and predicts three rows; answers what a client sees of it. */
async function lifecycle(name: string, columns: { target?: string; targets?: string[]; task?: string }, train: object) {
  const named = [columns.target, columns.targets].flat();
  const steps = [
    {
      id: 'columns',
      kind: 'SELECT_COLUMNS',
      parameters: { ...columns, drop: OTHERS.filter((c) => !named.includes(c)) },
    },
    { id: 'train', kind: 'TRAIN', parameters: train },
  ];
  const { createPipeline } = await client.run<any>(CREATE, { input: { name, steps } });
  const input = { pipelineId: createPipeline.pipeline.id, datasetVersionId, seed: 5 };
  const { startRun } = await client.run<any>(START, { input });
  expect(startRun.cost.credits).toBeGreaterThan(0);
  const follow = client.subscribe<any>(
    `subscription ($runId: ID!, $after: SafeInt! = 0) { runEvents(runId: $runId, after: $after) { sequence } }`,
    { runId: startRun.run.id, after: 0 },
  );
  for await (const _ of follow);
  const { run } = await client.run(RunResultDocument, { id: startRun.run.id });
  expect(run.error ?? null).toBeNull();
  const { card, id: modelVersionId } = run.modelVersion!;
  const deploy = `mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { id } } }`;
  await client.run<any>(deploy, { input: { name, modelVersionId } });
  const rows = [
    { a: 0.9, b: 0.8, c: 0.7 },
    { a: -0.9, b: -0.8, c: -0.7 },
    { a: 0.9, b: 0.1, c: -0.9 },
  ];
  const { predict } = await client.run<any>(PREDICT, { input: { deployment: name, rows } });
  const stored = await client.run<any>(STORED, { id: predict.predictions[0].id });
  const score = (metric: string, target: string | null = null) =>
    run.evaluation!.metrics.find((m) => m.name === metric && m.target === target)!.value;
  return { card, predict, stored: stored.prediction, score, run };
}

test('several labels', async () => {
  const targets = ['hot', 'loud'];
  const { card, predict, stored, score } = await lifecycle('labels', { targets }, { family: 'logistic' });
  expect(card).toMatchObject({ task: 'MULTILABEL', target: null, labels: targets, threshold: null });
  expect(card.targets).toEqual([
    { name: 'hot', labels: ['0', '1'] },
    { name: 'loud', labels: ['no', 'yes'] },
  ]);
  expect(predict.values).toEqual(['["1","yes"]', '["0","no"]', '["1","no"]']);
  expect(predict.targetValues).toEqual(predict.values.map((value: string) => JSON.parse(value)));
  const [first] = predict.predictions;
  expect(first.scores.map(({ label }: any) => label)).toEqual(targets);
  expect(first.scores.map(({ probability }: any) => probability)).toEqual(predict.probabilities[0]);
  expect(first.targets[1]).toMatchObject({ target: 'loud', value: 'yes', scores: [{ label: 'no' }, { label: 'yes' }] });
  expect(first.targets[1].scores[0].probability + first.targets[1].scores[1].probability).toBeCloseTo(1);
  expect(first.anomalous).toBeNull();
  expect(stored).toMatchObject({ value: '["1","yes"]', targets: [{ target: 'hot', value: '1' }, { value: 'yes' }] });
  expect([score('f1Macro'), score('rocAuc', 'hot')]).toEqual([expect.any(Number), expect.any(Number)]);
});

test('several numbers, with a family chosen by itself', async () => {
  const train = { family: 'auto', parameters: { epochs: 15 } };
  const { card, predict, stored, score, run } = await lifecycle('numbers', { targets: ['near', 'far'] }, train);
  expect(card).toMatchObject({ task: 'MULTI_REGRESSION', labels: null, targets: [{ name: 'near', labels: null }, {}] });
  expect(predict.probabilities).toBeNull();
  const near = predict.targetValues.map(([value]: string[]) => Number(value));
  [13.5, 6.5, 12.8].forEach((value, i) => expect(Math.abs(near[i] - value)).toBeLessThan(1));
  expect(predict.predictions[0]).toMatchObject({ scores: null, targets: [{ target: 'near', scores: null }, {}] });
  expect(stored).toMatchObject({ scores: null, targets: [{ target: 'near' }, { target: 'far' }] });
  expect(score('r2', 'near')).toBeGreaterThan(0.9);
  expect(run.leaderboard![0].metric).toBe('averageRelativeRmse');
});

test('a label for each step', async () => {
  const train = { family: 'gru', parameters: { units: 16, epochs: 40 } };
  const { card, predict, score } = await lifecycle('steps', { targets: ['first', 'second', 'third'] }, train);
  expect(card).toMatchObject({ task: 'SEQUENCE_LABELING', labels: ['down', 'flat', 'up'] });
  expect(predict.targetValues).toEqual([
    ['up', 'up', 'up'],
    ['down', 'down', 'down'],
    ['up', 'flat', 'down'],
  ]);
  expect(predict.probabilities[0].length).toBe(9);
  expect(predict.predictions[2].scores).toBeNull();
  const [, second] = predict.predictions[2].targets;
  expect(second.scores.map(({ label }: any) => label)).toEqual(['down', 'flat', 'up']);
  expect(second.scores.map(({ probability }: any) => probability)).toEqual(predict.probabilities[2].slice(3, 6));
  expect(score('tokenAccuracy')).toBeGreaterThan(0.8);
});

test('anomalies without a target', async () => {
  const train = { family: 'autoencoder', parameters: { code: 2, epochs: 20, contamination: 0.05 } };
  const { card, predict, stored, score } = await lifecycle('anomalies', { task: 'anomaly' }, train);
  expect(card).toMatchObject({ task: 'ANOMALY', target: null, targets: null, labels: null });
  const flags = predict.values.map((value: string) => Number(value) > card.threshold!);
  expect(predict.anomalous).toEqual(flags);
  expect(predict.predictions.map(({ anomalous }: any) => anomalous)).toEqual(flags);
  expect(stored).toMatchObject({ value: predict.values[0], scores: null, targets: null });
  expect(score('reconstructionError')).toBeGreaterThan(0);
});

test('recommendations know the task', async () => {
  const ask = async (targets: string[] | null) =>
    (await client.run<any>(RECOMMEND, { v: datasetVersionId, targets })).recommendModels;
  expect(new Set((await ask(['hot', 'loud'])).map(({ task }: any) => task))).toEqual(new Set(['MULTILABEL']));
  expect((await ask(['near', 'far'])).map(({ family }: any) => family)).toContain('linear');
  expect((await ask(['first', 'second', 'third']))[0]).toMatchObject({ family: 'gru', task: 'SEQUENCE_LABELING' });
  expect(await ask(null)).toMatchObject([{ family: 'autoencoder', task: 'ANOMALY' }]);
});

test.each<[object, string, RegExp]>([
  [{}, 'steps[0].parameters.target', /is missing/],
  [{ target: 'hot', targets: ['loud'] }, 'steps[0].parameters.targets', /beside target/],
  [{ targets: [] }, 'steps[0].parameters.targets', /./],
])('a pipeline with %j is refused', async (parameters, path, message) => {
  const steps = [{ id: 'columns', kind: 'SELECT_COLUMNS', parameters }];
  await expect(client.run(CREATE, { input: { name: 'Wrong', steps } })).rejects.toMatchObject({
    issues: [{ path, message: expect.stringMatching(message) }],
  });
});

test('a run with a target that cannot be is refused at once', async () => {
  const steps = [{ id: 'columns', kind: 'SELECT_COLUMNS', parameters: { targets: ['near', 'farr'] } }];
  const { createPipeline } = await client.run<any>(CREATE, { input: { name: 'Wrong', steps } });
  const input = { pipelineId: createPipeline.pipeline.id, datasetVersionId, seed: 1 };
  await expect(client.run(START, { input })).rejects.toMatchObject({
    issues: [{ path: 'steps[0].parameters.targets[1]', hint: expect.stringContaining('"far"') }],
  });
});
