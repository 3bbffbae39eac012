/**
 * Makes an installation by a built version of the product and stores its backup, with what its clients read of it:
 *
 *   node -r ./register.cjs test/versions/make.ts FOLDER_OF_THE_VERSION FOLDER_FOR_THE_FILES
 *
 * Run it from the checkout that has this file; the version is another checkout, after `npm run build`.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { findServer } from '../../src/kernel';
import { VersionClient, until, type Answer } from './client';
import { FAILED, PAUSED, pretrainedTraining, QUESTIONS, TABLES, TRAININGS, type Rows, type Training } from './content';
import { kerasFile } from './keras-file';
import { nodesOf, RESUME, observedAnswers, observedLists } from './observed';

const CREATE_DATASET = `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { dataset { id } upload { url } } }`;
const CREATE_PRETRAINED = `mutation ($input: CreatePretrainedModelInput!) {
  createPretrainedModel(input: $input) { pretrainedModel { id } upload { url } } }`;
const CREATE_PIPELINE = `mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }`;
const UPDATE_PIPELINE = `mutation ($input: UpdatePipelineInput!) { updatePipeline(input: $input) { pipeline { id version } } }`;
const START = `mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }`;
const DEPLOY = `mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { id } } }`;
const RUN = `query ($id: ID!) { runById(id: $id) { state progress error { message hint } modelVersion { id } } }`;
const ONBOARD = `mutation ($input: OnboardTenantInput!) { onboardTenant(input: $input) { apiKey { secret } } }`;

/** A tenant while it is made. */
class Tenant {
  private readonly versions: Record<string, string> = {};

  constructor(
    readonly client: VersionClient,
    private readonly url: string,
  ) {}

  async addTable(name: string, { rows, format }: (typeof TABLES)[string][string]): Promise<void> {
    const { createDataset } = await this.client.ask(CREATE_DATASET, { input: { name, format } });
    const body = new Uint8Array(await fileOf(rows, format));
    const sent = await fetch(new URL(createDataset.upload.url, this.url), { method: 'PUT', body });
    if (!sent.ok) throw new Error(`${name}: ${await sent.text()}`);
    const query = `query ($id: ID!) { datasetById(id: $id) { latestUpload { state } currentVersion { id } } }`;
    this.versions[name] = await until(`${name} is read`, async () => {
      const { datasetById } = await this.client.ask(query, { id: createDataset.dataset.id });
      return datasetById.currentVersion?.id ?? null;
    });
  }

  async addKerasModel(name: string): Promise<string> {
    const { createPretrainedModel: created } = await this.client.ask(CREATE_PRETRAINED, { input: { name } });
    const body = new Uint8Array(await kerasFile());
    const sent = await fetch(new URL(created.upload.url, this.url), { method: 'PUT', body });
    if (!sent.ok) throw new Error(`${name}: ${await sent.text()}`);
    return created.pretrainedModel.id;
  }

  async start({ name, dataset, steps, edges = [] }: Training): Promise<string> {
    const { createPipeline } = await this.client.ask(CREATE_PIPELINE, { input: { name, steps, edges } });
    const pipelineId = createPipeline.pipeline.id;
    const input = { pipelineId, datasetVersionId: this.versions[dataset], seed: 7, name, tags: ['stored'] };
    return (await this.client.ask(START, { input })).startRun.run.id;
  }

  /** Gives the version of its model. */
  succeeded(id: string, name: string): Promise<string> {
    return until(`${name} is trained`, async () => {
      const { runById: run } = await this.client.ask(RUN, { id });
      if (run.error) throw new Error(`${name}: ${JSON.stringify(run.error)}`);
      return run.modelVersion?.id ?? null;
    });
  }

  reached(id: string, state: string): Promise<true> {
    return until(`a run is ${state}`, async () => (await this.client.ask(RUN, { id })).runById.state === state || null);
  }
}

async function fileOf(rows: Rows, format: string): Promise<Buffer> {
  if (format === 'JSONL') return Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const names = Object.keys(rows[0]);
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? ''))].map((cells) => cells.join(','));
  const csv = Buffer.from(`${lines.join('\n')}\n`);
  return format === 'CSV' ? csv : parquetOf(csv);
}

async function parquetOf(csv: Buffer): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'praxis-parquet-'));
  const [from, to] = [join(folder, 'rows.csv'), join(folder, 'rows.parquet')];
  writeFileSync(from, csv);
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run(`COPY (FROM read_csv('${from}')) TO '${to}' (FORMAT parquet)`);
  connection.closeSync();
  const bytes = readFileSync(to);
  rmSync(folder, { recursive: true });
  return bytes;
}

async function fill(tenant: Tenant, slug: string): Promise<void> {
  for (const [name, table] of Object.entries(TABLES[slug])) await tenant.addTable(name, table);
  const further = slug === 'mill' ? [pretrainedTraining(await tenant.addKerasModel('Small net'))] : [];
  for (const training of [...TRAININGS[slug], ...further]) {
    const { name, precision } = training;
    const modelVersionId = await tenant.succeeded(await tenant.start(training), name);
    const input = { name, modelVersionId, recordFraction: 1, ...(precision && { precision }) };
    await tenant.client.ask(DEPLOY, { input });
  }
  // Recorded in the backup; what is asked afterwards is not.
  const [name, rows] = Object.entries(QUESTIONS[slug])[0];
  await observedAnswers(tenant.client, { [name]: rows.slice(0, 2) });
}

