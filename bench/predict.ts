/**
 * Serving throughput through the real server: an MLP 30-128-64-2 behind `predict`, with one and with 32 callers of one row,
 * and 32 callers of 100 rows. With PEER_PYTHON (a Python with fastapi, uvicorn, onnxruntime) the peer serves the
 * same network to the same load generator.
 *   PEER_PYTHON=venv/bin/python npm run bench -- predict [--seconds N] [--rounds N] [--matrix] [--json]
 * The model is as training exports it, a double for each column; --matrix serves the float matrix that the peer has, as
 * versions made before.
 * Both are warmed up first: a server runs for days, and the compiler of JavaScript needs some 20 seconds of load on two
 * busy cores. Then they are measured in turn, several rounds; a ratio is the median of the rounds' ratios, as machines
 * change their speed from minute to minute. The server runs in `dist` when this file does: `npm run bench` builds first.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { startPostgres } from '../src/db';
import { createLog } from '../src/kernel';
import { measureBatching } from './predict.batching';
import type { Load, LoadResult } from './predict.load';
import { deployMlp, FEATURES, mlpModel, type ModelForm } from './predict.model';
import { NODE_ARGUMENTS, prepare, startPeer, startServer, stop } from './predict.server';

type Target = Pick<Load, 'port' | 'path' | 'headers'>;
/** What is asked, and text that every answer holds. */
type Question = Pick<Load, 'body' | 'connections' | 'expect'>;

const CALLERS = 32;
const ROWS = 100;
const WARM_UP_SECONDS = { single: 20, wide: 6 };

/** One row, every field of its answer. */
const PREDICT = `mutation ($input: PredictInput!) { predict(input: $input) {
  predictions { id value scores { label probability } } modelVersion { id } latencyMs } }`;

/** Many rows: columns in, probabilities out, which is what the peer takes and gives. */
const PREDICT_COLUMNS = 'mutation ($input: PredictInput!) { predict(input: $input) { probabilities } }';

