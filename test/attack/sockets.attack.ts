/**
 * Sockets: keys that end while their client ignores the close, more subscriptions than a key may have, readers that do not
 * read, garbage, and connections that show no key. The server is a process of its own with two API processes.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, startServer, stop } from '../../bench/predict.server';
import { ApiKey, ApiKeyService, Authenticator } from '../../src/access';
import { Database, startPostgres } from '../../src/db';
import { createLog, parseGlobalId, type TenantContext } from '../../src/kernel';
import { OnboardingService, Plan, Tenant } from '../../src/tenants';
import { RawSocket } from '../api/raw-socket';
import { atMost, type Attack, type AttackOptions, type Check } from './attack';
import { garbage, random } from './garbage';

const EVENTS = 'subscription ($id: ID!) { datasetEvents(datasetId: $id) { sequence at } }';
const CREATE = 'mutation ($name: String!) { createDataset(input: { name: $name, format: CSV }) { dataset { id } } }';
const LOG = createLog('warn');
/** What a key may still do after its end: the word has to travel between processes. */
const GRACE_MS = 100;

interface Target {
  port: number;
  url: string;
  key: string;
  caller: TenantContext;
  database: Database;
  keys: ApiKeyService;
}

export const attack: Attack = async (options) => {
  const folder = await mkdtemp(join(tmpdir(), 'praxis-attack-'));
  await chmod(folder, 0o711);
  const postgres = await startPostgres({ dataDir: folder, log: LOG });
  try {
    let caller!: TenantContext;
    const key = await prepare(folder, postgres.url, async (_app, _store, context) => void (caller = context));
    const { child, port } = await startServer(folder, postgres.url, { PRAXIS_API_PROCESSES: '2' });
    const database = await Database.open({ url: postgres.url, poolSize: 4, log: LOG, entities: [ApiKey, Tenant] });
    const keys = new ApiKeyService(database, new Authenticator(database));
    try {
      const target = { port, url: `http://127.0.0.1:${port}`, key, caller, database, keys };
      const checks: Check[] = [];
      for (const step of [endedKeys, manySubscriptions, slowReaders, noise])
        checks.push(...(await step(target, options)));
      return checks;
    } finally {
      await database.close();
      await stop(child);
    }
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

/** Keys that are revoked over HTTP, or expire, under a client that subscribes, acts and ignores the close. */
async function endedKeys(target: Target, { log }: AttackOptions): Promise<Check[]> {
  let [lateActs, lateEvents] = [0, 0];
  const rounds = 12;
  for (let round = 0; round < rounds; round++) {
    const expires = round % 3 === 2;
    const late = await endOneKey(target, { round, expires });
    log(`key ${round} ${expires ? 'expired' : 'was revoked'}: ${late.acts} acts, ${late.events} events after it`);
    lateActs += late.acts;
    lateEvents += late.events;
  }
  return [
    atMost('acts later than 100 ms after the end of a key', lateActs, 0, 'acts'),
    atMost('events later than 100 ms after the end of a key', lateEvents, 0, 'events'),
  ];
}

async function endOneKey(target: Target, { round, expires }: { round: number; expires: boolean }) {
  const { database, caller, keys, url } = target;
  const expiresAt = expires ? new Date(Date.now() + 2_000) : undefined;
  const issued = await keys.create(caller, { name: 'ending', role: 'DEVELOPER', expiresAt });
  const dataset = await createDataset(target, `stream ${round}`);
  const socket = await RawSocket.open(url, issued.secret);
  socket.ignoreClose();
  socket.subscribe('events', EVENTS, { id: dataset });
  let going = true;
  const acting = (async () => {
    for (let n = 0; going; n++) {
      socket.subscribe(`act ${n}`, CREATE, { name: `act ${round} ${n}` });
      await append(target, dataset, 1);
      await pause(5);
    }
  })();
  await pause(500);
  const ended = expires ? expiresAt!.getTime() : await revoke(target, issued.id);
  await pause(ended - Date.now() + 2_500);
  going = false;
  await acting;
  const since = new Date(ended + GRACE_MS);
  const count = 'SELECT count(*)::int AS count FROM datasets WHERE name LIKE $1 AND created_at > $2';
  const [acts] = await database.inTenant(caller, (tx) => tx.query<{ count: number }>(count, [`act ${round} %`, since]));
  const events = socket.of('events').filter(({ payload }) => new Date(payload?.data?.datasetEvents?.at) > since);
  await socket.end();
  return { acts: acts.count, events: events.length };
}

/** When the mutation has answered. */
async function revoke(target: Target, id: string): Promise<number> {
  await ask(target, 'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }', { id });
  return Date.now();
}

/** Far more subscriptions of one key than it may have, while another tenant asks. */
async function manySubscriptions(target: Target, { log }: AttackOptions): Promise<Check[]> {
  const stranger = await otherTenant(target);
  const dataset = await createDataset(target, 'crowd');
  const waits = watch(() => ask(target, '{ me { role } datasets(first: 5) { edges { node { id } } } }', {}, stranger));
  const sockets = await Promise.all(Array.from({ length: 60 }, () => RawSocket.open(target.url, target.key)));
  for (const socket of sockets) for (let n = 0; n < 100; n++) socket.subscribe(`${n}`, EVENTS, { id: dataset });
  await Promise.all(
    sockets.map((socket) =>
      socket.until(() => socket.closed !== null || new Set(socket.messages.map(({ id }) => id)).size > 100),
    ),
  );
  for (let n = 0; n < 60; n++) {
    await append(target, dataset, 1);
    await pause(33);
  }
  const opened = sockets.flatMap(({ messages }) =>
    messages.filter(({ payload }) => payload?.data?.datasetEvents.sequence === 1),
  );
  log(`${opened.length} of 6000 subscriptions were opened`);
  const times = await waits();
  await Promise.all(sockets.map((socket) => socket.end()));
  return [
    atMost('subscriptions of one key, in two processes', opened.length, 4_000, 'subscriptions'),
    atMost("another tenant's query meanwhile, p95", quantile(times, 0.95), 250, 'ms'),
    atMost('until the subscriptions of sockets that are gone have ended', await untilNone(target), 2_000, 'ms'),
  ];
}

/** How long there are subscriptions, in milliseconds. */
async function untilNone(target: Target): Promise<number> {
  const startMs = performance.now();
  const elapsedMs = () => performance.now() - startMs;
  while ((await metric(target, 'praxis_subscriptions')) > 0 && elapsedMs() < 30_000) await pause(50);
  return elapsedMs();
}

/** Sockets that never read what they have subscribed to. */
async function slowReaders(target: Target, { log }: AttackOptions): Promise<Check[]> {
  const dataset = await createDataset(target, 'torrent');
  const memory = () => metric(target, 'process_resident_memory_bytes');
  // One that is full when it has not answered a ping is as slow as one that took nothing for long.
  const cuts = () => metric(target, 'praxis_connections_cut_total{reason="slow"}');
  const before = await memory();
  const sockets = await Promise.all(Array.from({ length: 10 }, () => RawSocket.open(target.url, target.key)));
  for (const socket of sockets) {
    for (let n = 0; n < 100; n++) socket.subscribe(`${n}`, EVENTS, { id: dataset });
    socket.socket.pause();
  }
  let most = 0;
  let cut = 0;
  for (let n = 0; n < 600 && cut < 10; n++) {
    await append(target, dataset, 500);
    await pause(100);
    most = Math.max(most, await memory());
    cut = await cuts();
  }
  log(
    `${cut} of 10 readers that do not read were cut, ${await metric(target, 'praxis_subscriptions')} subscriptions left`,
  );
  await Promise.all(sockets.map((socket) => socket.end()));
  return [
    atMost('memory that readers who do not read take', (most - before) / 1e6, 200, 'MB'),
    atMost('readers who do not read and are not cut', 10 - cut, 0, 'sockets'),
  ];
}

/** Frames that make no sense, connections that say nothing, while somebody works. */
async function noise(target: Target, { seed }: AttackOptions): Promise<Check[]> {
  const next = random(seed);
  const health = watch(() => fetch(`${target.url}/healthz`).then((answer) => answer.text()));
  const silent = Array.from({ length: 1_500 }, () => RawSocket.open(target.url));
  for (let n = 0; n < 300; n++) {
    const socket = await RawSocket.open(target.url, next() < 0.5 ? target.key : undefined);
    for (let i = 0; i < 20; i++) socket.send(garbage(next));
    raw(target.port, randomBytes(1 + Math.floor(next() * 2_000)));
  }
  const startMs = performance.now();
  const honest = await RawSocket.open(target.url, target.key);
  honest.subscribe('me', '{ me { role } }');
  await honest.until(() => honest.of('me').length === 2 || honest.closed !== null);
  const honestMs = honest.closed ? Infinity : performance.now() - startMs;
  await honest.end();
  for (const socket of silent) await (await socket).end();
  return [
    atMost('an honest client among half-open and garbled ones', honestMs, 2_000, 'ms'),
    atMost('/healthz meanwhile, p95', quantile(await health(), 0.95), 250, 'ms'),
  ];
}

/** Bytes after an upgrade that are no frames. */
function raw(port: number, bytes: Buffer): void {
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(
      'GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
    );
    socket.write(bytes);
    setTimeout(() => socket.destroy(), 200);
  });
  socket.on('error', () => undefined);
}

