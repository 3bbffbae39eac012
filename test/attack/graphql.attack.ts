import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { prepare } from '../../bench/predict.server';
import { startPostgres } from '../../src/db';
import { createLog } from '../../src/kernel';
import { atMost, type Attack, type AttackOptions, type Check } from './attack';
import { Dice, hostileRequests, type HostileRequest } from './hostile-requests';
import type { Question, Reply } from './hostile.server';

const REQUESTS = 10_000;
const WARM_UP = 1_500;
const BODY_BYTES_MAX = 10 * 1024 * 1024;

const LIMITS = { healthMs: 250, memoryBytes: 100_000_000, refusalBytes: 64_000, medianMs: 50 };

/** 10,000 hostile documents and bodies, half of them without a key, one after another, against one process. */
export const attack: Attack = async (options) => {
  const folder = await mkdtemp(join(tmpdir(), 'praxis-attack-'));
  // The database's own user walks through it.
  await chmod(folder, 0o711);
  const postgres = await startPostgres({ dataDir: folder, log: createLog('silent') });
  try {
    const key = await prepare(folder, postgres.url);
    const server = await AttackedServer.start(folder, postgres.url);
    const health = new HealthWatch(server.address);
    const found = await assault(server, key, options);
    const longestMs = await health.stop();
    await server.stop();
    return checksOf(found, longestMs);
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

/** The process under attack. */
class AttackedServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly address: string,
  ) {}

  static async start(folder: string, databaseUrl: string): Promise<AttackedServer> {
    const execArgv = ['--expose-gc', '-r', resolve(__dirname, '../../register.cjs')];
    const child = fork(join(__dirname, 'hostile.server.ts'), [folder, databaseUrl], { execArgv });
    const [reply] = (await once(child, 'message')) as [Reply];
    return new AttackedServer(child, (reply as { address: string }).address.replace('localhost', '127.0.0.1'));
  }

  async ask(question: Question): Promise<number> {
    const reply = once(this.child, 'message');
    this.child.send(question);
    const [{ value }] = (await reply) as [{ value: number }];
    return value;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    await this.ask('stop');
    await ended;
  }
}

/** Asks /healthz every 20 ms from a thread of its own, as this one is busy making requests; keeps the longest wait. */
class HealthWatch {
  private readonly worker: Worker;

  constructor(address: string) {
    this.worker = new Worker(WATCH, { eval: true, workerData: `${address}/healthz` });
  }

  async stop(): Promise<number> {
    this.worker.postMessage('stop');
    const [longestMs] = (await once(this.worker, 'message')) as [number];
    await this.worker.terminate();
    return longestMs;
  }
}

const WATCH = `
const { parentPort, workerData } = require('node:worker_threads');
const http = require('node:http');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let longest = 0, stopped = false;
parentPort.on('message', () => { stopped = true; });
const ask = () => {
  const start = performance.now();
  const next = () => {
    longest = Math.max(longest, performance.now() - start);
    if (stopped) parentPort.postMessage(longest); else setTimeout(ask, 20);
  };
  http.get(workerData, { agent }, (answer) => answer.resume().on('end', next)).on('error', () => { longest = Infinity; next(); });
};
ask();`;

interface Answer {
  status: number;
  text: string;
}

interface Outcome {
  kind: string;
  ms: number;
  bytes: number;
  isRefused: boolean;
}

interface Found {
  outcomes: Outcome[];
  /** Kinds of requests that ended as INTERNAL, and of those that got no answer. */
  internal: string[];
  unanswered: string[];
  memoryGrowthBytes: number;
}

async function assault(server: AttackedServer, key: string, { seed, log }: AttackOptions): Promise<Found> {
  const found: Found = { outcomes: [], internal: [], unanswered: [], memoryGrowthBytes: 0 };
  let before = 0;
  let sent = 0;
  for (const request of requestsOf(new Dice(seed), key)) {
    if (sent === WARM_UP) before = await server.ask('memory');
    if (++sent % 500 === 0) log(`${sent} of ${REQUESTS}`);
    const startMs = await server.ask('cost');
    const answer = await send(server.address, request).catch(() => null);
    const ms = (await server.ask('cost')) - startMs;
    if (!answer) found.unanswered.push(request.kind);
    else note(found, request, answer, ms);
  }
  found.memoryGrowthBytes = (await server.ask('memory')) - before;
  tell(found, log);
  return found;
}

/** With a key and without, in turns. */
function* requestsOf(dice: Dice, key: string): Generator<HostileRequest> {
  const o = { count: REQUESTS / 2, bytesMax: BODY_BYTES_MAX };
  const withKey = hostileRequests(dice, { ...o, key });
  for (const request of hostileRequests(dice, { ...o, key: null })) {
    yield request;
    yield withKey.next().value as HostileRequest;
  }
}

function note(found: Found, { kind, headers }: HostileRequest, { status, text }: Answer, ms: number): void {
  const isRefused = status >= 400 || text.includes('"errors":[');
  const who = headers.authorization ? 'key' : 'no key';
  found.outcomes.push({ kind: `${kind}, ${who}`, ms, bytes: Buffer.byteLength(text), isRefused });
  if (text.includes('"INTERNAL"') || status === 500) found.internal.push(`${kind}, ${who}`);
}

const agent = new Agent({ keepAlive: true });

function send(address: string, { method, url, headers, body }: HostileRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = httpRequest(
      `${address}${url}`,
      { method, agent, headers: { ...headers, ...length } },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }));
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body ?? undefined);
  });
}

function tell({ outcomes, internal, unanswered }: Found, log: (line: string) => void): void {
  const worst = [...outcomes].sort((a, b) => b.ms - a.ms).slice(0, 15);
  for (const { kind, ms, bytes, isRefused } of worst) {
    log(`${ms.toFixed(0)} ms: ${kind} (${isRefused ? 'refused' : 'answered'}, ${bytes} bytes)`);
  }
  for (const kind of new Set(internal)) log(`INTERNAL: ${kind}`);
  for (const kind of new Set(unanswered)) log(`no answer: ${kind}`);
}

function checksOf({ outcomes, internal, unanswered, memoryGrowthBytes }: Found, healthMs: number): Check[] {
  const refused = outcomes.filter(({ isRefused }) => isRefused);
  const times = refused.map(({ ms }) => ms).sort((a, b) => a - b);
  return [
    atMost('longest wait of /healthz', healthMs, LIMITS.healthMs, 'ms'),
    atMost('growth of memory', memoryGrowthBytes / 1e6, LIMITS.memoryBytes / 1e6, 'MB'),
    atMost('largest refusal', Math.max(...refused.map(({ bytes }) => bytes)), LIMITS.refusalBytes, 'bytes'),
    atMost('requests that ended as INTERNAL', internal.length, 0, 'requests'),
    atMost('requests without an answer', unanswered.length, 0, 'requests'),
    atMost('process time of a refused request, median', times[Math.floor(times.length / 2)], LIMITS.medianMs, 'ms'),
  ];
}