export async function run(args: string[]): Promise<void> {
  const option = (name: string, otherwise: number) => {
    const at = args.indexOf(name);
    return at < 0 ? otherwise : Number(args[at + 1]);
  };
  const folder = await mkdtemp(join(tmpdir(), 'praxis-bench-'));
  // As root, PostgreSQL runs as a user of its own, which must be able to walk to its files.
  await chmod(folder, 0o711);
  try {
    const form = args.includes('--matrix') ? 'MATRIX' : 'COLUMNS';
    const rounds = await measure(folder, { form, rounds: option('--rounds', 3), seconds: option('--seconds', 4) });
    const result = { ...rounds, batching: await measureBatching() };
    process.stdout.write(`${JSON.stringify(result, null, args.includes('--json') ? 0 : 1)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// ---- what is asked ----------------------------------------------------------------------------------------------

type Case = 'callers1' | 'callers32' | 'callers32Unrecorded' | 'rows100' | 'rows100Unrecorded' | 'rows100AsObjects';

const PEER_CASES = ['callers1', 'callers32', 'rows100'] as const;
/** The peer's measurement that each of ours is compared with. The peer records nothing. */
const AGAINST: Partial<Record<Case, (typeof PEER_CASES)[number]>> = {
  ...{ callers1: 'callers1', callers32: 'callers32', callers32Unrecorded: 'callers32' },
  ...{ rows100: 'rows100', rows100Unrecorded: 'rows100' },
};

function ownQuestions(): Record<Case, Question> {
  const ask = (query: string, input: object, expect: string, connections = CALLERS): Question => ({
    ...{ body: JSON.stringify({ query, variables: { input } }), connections, expect },
  });
  const [single, wide] = [{ rows: namedRows(1) }, { columns: columnsOf(namedRows(ROWS)) }];
  const [recorded, unrecorded] = [{ deployment: 'mlp' }, { deployment: 'mlp-unrecorded' }];
  return {
    callers1: ask(PREDICT, { ...recorded, ...single }, 'value', 1),
    callers32: ask(PREDICT, { ...recorded, ...single }, 'value'),
    callers32Unrecorded: ask(PREDICT, { ...unrecorded, ...single }, 'value'),
    rows100: ask(PREDICT_COLUMNS, { ...recorded, ...wide }, 'probabilities'),
    rows100Unrecorded: ask(PREDICT_COLUMNS, { ...unrecorded, ...wide }, 'probabilities'),
    rows100AsObjects: ask(PREDICT, { ...unrecorded, rows: namedRows(ROWS) }, 'value'),
  };
}

const EMPTY: Question = { body: JSON.stringify({ query: '{ __typename }' }), connections: 1, expect: 'Query' };

function peerQuestions(): Record<(typeof PEER_CASES)[number], Question> {
  const ask = (rows: number, connections: number): Question => ({
    body: JSON.stringify({ rows: namedRows(rows).map((row) => Object.values(row)) }),
    ...{ connections, expect: 'predictions' },
  });
  return { callers1: ask(1, 1), callers32: ask(1, CALLERS), rows100: ask(ROWS, CALLERS) };
}

// ---- the measurement --------------------------------------------------------------------------------------------

interface Options {
  form: ModelForm;
  rounds: number;
  seconds: number;
}

type PraxisRound = Record<Case | 'empty', LoadResult> & { costs: Record<string, number> };
type Peer = Record<(typeof PEER_CASES)[number], LoadResult>;

async function measure(folder: string, options: Options): Promise<object> {
  const postgres = await startPostgres({ dataDir: folder, log: createLog('warn') });
  try {
    const key = await prepare(folder, postgres.url, (app, store, caller) =>
      deployMlp(app, store, caller, options.form),
    );
    const server = await startServer(folder, postgres.url);
    const peer = await startedPeer(folder, process.env.PEER_PYTHON);
    try {
      const praxis = { port: server.port, path: '/graphql', headers: { authorization: `Bearer ${key}` } };
      return await inTurn(praxis, peer && { port: peer.port, path: '/predict', headers: {} }, options);
    } finally {
      await stop(server.child);
      if (peer) await stop(peer.child);
    }
  } finally {
    await postgres.stop();
  }
}

async function startedPeer(folder: string, python: string | undefined) {
  if (!python) return null;
  const model = join(folder, 'model.onnx');
  // It takes a matrix; the network is the same.
  await writeFile(model, mlpModel('MATRIX'));
  return startPeer(python, model, 2);
}

async function inTurn(praxis: Target, peer: Target | null, { rounds, seconds }: Options): Promise<object> {
  const questions = ownQuestions();
  await load(praxis, questions.callers32, WARM_UP_SECONDS.single);
  for (const name of ['rows100Unrecorded', 'rows100AsObjects'] as const) {
    await load(praxis, questions[name], WARM_UP_SECONDS.wide);
  }
  await untilRecorded(praxis.port);
  const measured: { praxis: PraxisRound; peer: Peer | null }[] = [];
  for (let round = 0; round < rounds; round++) {
    measured.push(await measureRound(praxis, peer, seconds));
  }
  const lost = (await readMetrics(praxis.port))['praxis_predictions_dropped_total{reason="full"}'] ?? 0;
  return summary(measured, lost);
}

/** Each case of ours right before the peer's that it is compared with. */
async function measureRound(
  praxis: Target,
  peer: Target | null,
  seconds: number,
): Promise<{ praxis: PraxisRound; peer: Peer | null }> {
  const [questions, others] = [ownQuestions(), peerQuestions()];
  const ours = { empty: await load(praxis, EMPTY, seconds) } as PraxisRound;
  const theirs = {} as Peer;
  for (const [name, question] of Object.entries(questions) as [Case, Question][]) {
    const before = await readMetrics(praxis.port);
    ours[name] = await load(praxis, question, seconds);
    if (name === 'callers32') ours.costs = costsBetween(before, await readMetrics(praxis.port));
    await untilRecorded(praxis.port);
    const other = PEER_CASES.find((each) => each === name);
    if (peer && other) theirs[other] = await load(peer, others[other], seconds);
  }
  return { praxis: ours, peer: peer && theirs };
}

/** Where the time of a request goes with 32 callers, means in milliseconds. */
function costsBetween(before: Metrics, after: Metrics): Record<string, number> {
  // Over all processes, which some metrics tell apart.
  const total = (metrics: Metrics, name: string) =>
    Object.entries(metrics).reduce((sum, [key, value]) => sum + (key.split('{')[0] === name ? value : 0), 0);
  const grown = (name: string) => total(after, name) - total(before, name);
  const mean = (name: string) => grown(`${name}_sum`) / grown(`${name}_count`);
  return {
    cpuMsPerRequest: (1000 * grown('process_cpu_seconds_total')) / grown('praxis_predict_seconds_count'),
    predictMs: 1000 * mean('praxis_predict_seconds'),
    queueWaitMs: 1000 * mean('praxis_queue_wait_seconds'),
    batchRunMs: 1000 * mean('praxis_batch_run_seconds'),
    batchRows: mean('praxis_batch_rows'),
  };
}

// ---- the report -------------------------------------------------------------------------------------------------

function summary(rounds: { praxis: PraxisRound; peer: Peer | null }[], notRecordedAsQueueFull: number): object {
  const over = (pick: (round: { praxis: PraxisRound; peer: Peer | null }) => number) => median(rounds.map(pick));
  const cases = Object.keys(ownQuestions()) as Case[];
  const each = <K extends string>(names: readonly K[], pick: (name: K) => number) =>
    Object.fromEntries(names.map((name) => [name, pick(name)]));
  const rate = (name: string, result: LoadResult) => result.requestsPerSecond * (name.startsWith('rows') ? ROWS : 1);
  const ratios = (name: Case) =>
    over(({ praxis, peer }) => praxis[name].requestsPerSecond / peer![AGAINST[name]!].requestsPerSecond);
  const totalMs = over(({ praxis }) => praxis.callers1.p50Ms);
  const emptyMs = over(({ praxis }) => praxis.empty.p50Ms);
  return {
    rowsPerSecond: each(cases, (name) => over(({ praxis }) => rate(name, praxis[name]))),
    p50Ms: each(cases, (name) => over(({ praxis }) => praxis[name].p50Ms)),
    p95Ms: each(cases, (name) => over(({ praxis }) => praxis[name].p95Ms)),
    failed: rounds
      .flatMap(({ praxis }) => cases.map((name) => praxis[name].failed))
      .reduce((sum, count) => sum + count, 0),
    timeOfOneRequest: { totalMs, httpAndGraphqlMs: emptyMs, rowsPredictionAndThreadMs: rounded(totalMs - emptyMs) },
    at32Callers: each(Object.keys(rounds[0].praxis.costs), (name) => over(({ praxis }) => praxis.costs[name])),
    notRecordedAsQueueFull,
    ...(rounds[0].peer && {
      peer: {
        rowsPerSecond: each(PEER_CASES, (name) => over(({ peer }) => rate(name, peer![name]))),
        p50Ms: each(PEER_CASES, (name) => over(({ peer }) => peer![name].p50Ms)),
        failed: rounds.flatMap(({ peer }) => PEER_CASES.map((name) => peer![name].failed)).reduce((a, b) => a + b, 0),
      },
      ratio: each(Object.keys(AGAINST) as Case[], ratios),
    }),
  };
}

const rounded = (value: number): number => Number(value.toFixed(3));

/** With an even number of values the mean of the two in the middle. */
function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return rounded(sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
}

const columnsOf = (rows: Record<string, number>[]): Record<string, number[]> =>
  Object.fromEntries(Object.keys(rows[0]).map((name) => [name, rows.map((row) => row[name])]));

async function load(target: Target, question: Question, seconds: number): Promise<LoadResult> {
  const task: Load = { ...target, ...question, seconds, warmUpSeconds: 0.5 };
  const file = join(__dirname, `predict.load${extname(__filename)}`);
  const { stdout } = await promisify(execFile)(process.execPath, [...NODE_ARGUMENTS, file, JSON.stringify(task)]);
  return JSON.parse(stdout) as LoadResult;
}

/** Values with six digits, as measurements have; the same for every caller. */
function namedRows(count: number): Record<string, number>[] {
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(
      Array.from({ length: FEATURES }, (_, i) => [`x${i}`, Number(Math.sin(row * FEATURES + i).toFixed(6))]),
    ),
  );
}

/** What waits to be recorded would otherwise be written at the cost of the next measurement. */
async function untilRecorded(port: number): Promise<void> {
  while ((await readMetrics(port)).praxis_predictions_waiting > 0) await new Promise((wait) => setTimeout(wait, 50));
}

type Metrics = Record<string, number>;

async function readMetrics(port: number): Promise<Metrics> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}
