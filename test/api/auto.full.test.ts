/** What `auto` chooses, as a client sees it: trees where values stand for themselves, a weighted sum where columns add up. */
import { openTestDatabase } from '../support';
import { withClient } from './client.fixture';

jest.setTimeout(120_000);

const ROWS = 1000;
const CODES = 24;

/** A colour that each of some codes has for itself, as numbers of articles do, and a plane over two columns. */
function rowsCsv(): string {
  let state = 11;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const lines = Array.from({ length: ROWS }, () => {
    const code = Math.floor(CODES * random());
    const [a, b] = [3 * random(), 3 * random()];
    const isBlack = Math.sin(code ** 2) > 0;
    const height = 3 * a - 2 * b + (random() - 0.5) / 4;
    return [code, a.toFixed(4), b.toFixed(4), isBlack ? 'black' : 'white', height.toFixed(4)].join(',');
  });
  return `code,a,b,colour,height\n${lines.join('\n')}\n`;
}

const at = withClient(openTestDatabase(), rowsCsv());

const CREATE = `mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }`;
const START = `mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }`;
const EVENTS = `subscription ($runId: ID!) { runEvents(runId: $runId) { event { __typename } } }`;
const RUN = `query ($id: ID!) { run(id: $id) { state error { message } leaderboard { candidate family metric score }
  modelVersion { card { family fittedRows } } splitCounts { train validation } evaluation { metrics { name value } } } }`;

async function chosen(target: string, drop: string[]) {
  const steps = [
    { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target, drop } },
    { id: 'train', kind: 'TRAIN', parameters: { family: 'auto' } },
  ];
  const { createPipeline } = await at.client.run<any>(CREATE, { input: { name: target, steps } });
  const input = { pipelineId: createPipeline.pipeline.id, datasetVersionId: at.datasetVersionId, seed: 3 };
  const { startRun } = await at.client.run<any>(START, { input });
  for await (const _ of at.client.subscribe<any>(EVENTS, { runId: startRun.run.id })) continue;
  const { run } = await at.client.run<any>(RUN, { id: startRun.run.id });
  expect(run).toMatchObject({ state: 'SUCCEEDED', error: null });
  const { card } = run.modelVersion;
  expect(card.family).toBe(run.leaderboard[0].family);
  // Folds leave no row outside the test part aside, whether their mean is kept or a model of all of them.
  expect(card.fittedRows).toBe(run.splitCounts.train + run.splitCounts.validation);
  const scores = run.leaderboard.map(({ score }: any) => score);
  expect(scores).toEqual(scores.toSorted((a: number, b: number) => a - b));
  return run;
}

test('trees win where each code has a colour for itself, which a sum of curves hardly tells', async () => {
  const { leaderboard, evaluation } = await chosen('colour', ['height']);
  expect(['boosting', 'forest']).toContain(leaderboard[0].family);
  const logistic = leaderboard.find(({ family }: any) => family === 'logistic');
  expect(leaderboard[0]).toMatchObject({ metric: 'logLoss', score: expect.any(Number) });
  expect(leaderboard[0].score).toBeLessThan(0.05);
  expect(logistic.score).toBeGreaterThan(0.2);
  expect(evaluation.metrics.find(({ name }: any) => name === 'accuracy').value).toBeGreaterThan(0.97);
});

test('a weighted sum wins on a plane, beside the trees', async () => {
  const { leaderboard } = await chosen('height', ['colour', 'code']);
  expect(leaderboard[0]).toMatchObject({ family: 'linear', metric: 'rmse' });
  const families = leaderboard.map(({ family }: any) => family);
  expect(families).toEqual(expect.arrayContaining(['boosting', 'forest']));
  // Noise, uniform over a quarter.
  expect(leaderboard[0].score).toBeLessThan(0.1);
});
