/**
 * Following a run: 1,000 subscribers on 100 sockets of one client process, on the machine that also serves, trains and holds
 * the database. Tells how long an event takes from its commit to a subscriber, in batches and one by one, at 30 events a second
 * and in batches at 200; whether one is lost or repeated when all sockets are cut; and how long other queries take meanwhile.
 *   npm run bench -- subscribe [--seconds N] [--subscribers N] [--sockets N] [--commit-events N] [--no-training] [--json]
 * The server is what `npm start` runs. The events are written by this process, as a worker writes those of a run: a few in
 * each commit, as an epoch tells several metrics (`--commit-events 1` is the hardest). Fails where a bar is not met.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { Database, startPostgres } from '../src/db';
import { createLog, parseGlobalId, type TenantContext } from '../src/kernel';
import { PraxisClient } from '../src/sdk';
import { NODE_ARGUMENTS, prepare, startServer, stop } from './predict.server';
import type { ClientOrder, ClientReport } from './subscribe.client';

interface Options {
  seconds: number;
  subscribers: number;
  sockets: number;
  commitEvents: number;
  training: boolean;
}

interface Phase {
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
  lost: number;
  repeated: number;
  messagesPerSecond: number;
  /** From the cut of all sockets until the last one has an event again. */
  reconnectSeconds: number;
  queriesP95Ms: number;
}

const EVENTS_PER_SECOND = 30;
const FAST_EVENTS_PER_SECOND = 200;
/** Of the subscribers, as many as take 200 events a second and leave the client process time. */
const FAST_SHARE = 0.1;
const BARS = { batchesP95Ms: 50, singleP95Ms: 250, queriesP95Ms: 100 };
const WARM_UP_SECONDS = 3;
const QUERY_EVERY_MS = 50;
const QUERY = '{ runs(first: 10) { edges { node { id state } } } }';

