/** A pipeline with boosted trees, from the file to the answer, as a client has it: gaps and categories as they are. */
import { RunResultDocument } from '../../src/sdk';
import { openTestDatabase } from '../support';
import { withClient } from './client.fixture';

jest.setTimeout(180_000);

/** Who pays back: by income, which may be missing, and by the kind of work. */
function rowsCsv(): string {
  let state = 7;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const rows = Array.from({ length: 500 }, () => {
    const [income, work] = [Math.round(random() * 5000), ['none', 'part', 'full', ''][Math.floor(random() * 4)]];
    const isKnown = random() > 0.1;
    const pays = (isKnown ? income / 5000 : 0.1) + (work === 'full' ? 0.4 : 0) + random() / 5 > 0.6;
    return [isKnown ? income : '', work, pays ? 'yes' : 'no'];
  });
  return `income,work,pays\n${rows.map((row) => row.join(',')).join('\n')}\n`;
}

const at = withClient(openTestDatabase(), rowsCsv());

const START = `mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }`;
const CREATE = `mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }`;
const EVENTS = `subscription ($runId: ID!, $after: SafeInt! = 0) { runEvents(runId: $runId, after: $after) { event {
  __typename ... on MetricPoint { step split name value } } } }`;
const PREDICT = `mutation ($input: PredictInput!) { predict(input: $input) { values probabilities
  predictions { notes { message } } } }`;

test('boosted trees from the file to the answer', async () => {
  const parameters = { trees: 40, monotone: { income: 'rises' } };
  const steps = [
    { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'pays' } },
    { id: 'train', kind: 'TRAIN', parameters: { family: 'boosting', parameters } },
  ];
  const { createPipeline } = await at.client.run<any>(CREATE, { input: { name: 'trees', steps } });
  const input = { pipelineId: createPipeline.pipeline.id, datasetVersionId: at.datasetVersionId, seed: 5 };
  const { startRun } = await at.client.run<any>(START, { input });
  const points: any[] = [];
  for await (const { runEvents } of at.client.subscribe<any>(EVENTS, { runId: startRun.run.id, after: 0 }))
    if (runEvents.event.__typename === 'MetricPoint') points.push(runEvents.event);
  const losses = points.filter(({ name, split }) => name === 'loss' && split.toLowerCase() === 'validation');
  expect(losses.map(({ step }) => step)).toEqual(losses.map((_, i) => i + 1));
  expect(losses.length).toBeGreaterThan(10);
  const { run } = await at.client.run(RunResultDocument, { id: startRun.run.id });
  expect(run.error ?? null).toBeNull();
  expect(run.evaluation!.metrics.find(({ name }) => name === 'rocAuc')!.value).toBeGreaterThan(0.9);
  const { id: modelVersionId } = run.modelVersion!;
  const deploy = `mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { id } } }`;
  for (const precision of ['INT8', 'FLOAT16']) {
    const smaller = at.client.run<any>(deploy, { input: { name: 'smaller', modelVersionId, precision } });
    await expect(smaller).rejects.toThrow(`no ${precision} variant: trees compare columns with exact thresholds`);
  }
  await at.client.run<any>(deploy, { input: { name: 'trees', modelVersionId } });
  const rows = [
    { income: 4900, work: 'full' },
    { income: 10, work: 'none' },
    { income: null, work: 'none' },
    { income: 2000, work: 'unheard of' },
    ...Array.from({ length: 20 }, (_, i) => ({ income: i * 250, work: 'part' })),
  ];
  const { predict } = await at.client.run<any>(PREDICT, { input: { deployment: 'trees', rows } });
  expect(predict.values.slice(0, 3)).toEqual(['yes', 'no', 'no']);
  const rising = predict.probabilities.slice(4).map(([, yes]: number[]) => yes);
  expect(rising).toEqual([...rising].sort((a, b) => a - b));
  const { predict: single } = await at.client.run<any>(PREDICT, {
    input: { deployment: 'trees', rows: rows.slice(2, 3) },
  });
  expect(single.probabilities[0]).toEqual(predict.probabilities[2]);
});

test('parameters that do not fit are refused with their place', async () => {
  const steps = [
    { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'pays' } },
    { id: 'train', kind: 'TRAIN', parameters: { family: 'boosting', parameters: { leaves: 1 } } },
  ];
  await expect(at.client.run<any>(CREATE, { input: { name: 'wrong', steps } })).rejects.toThrow('leaves');
});