async function otherTenant({ database }: Target): Promise<string> {
  const onboarding = new OnboardingService(database);
  const input = { name: 'Stranger', slug: `stranger-${Date.now()}`, adminEmail: 's@example.org', plan: Plan.TRIAL };
  const { apiKey } = await onboarding.onboard({ role: 'OPERATOR', apiKeyId: null, requestId: 'attack' }, input);
  return apiKey.secret;
}

async function createDataset(target: Target, name: string): Promise<string> {
  return (await ask(target, CREATE, { name })).data.createDataset.dataset.id;
}

function append({ database, caller }: Target, dataset: string, count: number): Promise<number> {
  const event = { kind: 'progress', payload: { phase: 'LOADING', fraction: 0.5 } };
  const events = Array.from({ length: count }, () => event);
  return database.inTenant(caller, (tx) => tx.appendEvents(parseGlobalId(dataset)!.uuid, events));
}

async function ask({ url, key }: Target, query: string, variables: object, as = key): Promise<any> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${as}` };
  const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return answer.json();
}

/** Summed over the processes that tell of themselves. */
async function metric({ url }: Target, name: string): Promise<number> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
  const told = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{process=`));
  return told.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** How long each call took, until it is asked for them. */
function watch(call: () => Promise<unknown>): () => Promise<number[]> {
  const times: number[] = [];
  let going = true;
  const work = (async () => {
    while (going) {
      const startMs = performance.now();
      await call();
      times.push(performance.now() - startMs);
      await pause(30);
    }
  })();
  return async () => {
    going = false;
    await work;
    return times;
  };
}

const quantile = (values: number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] ?? NaN;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
