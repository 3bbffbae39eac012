// From a file to a prediction. Node 22.18 and newer run it as it is:
//   node main-job.ts http://localhost:4000 "$(cat .praxis/demo-api-key)" seeds/machines.csv machine_failure
import {
  CreatePipelineDocument,
  DeployModelDocument,
  PraxisClient,
  PraxisClientError,
  PredictDocument,
  RunEventBatchesDocument,
  RunResultDocument,
  StartRunDocument,
} from 'praxis-sdk';

const [url = 'http://localhost:4000', key = '', file = 'seeds/machines.csv', target = 'machine_failure'] =
  process.argv.slice(2);
const praxis = new PraxisClient({ url, key });

async function main(): Promise<void> {
  const dataset = await praxis.datasets.upload(file);
  const version = await praxis.datasets.ready(dataset.id);
  console.log(`${version.rowCount} rows, ${version.columns.length} columns`);

  const { createPipeline } = await praxis.run(CreatePipelineDocument, {
    input: {
      name: `Predict ${target}`,
      steps: [
        { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target } },
        { id: 'train', kind: 'TRAIN', parameters: { family: 'logistic' } },
      ],
    },
  });
  const { startRun } = await praxis.run(StartRunDocument, {
    input: { pipelineId: createPipeline.pipeline.id, datasetVersionId: version.id, seed: 7 },
  });

  const runId = startRun.run.id;
  for await (const { runEventBatches } of praxis.subscribe(RunEventBatchesDocument, { runId, after: 0 })) {
    for (const { event } of runEventBatches.events) {
      if (event.__typename === 'RunStateChanged') console.log(event.state);
      if (event.__typename === 'LogLine') console.log(event.message);
    }
  }

  const { run } = await praxis.run(RunResultDocument, { id: runId });
  if (!run.modelVersion) throw new Error(run.error?.message ?? `The run ended as ${run.state}.`);
  for (const { name, value, baseline } of run.evaluation?.metrics ?? []) {
    console.log(`${name} ${value}, by guessing ${baseline?.value ?? '-'}`);
  }

  const deployment = 'sdk-example';
  const { deployModel } = await praxis.run(DeployModelDocument, {
    input: { name: deployment, modelVersionId: run.modelVersion.id },
  });
  for (const { message } of deployModel.warnings) console.log(message);
  // The most frequent value of each column that the model reads.
  const inputs = new Set(run.modelVersion.card.inputs.map(({ name }) => name));
  const row = Object.fromEntries(
    version.columns
      .filter(({ name }) => inputs.has(name))
      .map(({ name, quantiles, topValues }) => [name, quantiles?.p50 ?? topValues[0]?.value ?? null]),
  );
  const { predict } = await praxis.run(PredictDocument, { input: { deployment, rows: [row] } });
  console.log(`${target}: ${predict.predictions[0]?.value}`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof PraxisClientError)) throw error;
  // Every failure of the API: a code of a closed list, and what is wrong with the input.
  console.error(error.code, error.message, error.issues);
  process.exitCode = 1;
} finally {
  await praxis.close();
}
