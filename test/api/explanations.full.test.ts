/** Answers that are explained, from the file to the contributions, as a client has it. */
import { RunResultDocument } from '../../src/sdk';
import { openTestDatabase } from '../support';
import { withClient } from './client.fixture';

jest.setTimeout(180_000);

/** Price of a flat, which depends on the area for each person, on the district and on nothing else. */
function rowsCsv(): string {
  let state = 7;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const lines = Array.from({ length: 600 }, () => {
    const [area, people] = [20 + Math.round(random() * 100), 1 + Math.floor(random() * 4)];
    const district = ['north', 'south', ''][Math.floor(random() * 3)];
    const price = 1000 * (area / people) + (district === 'north' ? 20_000 : 0) + 1000 * random();
    return [area, people, district, Math.round(price), price > 40_000 ? 'high' : 'low'].join(',');
  });
  return `area,people,district,price,class\n${lines.join('\n')}\n`;
}

const at = withClient(openTestDatabase(), rowsCsv());

const CREATE = `mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }`;
const START = `mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }`;
const EVENTS = `subscription ($runId: ID!) { runEvents(runId: $runId) { event { __typename } } }`;
const DEPLOY = `mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { id } } }`;
const VERSION = `query ($id: ID!) { modelVersion(id: $id) { downloadPath assets { name } } }`;
const PREDICT = `mutation ($input: PredictInput!) { predict(input: $input) { values probabilities predictions { explanations {
  target label unit method base score contributions { column madeOf value contribution } } } } }`;

async function deploy(name: string, train: object, columns: object, steps: object[] = []): Promise<string> {
  const all = [
    { id: 'columns', kind: 'SELECT_COLUMNS', parameters: columns },
    ...steps,
    { id: 'train', kind: 'TRAIN', parameters: train },
  ];
  const { createPipeline } = await at.client.run<any>(CREATE, { input: { name, steps: all } });
  const input = { pipelineId: createPipeline.pipeline.id, datasetVersionId: at.datasetVersionId, seed: 5 };
  const { startRun } = await at.client.run<any>(START, { input });
  for await (const _ of at.client.subscribe<any>(EVENTS, { runId: startRun.run.id })) continue;
  const { run } = await at.client.run(RunResultDocument, { id: startRun.run.id });
  expect(run.error ?? null).toBeNull();
  await at.client.run<any>(DEPLOY, { input: { name, modelVersionId: run.modelVersion!.id } });
  return run.modelVersion!.id;
}

const ROWS = [
  { area: 100, people: 1, district: 'north' },
  { area: 25, people: 4, district: null },
];

test('a number: contributions in its unit, of a value that a step makes of two columns as one', async () => {
  const ratio = { id: 'ratio', kind: 'DERIVE', parameters: { column: 'space', expression: 'area / people' } };
  const target = { target: 'price', drop: ['class'] };
  const id = await deploy('price', { family: 'boosting', parameters: { trees: 60 } }, target, [ratio]);
  for (const method of ['PATH_DEPENDENT', 'INTERVENTIONAL']) {
    const input = { deployment: 'price', rows: ROWS, explain: { method } };
    const { predict } = await at.client.run<any>(PREDICT, { input });
    predict.predictions.forEach(({ explanations: [explanation] }: any, row: number) => {
      expect(explanation).toMatchObject({ target: null, label: null, unit: 'TARGET', method });
      const { contributions, base, score } = explanation;
      const sum = contributions.reduce((total: number, each: any) => total + each.contribution, base);
      expect(sum).toBeCloseTo(score, 6);
      expect(Math.abs(score / Number(predict.values[row]) - 1)).toBeLessThan(1e-6);
      expect(contributions[0]).toMatchObject({ column: 'space', madeOf: ['area', 'people'], value: null });
      const byColumn = new Map(contributions.map((each: any) => [each.column, each]));
      expect([...byColumn.keys()].sort()).toEqual(['area', 'district', 'people', 'space']);
      expect(byColumn.get('area')).toMatchObject({ madeOf: null, value: String(ROWS[row].area) });
      expect(byColumn.get('district')).toMatchObject({ value: ROWS[row].district });
    });
    const [[rich], [poor]] = predict.predictions.map(({ explanations }: any) => explanations);
    expect(rich.base).toBeCloseTo(poor.base, 9);
    expect(rich.contributions[0].contribution).toBeGreaterThan(10_000);
    expect(poor.contributions[0].contribution).toBeLessThan(-10_000);
  }
  const { modelVersion } = await at.client.run<any>(VERSION, { id });
  expect(modelVersion).toEqual({ assets: [], downloadPath: expect.stringMatching(/model\.onnx$/) });
  const { predict } = await at.client.run<any>(PREDICT, { input: { deployment: 'price', rows: ROWS } });
  expect(predict.predictions.map(({ explanations }: any) => explanations)).toEqual([null, null]);
  const input = { deployment: 'price', rows: ROWS, explain: { label: 'high' } };
  await expect(at.client.run<any>(PREDICT, { input })).rejects.toThrow(
    'is for classes, and the model predicts numbers',
  );
});

