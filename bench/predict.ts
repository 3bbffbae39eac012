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

const PREDICT = `mutation ($input: PredictInput!) { predict(input: $input) {
  predictions { id value scores { label probability } } modelVersion { id } latencyMs } }`;

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
      callers1: own.callers1.requestsPerSecond / peer.callers1.requestsPerSecond,
      callers32: own.callers32.requestsPerSecond / peer.callers32.requestsPerSecond,
      rows100: own.rows100.requestsPerSecond / peer.rows100.requestsPerSecond,
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
  rows100Unrecorded?: LoadResult;
  timeOfOneRequest?: Record<string, number>;
  server?: Record<string, number>;
}

function summary({ callers1, callers32, rows100, rows100Unrecorded, ...rest }: Measured) {
  return {
    requestsPerSecond: { callers1: callers1.requestsPerSecond, callers32: callers32.requestsPerSecond },
    rowsPerSecond: {
      rows100: ROWS * rows100.requestsPerSecond,
      ...(rows100Unrecorded && { rows100Unrecorded: ROWS * rows100Unrecorded.requestsPerSecond }),
    },
    p95Ms: { callers1: callers1.p95Ms, callers32: callers32.p95Ms, rows100: rows100.p95Ms },
    failed: callers1.failed + callers32.failed + rows100.failed + (rows100Unrecorded?.failed ?? 0),
    ...rest,
  };
}

async function measureOwn(folder: string, seconds: number): Promise<Measured> {
  const log = createLog('warn');
  const postgres = await startPostgres({ dataDir: folder, log });
  try {
    const key = await prepare(folder, postgres.url);
    const server = await startServer(folder, postgres.url);
    try {
      const target = {
        port: server.port,
        path: '/graphql',
        headers: { authorization: `Bearer ${key}` },
        expect: '"value"',
      };
      return await measureServer(target, seconds);
    } finally {
      await stop(server.child);
    }
  } finally {
    await postgres.stop();
  }
}

async function measureServer(target: Target, seconds: number): Promise<Measured> {
  const body = (rows: number, deployment = 'mlp') =>
    JSON.stringify({ query: PREDICT, variables: { input: { deployment, rows: namedRows(rows) } } });
  const floor = { ...target, body: JSON.stringify({ query: '{ __typename }' }), expect: 'Query' };
  const callers1 = await load({ ...target, body: body(1), connections: 1 }, seconds);
  const empty = await load({ ...floor, connections: 1 }, seconds / 2);
  const before = await readMetrics(target.port);
  const callers32 = await load({ ...target, body: body(1), connections: CALLERS }, seconds);
  const after = await readMetrics(target.port);
  const mean = (name: string) =>
    (after[`${name}_sum`] - before[`${name}_sum`]) / (after[`${name}_count`] - before[`${name}_count`]);
  const rows100 = await load({ ...target, body: body(ROWS), connections: CALLERS }, seconds);
  const rows100Unrecorded = await load(
    { ...target, body: body(ROWS, 'mlp-unrecorded'), connections: CALLERS },
    seconds,
  );
  const last = await readMetrics(target.port);
  return {
    ...{ callers1, callers32, rows100, rows100Unrecorded },
    timeOfOneRequest: {
      totalMs: callers1.p50Ms,
      httpAndGraphqlMs: empty.p50Ms,
      rowsPredictionsAndThreadMs: callers1.p50Ms - empty.p50Ms,
    },
    server: {
      batchRowsMeanAt32: mean('praxis_batch_rows'),
      batchRunMsMeanAt32: mean('praxis_batch_run_milliseconds'),
      queueWaitMsMeanAt32: mean('praxis_queue_wait_milliseconds'),
      predictMsMeanAt32: mean('praxis_predict_milliseconds'),
      recorded: last.praxis_predictions_recorded_total,
      notRecordedAsQueueFull: last['praxis_predictions_dropped_total{reason="full"}'] ?? 0,
    },
  };
}

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

async function readMetrics(port: number): Promise<Record<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}
