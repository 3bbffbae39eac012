/** PostgreSQL and the work process killed while a run trains: what clients see, how soon it goes on, what it ends as. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../src/kernel/process/alive';
import { CreatePipelineDocument, PraxisClient, StartRunDocument } from '../../src/sdk';
import { Product } from '../process/product.fixture';
import { atMost, type Attack, type Check } from './attack';
import { machinesCsv } from './machines';
import { Watch } from './watch';

export interface FaultPlan {
  /** How often each is killed. */
  kills: number;
  epochs: number;
  rows: number;
  /** Training goes on for so long before the next kill, so that there is something to lose. */
  quietMs: number;
}

const FULL: FaultPlan = { kills: 5, epochs: 400, rows: 4_000, quietMs: 3_000 };
const RECOVERY_MS_MAX = 10_000;
/** Nothing moves: not a slow recovery but none. */
const GIVE_UP_MS = 60_000;
const RESULT = `query ($id: ID!) { run(id: $id) { state attempt error { message }
  evaluation { metrics { name value } } } }`;

export const attack: Attack = ({ seed, log }) => attackFaults(FULL, { seed, log });

const EVENTS = `subscription ($runId: ID!, $after: SafeInt!) { runEvents(runId: $runId, after: $after) { sequence at event {
  __typename ... on MetricPoint { step split name value } } } }`;

/** Whom to kill; null when there is nobody at the moment. */
type Victim = (product: Product) => number | null;

export const VICTIMS: Record<string, Victim> = {
  backend: (product) => backendOf(postmasterOf(product)),
  postmaster: postmasterOf,
  work: (product) => product.pidsOf('work').at(0) ?? null,
};

export async function attackFaults(plan: FaultPlan, { seed, log }: { seed: number; log(line: string): void }) {
  const product = await Product.prepare({ DATABASE_URL: '', PRAXIS_LOG_LEVEL: 'warn' });
  try {
    await product.start();
    const key = readFileSync(join(product.dataDir, 'demo-api-key'), 'utf8').trim();
    const trainer = await Trainer.open(new PraxisClient({ url: `http://127.0.0.1:${product.port}`, key }), plan, seed);
    const whole = await trainer.train(() => undefined);
    log(`undisturbed: ${whole.points.length} values in ${whole.seconds.toFixed(1)} s`);
    const checks: Check[] = [];
    for (const [name, victim] of Object.entries(VICTIMS)) {
      checks.push(...(await killRepeatedly({ name, victim, product, trainer, plan, whole, log })));
    }
    await trainer.close();
    return checks;
  } finally {
    await product.remove();
  }
}

interface Siege {
  name: string;
  victim: Victim;
  product: Product;
  trainer: Trainer;
  plan: FaultPlan;
  whole: Trained;
  log(line: string): void;
}

async function killRepeatedly({ name, victim, product, trainer, plan, whole, log }: Siege): Promise<Check[]> {
  const watch = new Watch(product);
  let worstMs = 0;
  let wrong = 0;
  for (let kills = 0; kills < plan.kills;) {
    const killsBefore = kills;
    let killedAt = 0;
    let quiet = 0;
    const trained = await trainer.train((point, storedAt) => {
      const now = Date.now();
      if (killedAt > 0 && storedAt <= killedAt) return;
      if (killedAt > 0) {
        worstMs = Math.max(worstMs, now - killedAt);
        log(`${name} ${kills}: progress after ${((now - killedAt) / 1000).toFixed(1)} s`);
        killedAt = 0;
        quiet = now;
      }
      quiet ||= now;
      if (kills >= plan.kills || point < 5 || now - quiet < plan.quietMs) return;
      const pid = victim(product);
      if (pid === null) return;
      process.kill(pid, 'SIGKILL');
      kills++;
      killedAt = Date.now();
    });
    if (killedAt > 0) {
      // Killed so late that no value was left to come: its end is what came next.
      worstMs = Math.max(worstMs, trained.endedAt - killedAt);
      log(`${name} ${kills}: end after ${((trained.endedAt - killedAt) / 1000).toFixed(1)} s`);
    }
    wrong += differences(trained, whole);
    if (kills === killsBefore) throw new Error('The run ended before anybody was killed: give it more epochs.');
    if (trained.stuck) {
      worstMs = Math.max(worstMs, GIVE_UP_MS);
      log(`${name}: stuck. ${product.output.slice(-2_000)}`);
      break;
    }
  }
  const seen = await watch.end();
  log(`${name}: ${JSON.stringify(seen)}`);
  if (seen.internal > 0)
    product.output
      .split('\n')
      .filter((line) => line.includes('internal error'))
      .forEach(log);
  return [
    atMost(`${name} killed: until progress moves again`, worstMs / 1000, RECOVERY_MS_MAX / 1000, 's'),
    atMost(`${name} killed: values and metrics that differ from the undisturbed run`, wrong, 0, 'values'),
    atMost(`${name} killed: answers that are INTERNAL`, seen.internal, 0, 'answers'),
    atMost(`${name} killed: ready though nothing is answered, or workers told that are not there`, seen.untrue, 0, 's'),
  ];
}

