/**
 * Serving throughput through the real server: an MLP 30-128-64-2 behind `predict`, with one and with 32 callers of one row,
 * and 32 callers of 100 rows. With PEER_PYTHON (a Python with fastapi, uvicorn, onnxruntime) the peer serves the same
 * model file to the same load generator, in turn.
 *   PEER_PYTHON=venv/bin/python npm run bench -- predict [--seconds N] [--json]
 * The server runs in `dist` when this file does: `npm run bench` builds first.
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
import { FEATURES, mlpModel } from './predict.model';
import { NODE_ARGUMENTS, prepare, startPeer, startServer, stop } from './predict.server';

type Target = Pick<Load, 'port' | 'path' | 'headers' | 'expect'>;

const CALLERS = 32;
const ROWS = 100;

/** One row, every field of its answer. */
const PREDICT = `mutation ($input: PredictInput!) { predict(input: $input) {
  predictions { id value scores { label probability } } modelVersion { id } latencyMs } }`;

/** Many rows: columns in, probabilities out, which is what the peer takes and gives. */
const PREDICT_COLUMNS = 'mutation ($input: PredictInput!) { predict(input: $input) { probabilities } }';

export async function run(args: string[]): Promise<void> {
  const at = args.indexOf('--seconds');
  const seconds = at < 0 ? 5 : Number(args[at + 1]);
  const folder = await mkdtemp(join(tmpdir(), 'praxis-bench-'));
  // As root, PostgreSQL runs as a user of its own, which must be able to walk to its files.
  await chmod(folder, 0o711);
  try {
    const own = await measureOwn(folder, seconds);
    const peer = process.env.PEER_PYTHON ? await measurePeer(folder, process.env.PEER_PYTHON, seconds) : null;
    const ratio = peer && {
      callers1: round(own.callers1.requestsPerSecond / peer.callers1.requestsPerSecond),
      callers32: round(own.callers32.requestsPerSecond / peer.callers32.requestsPerSecond),
      callers32Unrecorded: round(own.callers32Unrecorded!.requestsPerSecond / peer.callers32.requestsPerSecond),
      rows100: round(own.rows100.requestsPerSecond / peer.rows100.requestsPerSecond),
      rows100Unrecorded: round(own.rows100Unrecorded!.requestsPerSecond / peer.rows100.requestsPerSecond),
    };
    const result = { ...summary(own), ratio, peer: peer && summary(peer), batching: await measureBatching() };
    process.stdout.write(`${JSON.stringify(result, null, args.includes('--json') ? 0 : 1)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Measured {
  callers1: LoadResult;
  callers32: LoadResult;
  rows100: LoadResult;
  /** Ours only: nothing recorded, as the peer does; and rows as objects with every field of the answer. */
  callers32Unrecorded?: LoadResult;
  rows100Unrecorded?: LoadResult;
  rows100AsObjects?: LoadResult;
  details?: Record<string, Record<string, number>>;
}

function summary({ callers1, callers32, callers32Unrecorded, details, ...wide }: Measured) {
  const single = { callers1, callers32, ...(callers32Unrecorded && { callers32Unrecorded }) };
  const runs = { ...single, ...wide };
  const each = (pick: (result: LoadResult) => number, of: object = runs) =>
    Object.fromEntries(Object.entries(of).map(([name, result]) => [name, pick(result as LoadResult)]));
  return {
    requestsPerSecond: each(({ requestsPerSecond }) => requestsPerSecond, single),
    rowsPerSecond: each(({ requestsPerSecond }) => ROWS * requestsPerSecond, wide),
    p50Ms: each(({ p50Ms }) => p50Ms),
    p95Ms: each(({ p95Ms }) => p95Ms),
    failed: Object.values(runs).reduce((sum, { failed }) => sum + failed, 0),
    ...details,
  };
}

async function measureOwn(folder: string, seconds: number): Promise<Measured> {
  const log = createLog('warn');
  const postgres = await startPostgres({ dataDir: folder, log });
  try {
    const key = await prepare(folder, postgres.url);
    const server = await startServer(folder, postgres.url);
    try {
      const headers = { authorization: `Bearer ${key}` };
      return await measureServer({ port: server.port, path: '/graphql', headers, expect: '' }, seconds);
    } finally {
      await stop(server.child);
    }
  } finally {
    await postgres.stop();
  }
}

async function measureServer(target: Target, seconds: number): Promise<Measured> {
  const ask = async (connections: number, query: string, input: object | null, expect: string) => {
    const body = JSON.stringify({ query, ...(input && { variables: { input } }) });
    const result = await load({ ...target, body, connections, expect }, seconds);
    await untilRecorded(target.port);
    return result;
  };
  const single = { deployment: 'mlp', rows: namedRows(1) };
  const columns = columnsOf(namedRows(ROWS));
  const callers1 = await ask(1, PREDICT, single, 'value');
  const empty = await ask(1, '{ __typename }', null, 'Query');
  const before = await readMetrics(target.port);
  const callers32 = await ask(CALLERS, PREDICT, single, 'value');
  const after = await readMetrics(target.port);
  const callers32Unrecorded = await ask(CALLERS, PREDICT, { ...single, deployment: 'mlp-unrecorded' }, 'value');
  const rows100 = await ask(CALLERS, PREDICT_COLUMNS, { deployment: 'mlp', columns }, 'probabilities');
  const last = await readMetrics(target.port);
  const unrecorded = { deployment: 'mlp-unrecorded', columns };
  const rows100Unrecorded = await ask(CALLERS, PREDICT_COLUMNS, unrecorded, 'probabilities');
  const rows100AsObjects = await ask(
    CALLERS,
    PREDICT,
    { ...unrecorded, columns: null, rows: namedRows(ROWS) },
    'value',
  );
  const mean = (name: string) => meanBetween(before, after, name);
  return {
    ...{ callers1, callers32, callers32Unrecorded, rows100, rows100Unrecorded, rows100AsObjects },
    details: {
      timeOfOneRequest: {
        totalMs: callers1.p50Ms,
        httpAndGraphqlMs: empty.p50Ms,
        rowsPredictionAndThreadMs: round(callers1.p50Ms - empty.p50Ms),
      },
      at32Callers: {
        cpuMsPerRequest: round(
          (1000 * (after.process_cpu_seconds_total - before.process_cpu_seconds_total)) /
            (after.praxis_predict_milliseconds_count - before.praxis_predict_milliseconds_count),
        ),
        predictMs: mean('praxis_predict_milliseconds'),
        queueWaitMs: mean('praxis_queue_wait_milliseconds'),
        batchRunMs: mean('praxis_batch_run_milliseconds'),
        batchRows: mean('praxis_batch_rows'),
      },
      recording: {
        recorded: last.praxis_predictions_recorded_total,
        notRecordedAsQueueFull: last['praxis_predictions_dropped_total{reason="full"}'] ?? 0,
      },
    },
  };
}

const round = (value: number): number => Number(value.toFixed(3));

type Metrics = Record<string, number>;

const meanBetween = (before: Metrics, after: Metrics, name: string): number =>
  round((after[`${name}_sum`] - before[`${name}_sum`]) / (after[`${name}_count`] - before[`${name}_count`]));

const columnsOf = (rows: Record<string, number>[]): Record<string, number[]> =>
  Object.fromEntries(Object.keys(rows[0]).map((name) => [name, rows.map((row) => row[name])]));

async function measurePeer(folder: string, python: string, seconds: number): Promise<Measured> {
  const model = join(folder, 'model.onnx');
  await writeFile(model, mlpModel());
  const { child, port } = await startPeer(python, model, 2);
  try {
    const target = { port, path: '/predict', headers: {}, expect: 'predictions' };
    const body = (rows: number) => JSON.stringify({ rows: namedRows(rows).map((row) => Object.values(row)) });
    return {
      callers1: await load({ ...target, body: body(1), connections: 1 }, seconds),
      callers32: await load({ ...target, body: body(1), connections: CALLERS }, seconds),
      rows100: await load({ ...target, body: body(ROWS), connections: CALLERS }, seconds),
    };
  } finally {
    await stop(child);
  }
}

async function load(about: Omit<Load, 'seconds' | 'warmUpSeconds'>, seconds: number): Promise<LoadResult> {
  const task: Load = { ...about, seconds, warmUpSeconds: Math.min(1.5, seconds / 2) };
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

async function readMetrics(port: number): Promise<Metrics> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}
