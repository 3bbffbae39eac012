/** The main job through the services of a whole app that consumes: from a file to a deployment that answers. */
import type { App } from '../../src/app';
import type { TenantContext } from '../../src/kernel';
import { machinesCsv } from './training.fixture';

const ROW = { speed: 1650, torque: 44.5, grade: 'M', noise: 0 };
const PARAMETERS = { hidden: [8], epochs: 3 };

export async function trainAndDeploy(
  app: App,
  context: TenantContext,
  name: string,
  { csv = machinesCsv(600), target = 'failure' }: { csv?: string; target?: string } = {},
): Promise<void> {
  const { datasets, pipelines, runs, models, deployments } = app.services;
  const bytes = Buffer.from(csv);
  const { dataset } = await datasets.ingestBytes(context, { name: 'Machines', format: 'CSV', bytes });
  const datasetVersionId = await until(async () => (await datasets.get(context, dataset.id)).currentVersionId);
  const steps = [
    { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target } },
    { id: 'train', kind: 'TRAIN', parameters: { family: 'mlp', parameters: PARAMETERS } },
  ];
  const pipeline = await pipelines.create(context, { name: 'Machines', steps: steps as never, edges: [] });
  const run = await runs.start(context, { pipelineId: pipeline.id, datasetVersionId, seed: 7 } as never);
  await until(async () => {
    const { state, error } = await runs.get(context, run.id);
    if (error) throw new Error(JSON.stringify(error));
    return state === 'SUCCEEDED' || null;
  });
  const version = await models.findVersionOfRun(context, run.id);
  await deployments.deploy(context, { name, modelVersionId: version!.id });
}

/** The label and the scores for one row. */
export async function answerOf(app: App, context: TenantContext, deployment: string): Promise<unknown> {
  const answer = await app.services.predictions.predict(context, { deployment, rows: [ROW] });
  return answer.predictions.map(({ value, scores }) => ({ value, scores }));
}

async function until<T>(read: () => Promise<T | null>, limitMs = 60_000): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await read();
    if (found !== null) return found;
    if (Date.now() > end) throw new Error('It did not come to be in time.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