/** What a client saw of a run, and how it ended. */
interface Trained {
  points: string[];
  /** Sequences that were missing or came twice. */
  gaps: number;
  result: string;
  seconds: number;
  /** When its last event was stored. */
  endedAt: number;
  stuck: boolean;
}

/** Trains the same over and over. */
class Trainer {
  private constructor(
    private readonly client: PraxisClient,
    private readonly input: { pipelineId: string; datasetVersionId: string; seed: number },
  ) {}

  static async open(client: PraxisClient, { rows, epochs }: FaultPlan, seed: number): Promise<Trainer> {
    const file = new Blob([machinesCsv(rows, seed)]);
    const dataset = await client.datasets.upload(file, { name: 'Machines', format: 'CSV' });
    const version = await client.datasets.ready(dataset.id);
    const parameters = { epochs, patience: 0, batchSize: 16, dropout: 0.2, hidden: [32, 32] };
    const steps = [
      { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'failure' } },
      { id: 'train', kind: 'TRAIN', parameters: { family: 'mlp', parameters } },
    ] as const;
    const input = { name: 'Machines', steps: steps as never };
    const { createPipeline } = await client.run(CreatePipelineDocument, { input });
    return new Trainer(client, { pipelineId: createPipeline.pipeline.id, datasetVersionId: version.id, seed });
  }

  /** Hears of every value as it comes: how many there were, and when it was stored. */
  async train(hear: (count: number, storedAt: number) => void): Promise<Trained> {
    const started = performance.now();
    const { startRun } = await patiently(() => this.client.run(StartRunDocument, { input: this.input }));
    const runId = startRun.run.id;
    const points: string[] = [];
    let gaps = 0;
    let last = 0;
    let endedAt = 0;
    const silence = new AbortController();
    const restart = () => setTimeout(() => silence.abort(), GIVE_UP_MS);
    let timer = restart();
    const options = { signal: silence.signal };
    for await (const { runEvents } of this.client.subscribe<any>(EVENTS, { runId, after: 0 }, options)) {
      const { sequence, at, event } = runEvents;
      if (sequence !== last + 1) gaps++;
      last = sequence;
      endedAt = Date.parse(at);
      if (event.__typename !== 'MetricPoint') continue;
      clearTimeout(timer);
      timer = restart();
      const { step, split, name, value } = event;
      points.push(JSON.stringify([step, split, name, value]));
      hear(points.length, Date.parse(at));
    }
    clearTimeout(timer);
    const stuck = silence.signal.aborted;
    const { run } = stuck ? { run: null } : await patiently(() => this.client.run<any>(RESULT, { id: runId }));
    const result = JSON.stringify([run?.state, run?.error, run?.evaluation?.metrics]);
    return { points, gaps, result, seconds: (performance.now() - started) / 1000, endedAt, stuck };
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

/** As a client does that was told to try again in a moment. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if ((error as { code?: string }).code !== 'UNAVAILABLE' || tries === 100) throw error;
      await sleep(200);
    }
  }
}

function differences(trained: Trained, whole: Trained): number {
  const longer = Math.max(trained.points.length, whole.points.length);
  let count = trained.gaps + (trained.result === whole.result ? 0 : 1);
  for (let i = 0; i < longer; i++) if (trained.points[i] !== whole.points[i]) count++;
  return count;
}

function postmasterOf({ dataDir }: Product): number | null {
  const path = [join(dataDir, 'postgres', 'data'), join(dataDir, 'data')].find((place) => existsSync(place));
  const pid = path && Number(textOf(join(path, 'postmaster.pid')).split('\n')[0]);
  return pid && isAlive(pid) ? pid : null;
}

/** Of a connection that works for a client. */
function backendOf(postmaster: number | null): number | null {
  if (postmaster === null) return null;
  const children = readdirSync('/proc').filter(
    (entry) =>
      /^\d+$/.test(entry) && new RegExp(`^\\d+ \\(.*\\) \\S ${postmaster} `).test(textOf(`/proc/${entry}/stat`)),
  );
  const pid = children.find((entry) => /^postgres: .*praxis praxis /.test(textOf(`/proc/${entry}/cmdline`)));
  return pid ? Number(pid) : null;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