export async function run(args: string[]): Promise<void> {
  const option = (name: string, otherwise: number) => {
    const at = args.indexOf(name);
    return at < 0 ? otherwise : Number(args[at + 1]);
  };
  const folder = await mkdtemp(join(tmpdir(), 'praxis-bench-'));
  // As root, PostgreSQL runs as a user of its own, which must be able to walk to its files.
  await chmod(folder, 0o711);
  try {
    const result = await measure(folder, {
      ...{ seconds: option('--seconds', 15), subscribers: option('--subscribers', 1_000) },
      ...{ sockets: option('--sockets', 100), commitEvents: option('--commit-events', 3) },
      training: !args.includes('--no-training'),
    });
    process.stdout.write(`${JSON.stringify(result, null, args.includes('--json') ? 0 : 1)}\n`);
    if (!result.ok) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, options: Options) {
  const postgres = await startPostgres({ dataDir: folder, log: createLog('warn') });
  try {
    let caller: TenantContext | null = null;
    const key = await prepare(folder, postgres.url, async (_app, _store, context) => void (caller = context));
    const { child, port } = await startServer(folder, postgres.url, {}, 'start');
    const database = await Database.open({ url: postgres.url, poolSize: 2, log: createLog('warn'), entities: [] });
    try {
      const bench = new Bench({ key, port, database, caller: caller!, options });
      return report(await bench.phases(), options);
    } finally {
      await database.close();
      await stop(child);
    }
  } finally {
    await postgres.stop();
  }
}

function report({ batches, single, fast }: Record<'batches' | 'single' | 'fast', Phase>, options: Options) {
  const phases = [batches, single, fast];
  const exact = phases.every(({ lost, repeated }) => lost === 0 && repeated === 0);
  const quick = batches.p95Ms <= BARS.batchesP95Ms && single.p95Ms <= BARS.singleP95Ms;
  const free = phases.every(({ queriesP95Ms }) => queriesP95Ms <= BARS.queriesP95Ms);
  return { ...options, batches, single, fast, bars: BARS, ok: exact && quick && free };
}

class Bench {
  private readonly client: PraxisClient;
  private runId = '';

  constructor(
    private readonly o: { key: string; port: number; database: Database; caller: TenantContext; options: Options },
  ) {
    this.client = new PraxisClient({ url: `http://127.0.0.1:${o.port}`, key: o.key });
  }

  async phases() {
    const { training } = this.o.options;
    const datasetVersionId = await this.upload();
    const start = (epochs: number) => this.start(datasetVersionId, epochs);
    this.runId = await start(1_000);
    await this.pause(this.runId);
    const trained = training ? await start(10_000) : null;
    const phases = {
      batches: await this.phase('runEventBatches', EVENTS_PER_SECOND),
      single: await this.phase('runEvents', EVENTS_PER_SECOND),
      fast: await this.phase('runEventBatches', FAST_EVENTS_PER_SECOND, FAST_SHARE),
    };
    const state = trained && (await this.stateOf(trained));
    if (trained && state !== 'TRAINING') throw new Error(`The training beside it did not train to the end: ${state}.`);
    if (trained) await this.mutate('cancelRun', { runId: trained });
    await this.client.close();
    return phases;
  }

  private async phase(field: ClientOrder['field'], eventsPerSecond: number, share = 1): Promise<Phase> {
    const { key, port, options } = this.o;
    const client = fork(join(__dirname, `subscribe.client${extname(__filename)}`), [], { execArgv: NODE_ARGUMENTS });
    const after = await this.append(1);
    const order = { field, key, port, runId: this.runId, after, ...options } satisfies ClientOrder;
    order.subscribers = Math.ceil(share * options.subscribers);
    await told(client, order, 'ready');
    const emitter = this.emit(eventsPerSecond);
    await pause(WARM_UP_SECONDS);
    const asker = this.ask();
    client.send('measure');
    await pause(options.seconds);
    const queriesP95Ms = await asker.stop();
    client.send('rest');
    client.send('cut');
    await pause(Math.max(3, options.seconds / 3));
    const { last, commits } = await emitter.stop();
    const report = await told(client, { last, commits }, 'report');
    client.kill();
    const { latencies, ...counts } = report as ClientReport;
    return { ...counts, queriesP95Ms, ...latencies };
  }

  /** Events at a steady rate, until it is stopped; when each sequence was committed. */
  private emit(eventsPerSecond: number) {
    const { commitEvents } = this.o.options;
    const everyMs = (1_000 * commitEvents) / eventsPerSecond;
    const commits: [last: number, atMs: number][] = [];
    let going = true;
    const work = (async () => {
      for (let dueMs = performance.now(); going; dueMs += everyMs) {
        await pause(Math.max(0, dueMs - performance.now()) / 1_000);
        let atMs = 0;
        const last = await this.append(commitEvents, () => (atMs = nowMs()));
        commits.push([last, atMs]);
      }
    })();
    return {
      stop: async () => {
        going = false;
        await work;
        return { last: commits.at(-1)![0], commits };
      },
    };
  }

  private append(count: number, beforeCommit = () => {}): Promise<number> {
    const point = { step: 1, epoch: 1, split: 'train', name: 'loss', value: 0.123456, candidate: 'mlp 1' };
    const events = Array.from({ length: count }, () => ({ kind: 'metric', payload: point }));
    return this.o.database.inTenant(this.o.caller, async (tx) => {
      const last = await tx.appendEvents(parseGlobalId(this.runId)!.uuid, events);
      beforeCommit();
      return last;
    });
  }

  /** Other queries, one after the other. */
  private ask() {
    const times: number[] = [];
    let going = true;
    const work = (async () => {
      while (going) {
        const startMs = performance.now();
        await this.client.run(QUERY);
        times.push(performance.now() - startMs);
        await pause(QUERY_EVERY_MS / 1_000);
      }
    })();
    return {
      stop: async () => {
        going = false;
        await work;
        return quantile(times, 0.95);
      },
    };
  }

  private async upload(): Promise<string> {
    const rows = Array.from(
      { length: 10_000 },
      (_, i) => `${i % 97},${(i * i) % 89},${(i % 97) + ((i * i) % 89) > 90 ? 1 : 0}`,
    );
    const { id } = await this.client.datasets.upload(new Blob([`a,b,y\n${rows.join('\n')}\n`]), { name: 'bench' });
    return (await this.client.datasets.ready(id)).id;
  }

  private async start(datasetVersionId: string, epochs: number): Promise<string> {
    const parameters = { family: 'mlp', parameters: { hidden: [64, 64], epochs, patience: 0 } };
    const steps = [
      { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'y' } },
      { id: 'train', kind: 'TRAIN', parameters },
    ];
    const pipeline = `mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }`;
    const input = { name: `Bench ${epochs}`, steps };
    const { createPipeline } = await this.client.run<any>(pipeline, { input });
    const run = `mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }`;
    const started = { pipelineId: createPipeline.pipeline.id, datasetVersionId, seed: 1 };
    return (await this.client.run<any>(run, { input: started })).startRun.run.id;
  }

  /** Its events are ours from here on: no worker has it. */
  private async pause(runId: string): Promise<void> {
    await this.mutate('pauseRun', { runId });
    while ((await this.stateOf(runId)) !== 'PAUSED') await pause(0.1);
  }

  private mutate(field: string, input: object): Promise<unknown> {
    const type = `${field[0].toUpperCase()}${field.slice(1)}Input`;
    return this.client.run(`mutation ($input: ${type}!) { ${field}(input: $input) { run { id } } }`, { input });
  }

  private async stateOf(id: string): Promise<string> {
    return (await this.client.run<any>('query ($id: ID!) { run(id: $id) { state } }', { id })).run.state;
  }
}

/** Sends to the client, and gives what it answers. */
async function told(client: ChildProcess, message: object, kind: string): Promise<unknown> {
  const answer = once(client, 'message');
  client.send(message);
  const [reply] = (await answer) as [{ kind: string }];
  if (reply.kind !== kind) throw new Error(`The client said ${JSON.stringify(reply).slice(0, 500)}.`);
  const { kind: _, ...rest } = reply;
  return rest;
}

/** Comparable between processes of one machine. */
const nowMs = (): number => performance.timeOrigin + performance.now();

const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Number((sorted[Math.floor(share * sorted.length)] ?? NaN).toFixed(1));
}
