/** A ranking from the file to ranks, as a client has it. */
import { RunResultDocument } from '../../src/sdk';
import { openTestDatabase } from '../support';
import { withClient } from './client.fixture';

jest.setTimeout(180_000);

/** Offers of sessions: the better they fit and the less they cost, the higher their grade. */
function rowsCsv(): string {
  let state = 11;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const rows = Array.from({ length: 60 }, (_, session) =>
    Array.from({ length: 4 + (session % 7) }, () => {
      const [fit, price] = [random(), random()];
      const worth = 2 * fit - price + random() / 4;
      return [`s${session}`, fit.toFixed(3), price.toFixed(3), worth > 1.2 ? 2 : worth > 0.5 ? 1 : 0].join(',');
    }),
  ).flat();
  return `session,fit,price,grade\n${rows.join('\n')}\n`;
}

const at = withClient(openTestDatabase(), rowsCsv());

const CREATE = `mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }`;
const START = `mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }`;
const DEPLOY = `mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { id } } }`;
const PREDICT = `mutation ($input: PredictInput!) { predict(input: $input) { ids values ranks predictions { value rank }
  modelVersion { card { task rankedWithin inputs { name } } } } }`;
const RECORDED = `query ($id: ID!) { predictionById(id: $id) { input } }`;

const stepsOf = (split: object | null, family = 'boosting') => [
  { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'grade', task: 'ranking' } },
  ...(split ? [{ id: 'split', kind: 'SPLIT', parameters: split }] : []),
  { id: 'train', kind: 'TRAIN', parameters: { family, parameters: family === 'boosting' ? { trees: 40 } : {} } },
];

async function start(name: string, steps: object[]): Promise<string> {
  const { createPipeline } = await at.client.run<any>(CREATE, { input: { name, steps } });
  const input = { pipelineId: createPipeline.pipeline.id, datasetVersionId: at.datasetVersionId, seed: 5 };
  const { startRun } = await at.client.run<any>(START, { input });
  return startRun.run.id;
}

test('offers are put in order within their session', async () => {
  const runId = await start('offers', stepsOf({ kind: 'group', column: 'session' }));
  for await (const _ of at.client.subscribe<any>(
    `subscription ($runId: ID!) { runEvents(runId: $runId) { event { __typename } } }`,
    { runId },
  ));
  const { run } = await at.client.run(RunResultDocument, { id: runId });
  expect(run.error ?? null).toBeNull();
  const ndcg = run.evaluation!.metrics.find(({ name }) => name === 'ndcgAt5')!;
  expect(ndcg.value).toBeGreaterThan(0.9);
  expect(ndcg.baseline!.value).toBeLessThan(ndcg.value - 0.1);
  await at.client.run<any>(DEPLOY, { input: { name: 'offers', modelVersionId: run.modelVersion!.id } });
  const rows = [
    { session: 'a', fit: 0.1, price: 0.9 },
    { session: 'b', fit: 0.5, price: 0.5 },
    { session: 'a', fit: 0.95, price: 0.1 },
    { session: 'a', fit: 0.1, price: 0.9 },
    { fit: 0.5, price: 0.5 },
    { session: null, fit: 0.5, price: 0.5 },
  ];
  const { predict } = await at.client.run<any>(PREDICT, { input: { deployment: 'offers', rows } });
  const { card } = predict.modelVersion;
  expect(card).toEqual({ task: 'RANKING', rankedWithin: 'session', inputs: [{ name: 'fit' }, { name: 'price' }] });
  expect(predict.ranks).toEqual([2, 1, 1, 2, null, null]);
  expect(predict.predictions.map(({ rank }: { rank: number }) => rank)).toEqual(predict.ranks);
  expect(Number(predict.values[2])).toBeGreaterThan(Number(predict.values[0]));
  const { predictionById } = await at.client.run<any>(RECORDED, { id: predict.ids[2] });
  expect(predictionById.input).toEqual({ session: 'a', fit: 0.95, price: 0.1 });
  const columns = { session: [7, 7, 8], fit: [0.1, 0.9, 0.2], price: [0.5, 0.5, 0.5] };
  const { predict: byColumn } = await at.client.run<any>(PREDICT, { input: { deployment: 'offers', columns } });
  expect(byColumn.ranks).toEqual([2, 1, 1]);
  const { predict: alone } = await at.client.run<any>(PREDICT, {
    input: { deployment: 'offers', columns: { fit: [0.1] } },
  });
  expect(alone.ranks).toEqual([null]);
  const wrong = at.client.run<any>(PREDICT, { input: { deployment: 'offers', rows: [{ session: ['a'], fit: 1 }] } });
  await expect(wrong).rejects.toThrow('rows[0].session: says of which group a row is');
});

test('a ranking without groups, and a family that does not rank, are refused before they start', async () => {
  await expect(start('ungrouped', stepsOf(null))).rejects.toThrow('the split names no column of groups');
  await expect(start('other', stepsOf({ kind: 'group', column: 'session' }, 'linear'))).rejects.toThrow(
    'cannot do ranking',
  );
});
