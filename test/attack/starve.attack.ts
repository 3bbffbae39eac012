/** One tenant wants all of it: eight files of 30 million rows each, and more runs than it has hours. What another one gets. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Duck } from '../../src/datasets/tables/duck';
import { CreatePipelineDocument, PraxisClient, RunEventsDocument, StartRunDocument } from '../../src/sdk';
import { Product } from '../process/product.fixture';
import { atMost, type Attack, type Check } from './attack';
import { machinesCsv } from './machines';
import { Watch } from './watch';

export interface StarvePlan {
  files: number;
  rowsPerFile: number;
  /** Of the greedy tenant. */
  runs: number;
  /** Of each of them. */
  epochs: number;
  /** Short runs of the other tenant, one after the other. */
  shortRuns: number;
}

const FULL: StarvePlan = { files: 8, rowsPerFile: 30_000_000, runs: 40, epochs: 2_000, shortRuns: 5 };
const ONBOARD = `mutation ($input: OnboardTenantInput!) { onboardTenant(input: $input) { apiKey { secret } } }`;
const RUN = `query ($id: ID!) { run(id: $id) { state createdAt startedAt } }`;
const DATASET = `query ($id: ID!) { dataset(id: $id) { latestUpload { state } } }`;

export const attack: Attack = ({ seed, log }) => attackStarve(FULL, { seed, log });

export async function attackStarve(
  plan: StarvePlan,
  { seed, log }: { seed: number; log(line: string): void },
): Promise<Check[]> {
  // The limit of how little a file may be packed into is out of the way: what stands is fairness.
  const product = await Product.prepare({ DATABASE_URL: '', PRAXIS_INGEST_RATIO_MAX: '1000000000' });
  const folder = mkdtempSync(join(tmpdir(), 'praxis-starve-'));
  try {
    await product.start();
    const secret = (name: string) => readFileSync(join(product.dataDir, name), 'utf8').trim();
    const open = (key: string) => Tenant.open(`http://127.0.0.1:${product.port}`, key, seed);
    const honest = await open(secret('demo-api-key'));
    const greedy = await open(await onboard(product.port, secret('operator-api-key')));
    const alone = await honest.shortRun();
    log(`alone: a short run takes ${alone.tookSeconds.toFixed(1)} s`);
    await greedy.takeEverything(plan, await hostileFile(folder, plan.rowsPerFile));
    log('the greedy tenant has sent its files and started its runs');
    const watch = new Watch(product);
    const waits: number[] = [];
    for (let i = 0; i < plan.shortRuns; i++) {
      const { waitedSeconds, tookSeconds } = await honest.shortRun();
      waits.push(waitedSeconds);
      log(`short run ${i + 1}: began after ${waitedSeconds.toFixed(2)} s, done after ${tookSeconds.toFixed(1)} s`);
    }
    const ingestSeconds = await honest.ingestSeconds();
    const seen = await watch.end();
    const left = await greedy.unfinished();
    log(`${left} files of the greedy tenant are still read; ${JSON.stringify(seen)}`);
    await Promise.all([honest.close(), greedy.close()]);
    return [
      atMost('until a short run of another tenant begins', Math.max(...waits), 2, 's'),
      atMost("another tenant's query (99th percentile)", seen.p99Ms, 250, 'ms'),
      atMost("until another tenant's small file is read", ingestSeconds, 10, 's'),
      atMost('answers that are no answer', seen.internal + seen.unavailable, 0, 'answers'),
      atMost('files of the greedy tenant that had ended before, so that nothing was shown', left > 0 ? 0 : 1, 0, ''),
    ];
  } finally {
    await product.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function onboard(port: number, key: string): Promise<string> {
  const operator = new PraxisClient({ url: `http://127.0.0.1:${port}`, key });
  const input = { name: 'Greedy', slug: 'greedy', plan: 'STANDARD', adminEmail: 'greedy@example.org' };
  const { onboardTenant } = await operator.run<any>(ONBOARD, { input });
  await operator.close();
  return onboardTenant.apiKey.secret;
}

/** A few kilobytes that stand for any number of rows. */
async function hostileFile(folder: string, rows: number): Promise<Buffer> {
  const path = join(folder, 'hostile.parquet');
  const duck = await Duck.open({ scratch: folder, readable: [], memoryMb: 256 });
  await duck.run(`COPY (SELECT 1.5::DOUBLE AS a FROM range(${rows})) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`);
  duck.close();
  return readFileSync(path);
}

class Tenant {
  private readonly files: string[] = [];

  private constructor(
    private readonly client: PraxisClient,
    private readonly versionId: string,
    private readonly csv: string,
  ) {}

  static async open(url: string, key: string, seed: number): Promise<Tenant> {
    const client = new PraxisClient({ url, key });
    const csv = machinesCsv(600, seed);
    const dataset = await client.datasets.upload(new Blob([csv]), { name: 'Machines', format: 'CSV' });
    const version = await client.datasets.ready(dataset.id);
    return new Tenant(client, version.id, csv);
  }

  /** Returns when the first of the files is being read and the first of the runs trains. */
  async takeEverything({ files, runs, epochs }: StarvePlan, file: Buffer): Promise<void> {
    const pipelineId = await this.createPipeline(epochs);
    const [first] = await Promise.all(Array.from({ length: runs }, () => this.startRun(pipelineId)));
    const sent = Array.from({ length: files }, (_, i) =>
      this.client.datasets.upload(new Blob([new Uint8Array(file)]), { name: `Greedy ${i}`, format: 'PARQUET' }),
    );
    for (const { id } of await Promise.all(sent)) this.files.push(id);
    while ((await this.client.run<any>(RUN, { id: first })).run.startedAt === null) await sleep(50);
    await sleep(1_000);
  }

  /** How many of its files are still being read. */
  async unfinished(): Promise<number> {
    const states = this.files.map(
      async (id) => (await this.client.run<any>(DATASET, { id })).dataset.latestUpload.state,
    );
    return (await Promise.all(states)).filter((state) => state === 'INGESTING').length;
  }

  async shortRun(): Promise<{ waitedSeconds: number; tookSeconds: number }> {
    const started = performance.now();
    const id = await this.startRun(await this.createPipeline(5));
    for await (const _ of this.client.subscribe(RunEventsDocument, { runId: id, after: 0 }));
    const { run } = await this.client.run<any>(RUN, { id });
    if (run.state !== 'SUCCEEDED') throw new Error(`A short run ended as ${run.state}.`);
    return {
      waitedSeconds: (Date.parse(run.startedAt) - Date.parse(run.createdAt)) / 1000,
      tookSeconds: (performance.now() - started) / 1000,
    };
  }

  async ingestSeconds(): Promise<number> {
    const started = performance.now();
    const other = this.csv.replace('\n', '\n1,2,3,no\n');
    const { id } = await this.client.datasets.upload(new Blob([other]), { name: 'Other machines', format: 'CSV' });
    await this.client.datasets.ready(id);
    return (performance.now() - started) / 1000;
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private async createPipeline(epochs: number): Promise<string> {
    const steps = [
      { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'failure' } },
      { id: 'train', kind: 'TRAIN', parameters: { family: 'mlp', parameters: { epochs, patience: 0 } } },
    ];
    const input = { name: `Machines, ${epochs} epochs`, steps: steps as never };
    return (await this.client.run(CreatePipelineDocument, { input })).createPipeline.pipeline.id;
  }

  private async startRun(pipelineId: string): Promise<string> {
    const input = { pipelineId, datasetVersionId: this.versionId, seed: 7 };
    return (await this.client.run(StartRunDocument, { input })).startRun.run.id;
  }
}