/** States that a run and a deployment may be in, and a pipeline of two versions. */
async function addStates(tenant: Tenant): Promise<void> {
  const { client } = tenant;
  await tenant.reached(await tenant.start(FAILED), 'FAILED');
  const cancelled = await tenant.start({ ...PAUSED, name: 'cancelled' });
  await client.ask(`mutation ($input: CancelRunInput!) { cancelRun(input: $input) { run { id } } }`, {
    input: { runId: cancelled },
  });
  const [pipeline] = nodesOf((await client.ask('{ pipelines(first: 1) { edges { node { id } } } }')).pipelines);
  await client.ask(UPDATE_PIPELINE, { input: { pipelineId: pipeline.id, steps: PAUSED.steps } });
  const deployments = nodesOf((await client.ask('{ deployments { edges { node { id name } } } }')).deployments);
  const { id } = deployments.find(({ name }) => name === 'grades');
  await client.ask(
    `mutation ($input: RetireDeploymentInput!) { retireDeployment(input: $input) { deployment { id } } }`,
    {
      input: { deploymentId: id },
    },
  );
  const paused = await tenant.start(PAUSED);
  await until(
    'the run has come far',
    async () => (await client.ask(RUN, { id: paused })).runById.progress > 0.05 || null,
  );
  await client.ask(`mutation ($input: PauseRunInput!) { pauseRun(input: $input) { run { id } } }`, {
    input: { runId: paused },
  });
  await tenant.reached(paused, 'PAUSED');
}

async function runCase(client: VersionClient): Promise<void> {
  const { runCase: started } = await client.ask(
    `mutation { runCase(input: { slug: "predictive-maintenance" }) { caseRun { id } } }`,
  );
  await until('the case has run', async () => {
    const query = `query ($id: ID!) { caseRunById(id: $id) { state error { message } } }`;
    const { state, error } = (await client.ask(query, { id: started.caseRun.id })).caseRunById;
    if (error) throw new Error(error.message);
    return state === 'SUCCEEDED' || null;
  });
}

async function make(version: string, target: string): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'praxis-version-'));
  // As root, the database's own user walks through it.
  chmodSync(dataDir, 0o755);
  const server = spawn(process.execPath, ['dist/src/main.js', 'start'], {
    cwd: version,
    env: { ...process.env, PRAXIS_DATA_DIR: dataDir, PORT: '0', PRAXIS_API_PROCESSES: '1', PRAXIS_LOG_LEVEL: 'warn' },
    stdio: 'inherit',
  });
  try {
    const url = await until('the server answers', async () => findServer(dataDir));
    const keyIn = (name: string) => readFileSync(join(dataDir, name), 'utf8').trim();
    const clients: Record<string, VersionClient> = { demo: new VersionClient(url, keyIn('demo-api-key')) };
    for (const slug of Object.keys(TABLES)) {
      const input = { slug, name: `The ${slug}`, adminEmail: `owner@${slug}.example`, plan: 'STANDARD' };
      const operator = new VersionClient(url, keyIn('operator-api-key'));
      clients[slug] = new VersionClient(url, (await operator.ask(ONBOARD, { input })).onboardTenant.apiKey.secret);
      const tenant = new Tenant(clients[slug], url);
      await fill(tenant, slug);
      if (slug === 'mill') await addStates(tenant);
    }
    await runCase(clients.demo);
    mkdirSync(target, { recursive: true });
    backUp(version, dataDir, join(target, 'backup.tar.gz'));
    writeFileSync(join(target, 'expected.json.gz'), gzipSync(JSON.stringify(await observed(clients)), { level: 9 }));
  } finally {
    await ended(server);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function backUp(version: string, dataDir: string, target: string): void {
  const file = join(dataDir, 'backup.tar');
  const env = { ...process.env, PRAXIS_DATA_DIR: dataDir };
  execFileSync(process.execPath, ['dist/src/main.js', 'backup', file], { cwd: version, env, stdio: 'inherit' });
  writeFileSync(target, gzipSync(readFileSync(file), { level: 9 }));
}

async function observed(clients: Record<string, VersionClient>): Promise<Answer> {
  const tenants: Answer = {};
  for (const [slug, client] of Object.entries(clients)) {
    const observed = await observedLists(client);
    tenants[slug] = { observed, answers: await observedAnswers(client, QUESTIONS[slug] ?? {}) };
  }
  return { processor: cpus()[0].model, tenants, finished: await finished(clients.mill) };
}

/** How the paused run would have ended without another version. */
async function finished(client: VersionClient): Promise<Answer> {
  const [{ id: runId }] = nodesOf(
    (await client.ask('{ runs(first: 1, state: PAUSED) { edges { node { id } } } }')).runs,
  );
  await client.ask(RESUME, { input: { runId } });
  return until('the paused run has ended', async () => {
    const query = `query ($id: ID!) { runById(id: $id) { evaluation { metrics { name value } } } }`;
    return (await client.ask(query, { id: runId })).runById.evaluation?.metrics ?? null;
  });
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const end = new Promise((done) => server.once('exit', done));
  server.kill('SIGTERM');
  await end;
}

const [version, target] = process.argv.slice(2).map((folder) => resolve(folder));
make(version, target).catch((error: Error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