test('classes: the class that is told, or one that is asked for, seen from its side', async () => {
  const target = { target: 'class', drop: ['price'] };
  await deploy('class', { family: 'boosting', parameters: { trees: 40 } }, target);
  const ask = async (explain: object) =>
    (await at.client.run<any>(PREDICT, { input: { deployment: 'class', rows: ROWS, explain } })).predict;
  const told = await ask({});
  expect(told.values).toEqual(['high', 'low']);
  const explained = told.predictions.map(({ explanations }: any) => explanations[0]);
  expect(explained.map(({ label, unit }: any) => [label, unit])).toEqual([
    ['high', 'LOG_ODDS'],
    ['low', 'LOG_ODDS'],
  ]);
  explained.forEach(({ score }: any, row: number) =>
    expect(1 / (1 + Math.exp(-score))).toBeCloseTo(Math.max(...told.probabilities[row]), 6),
  );
  const asked = await ask({ label: 'high' });
  const [, other] = asked.predictions.map(({ explanations }: any) => explanations[0]);
  expect(other.label).toBe('high');
  expect(other.score).toBeCloseTo(-explained[1].score, 9);
  expect(other.contributions.map(({ contribution }: any) => -contribution)).toEqual(
    explained[1].contributions.map(({ contribution }: any) => contribution),
  );
  await expect(ask({ label: 'middle' })).rejects.toThrow('"middle" is no class of the model');
});

test('a family without trees is refused with those that can be explained', async () => {
  await deploy('line', { family: 'logistic', parameters: { epochs: 5 } }, { target: 'class', drop: ['price'] });
  const input = { deployment: 'line', rows: ROWS, explain: {} };
  await expect(at.client.run<any>(PREDICT, { input })).rejects.toThrow('tree, forest, boosting');
});

test('a single tree is a picture and rules, in both languages, and its importances are there', async () => {
  const target = { target: 'price', drop: ['class'] };
  const id = await deploy('tree', { family: 'tree', parameters: { leaves: 8 } }, target);
  const query = `query ($id: ID!) { modelVersion(id: $id) { tree { leafCount picture rules(language: ZH) { text rowCount } } } }`;
  const { modelVersion } = await at.client.run<any>(query, { id });
  const { leafCount, picture, rules } = modelVersion.tree;
  expect(leafCount).toBeGreaterThan(3);
  expect(picture).toMatch(/^<svg [^>]*role="img"/);
  expect(rules).toHaveLength(leafCount);
  expect(rules[0].text).toMatch(/^如果 ".+训练数据/);
  const input = { deployment: 'tree', rows: ROWS, explain: { method: 'INTERVENTIONAL' } };
  const { predict } = await at.client.run<any>(PREDICT, { input });
  const [[{ score }]] = predict.predictions.map(({ explanations }: any) => explanations);
  expect(Math.abs(score / Number(predict.values[0]) - 1)).toBeLessThan(1e-6);
});

test('importances come with the evaluation of the run', async () => {
  const query = `query { runs(first: 10) { edges { node { state evaluation { importances { metric rowCount columns { column madeOf gain splits
    meanContribution permutation { value lower upper } } } } } } } }`;
  const { runs } = await at.client.run<any>(query);
  const found = runs.edges.map(({ node }: any) => node.evaluation.importances);
  const derived = found.filter((each: any) => each?.columns.some(({ madeOf }: any) => madeOf));
  expect(derived).toHaveLength(1);
  const [first] = derived[0].columns;
  expect(first).toMatchObject({ column: 'space', madeOf: ['area', 'people'], permutation: null });
  expect(first.gain).toBeGreaterThan(0.5);
  const area = derived[0].columns.find(({ column }: any) => column === 'area');
  expect(area.permutation.lower).toBeGreaterThan(1000);
  expect(found.filter((each: any) => each === null)).toHaveLength(1);
});
