/** The product with modules from outside, and the way of a model through the API: trained, deployed, asked, exported. */
import { resolve } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { RunResultDocument, type PraxisClient } from '../../src/sdk';
import type { TestDatabase } from '../support';
import { withClient } from './client.fixture';

const CREATE = `mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) {
  pipeline { id currentVersion { steps { kind parameters } } } } }`;
const START = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } cost { computeSeconds } } }';
const EVENTS = 'subscription ($runId: ID!) { runEvents(runId: $runId, after: 0) { sequence } }';
const DEPLOY = 'mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { id } } }';
const PREDICT = 'mutation ($input: PredictInput!) { predict(input: $input) { values } }';
const FILE = 'query ($id: ID!) { modelVersion(id: $id) { downloadPath } }';

export class Outside {
  constructor(
    readonly client: PraxisClient,
    private readonly url: string,
    private readonly key: string,
    private readonly datasetVersionId: string,
  ) {}

  async create(steps: object[]) {
    return (await this.client.run<any>(CREATE, { input: { name: 'Outside', steps } })).createPipeline.pipeline;
  }

  /** A run to its end. */
  async train(steps: object[]) {
    const pipelineId = (await this.create(steps)).id;
    const input = { pipelineId, datasetVersionId: this.datasetVersionId, seed: 1 };
    const { startRun } = await this.client.run<any>(START, { input });
    expect(startRun.cost.computeSeconds).toBeGreaterThan(0);
    for await (const _ of this.client.subscribe<any>(EVENTS, { runId: startRun.run.id }));
    return {
      ...(await this.client.run(RunResultDocument, { id: startRun.run.id })).run,
      id: startRun.run.id as string,
    };
  }

  /** The values of the metrics of a run that succeeded. */
  async trained(steps: object[]) {
    const run = await this.train(steps);
    expect(run.error ?? null).toBeNull();
    const metrics = Object.fromEntries(run.evaluation!.metrics.map((metric) => [metric.name, metric]));
    return { ...run, metrics, modelVersionId: run.modelVersion!.id };
  }

  async predict(modelVersionId: string, name: string, asked: object): Promise<string[]> {
    await this.client.run<any>(DEPLOY, { input: { name, modelVersionId } });
    return (await this.client.run<any>(PREDICT, { input: { deployment: name, ...asked } })).predict.values;
  }

  /** What the file that the API gives answers in ONNX Runtime. */
  async answers(modelVersionId: string, columns: Record<string, (number | string)[]>): Promise<number[]> {
    const { modelVersion } = await this.client.run<any>(FILE, { id: modelVersionId });
    const headers = { authorization: `Bearer ${this.key}` };
    const file = await fetch(new URL(modelVersion.downloadPath, this.url), { headers });
    const session = await InferenceSession.create(new Uint8Array(await file.arrayBuffer()), { logSeverityLevel: 3 });
    const feeds = Object.entries(columns).map(([name, values]) => [name, tensorOf(values)] as const);
    const { prediction } = await session.run(Object.fromEntries(feeds));
    await session.release();
    return Array.from(prediction.data as Float64Array);
  }
}

function tensorOf(values: (number | string)[]): Tensor {
  const dims = [values.length, 1];
  return typeof values[0] === 'string'
    ? new Tensor('string', values as string[], dims)
    : new Tensor('float64', Float64Array.from(values as number[]), dims);
}

/** Modules of test/engine/support by their names, and a table. Filled once the tests begin. */
export function withExtensions(
  testDatabase: TestDatabase,
  { extensions, csv }: { extensions: string[]; csv: string },
): { outside: Outside } {
  const at = {} as { outside: Outside };
  const paths = extensions.map((name) => resolve(__dirname, `../engine/support/${name}.extension.ts`));
  const table = withClient(testDatabase, csv, { PRAXIS_EXTENSIONS: paths.join(',') });
  beforeAll(() => {
    at.outside = new Outside(table.client, table.url, table.key, table.datasetVersionId);
  });
  return at;
}
