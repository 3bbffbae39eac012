/**
 * Memory of a server over many models: each cycle deploys another model of 4 MiB, predicts with it and takes it out of
 * service, by retiring the deployment or by moving its name to the next model. The models open must stay as many as are
 * deployed, and resident memory flat: the mean of the last tenth of the cycles within 5 % of the mean of the tenth after the
 * warm-up.
 *   npm run bench -- models [--cycles N] [--json]
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../src/db';
import { createLog, toGlobalId } from '../src/kernel';
import { PraxisClient } from '../src/sdk';
import { addModelVersions, CARD, FEATURES, mlpModel } from './predict.model';
import { prepare, startServer, stop } from './predict.server';

const CYCLES = 100;
const WARM_UP_CYCLES = 25;
const WINDOW_SHARE = 0.1;
const GROWTH_MAX = 0.05;
const ROWS = 200;
const HIDDEN = [1024, 1024];
const MEBIBYTE = 1024 * 1024;
/** One process to look at, and a heap so small that garbage is collected in time: resident memory is then what is held. */
const SETTINGS = { PRAXIS_API_PROCESSES: '1', NODE_OPTIONS: '--max-old-space-size=112' };

const DEPLOY = 'mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { id } } }';
const RETIRE = 'mutation ($id: ID!) { retireDeployment(input: { deploymentId: $id }) { deployment { state } } }';
const PREDICT = 'mutation ($input: PredictInput!) { predict(input: $input) { modelVersion { id } values } }';

interface Sample {
  residentMb: number;
  openModels: number;
}

export async function run(args: string[]): Promise<void> {
  const at = args.indexOf('--cycles');
  const cycles = at < 0 ? CYCLES : Number(args[at + 1]);
  const folder = await mkdtemp(join(tmpdir(), 'praxis-bench-'));
  // As root, PostgreSQL runs as a user of its own, which must be able to walk to its files.
  await chmod(folder, 0o711);
  try {
    const result = summary(await measure(folder, WARM_UP_CYCLES + cycles));
    process.stdout.write(`${JSON.stringify(result, null, args.includes('--json') ? 0 : 1)}\n`);
    if (!result.flat) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, cycles: number): Promise<Sample[]> {
  const postgres = await startPostgres({ dataDir: folder, log: createLog('warn') });
  let versions: string[] = [];
  try {
    const key = await prepare(folder, postgres.url, async (app, store, context) => {
      versions = await addModelVersions(app, store, context, {
        model: mlpModel('COLUMNS', HIDDEN),
        card: CARD,
        count: cycles,
      });
    });
    const { child, port } = await startServer(folder, postgres.url, SETTINGS);
    const client = new PraxisClient({ url: `http://127.0.0.1:${port}`, key });
    try {
      const samples: Sample[] = [];
      for (const version of versions) {
        await cycle(client, toGlobalId('ModelVersion', version), samples.length);
        samples.push(await sample(port));
      }
      return samples;
    } finally {
      await client.close();
      await stop(child);
    }
  } finally {
    await postgres.stop();
  }
}

/** In turn under a name of its own that is then retired, and under one that moves on. */
async function cycle(client: PraxisClient, modelVersionId: string, number: number): Promise<void> {
  const retires = number % 2 === 0;
  const name = retires ? `model-${number}` : 'moving';
  const { deployModel } = await client.run<any>(DEPLOY, { input: { name, modelVersionId } });
  for (const rows of [1, ROWS]) {
    const column = Array.from({ length: rows }, (_, i) => i / rows);
    const columns = Object.fromEntries(Array.from({ length: FEATURES }, (_, i) => [`x${i}`, column]));
    const { predict } = await client.run<any>(PREDICT, { input: { deployment: name, columns } });
    const right = predict.modelVersion.id === modelVersionId && predict.values.length === rows;
    if (!right) throw new Error(`Cycle ${number} was answered by another model.`);
  }
  if (retires) await client.run(RETIRE, { id: deployModel.deployment.id });
}

async function sample(port: number): Promise<Sample> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const read = (name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)![1]);
  return { residentMb: read('process_resident_memory_bytes') / MEBIBYTE, openModels: read('praxis_open_models') };
}

function summary(all: Sample[]) {
  const samples = all.slice(WARM_UP_CYCLES);
  const resident = samples.map(({ residentMb }) => residentMb);
  const window = Math.max(1, Math.round(resident.length * WINDOW_SHARE));
  const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length;
  const [first, last] = [mean(resident.slice(0, window)), mean(resident.slice(-window))];
  const openModels = Math.max(...samples.map((each) => each.openModels));
  const growth = last / first - 1;
  const rounded = (value: number, digits: number) => Number(value.toFixed(digits));
  return {
    cycles: samples.length,
    residentMb: { first: rounded(first, 1), last: rounded(last, 1), highest: rounded(Math.max(...resident), 1) },
    growth: rounded(growth, 4),
    openModels,
    // One that moves and one that is about to be retired.
    flat: growth <= GROWTH_MAX && openModels <= 2,
  };
}
