import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { generateKey } from '../../src/access';
import { newId, type TenantContext } from '../../src/kernel';
import { SLOW_CARD, slowModel } from '../compute/serving-models';
import { openTestApp, openTestDatabase } from '../support';
import { SERVING_ENTITIES, ServingFixture } from './serving.fixture';

const PREDICT = `mutation ($deployment: String!, $columns: JSONObject!) {
  predict(input: { deployment: $deployment, columns: $columns }) { values } }`;

const database = openTestDatabase({ entities: SERVING_ENTITIES });
let url: string;
let key: string;
let tenant: TenantContext;

beforeAll(async () => {
  const { app, config } = await openTestApp(database);
  url = await app.listen();
  tenant = await database.createTenant('Impatient');
  const generated = generateKey();
  key = generated.secret;
  await database.ownerQuery(
    `INSERT INTO api_keys (id, tenant_id, name, role, prefix, secret_hash) VALUES ($1, $2, 'k', 'DEVELOPER', $3, $4)`,
    [newId(), tenant.tenantId, generated.prefix, generated.hash],
  );
  const serving = await ServingFixture.open(database, join(config.dataDir, 'artifacts'));
  const modelVersionId = await serving.addModel(tenant, slowModel(), SLOW_CARD);
  await serving.deployments.deploy(tenant, { name: 'busy', modelVersionId, recordFraction: 0 });
  await serving.deployments.deploy(tenant, { name: 'watched', modelVersionId });
});

const bodyOf = (deployment: string, rows: number): string =>
  JSON.stringify({
    query: PREDICT,
    variables: { deployment, columns: { x: Array.from({ length: rows }, (_, i) => i) } },
  });

async function predict(deployment: string, rows: number): Promise<number[]> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: bodyOf(deployment, rows) });
  const { data, errors } = (await response.json()) as any;
  if (errors) throw new Error(errors[0].message);
  return data.predict.values.map(Number);
}

/** Sends a request and leaves the connection open. */
function send(deployment: string, rows: number): Socket {
  const body = bodyOf(deployment, rows);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const head = ['POST /graphql HTTP/1.1', 'Host: x', `Authorization: Bearer ${key}`, 'Content-Type: application/json'];
  socket.write([...head, `Content-Length: ${body.length}`, '', body].join('\r\n'));
  return socket;
}

/** A WebSocket whose server has accepted the key. */
async function openSocket(): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws') + '/graphql', 'graphql-transport-ws');
  await new Promise((resolve) => socket.once('open', resolve));
  const accepted = new Promise((resolve) => socket.once('message', resolve));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }));
  await accepted;
  return socket;
}

async function metric(line: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
  return Number(found?.slice(line.length) ?? 0);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

const waiting = () => metric('praxis_queue_rows');
const left = () => metric('praxis_batch_refused_total{reason="left"}');
const predicted = () => metric('praxis_batch_rows_sum');

describe.each([
  [
    'HTTP',
    async (rows: number) => {
      const socket = send('watched', rows);
      return () => socket.destroy();
    },
  ],
  [
    'WebSocket',
    async (rows: number) => {
      const socket = await openSocket();
      const { query, variables } = JSON.parse(bodyOf('watched', rows));
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables } }));
      return () => socket.terminate();
    },
  ],
])('rows that wait behind others, over %s', (_, leaveWith) => {
  const BUSY = 10_000;

  test('are left out once their connection is cut, and nobody else notices', async () => {
    const [leftBefore, predictedBefore] = [await left(), await predicted()];
    const busy = predict('busy', BUSY);
    await until(async () => (await waiting()) > BUSY / 2);
    const leave = await leaveWith(7);
    const stays = predict('watched', 3);
    // Behind the others, whose number is a multiple of the batch.
    await until(async () => (await waiting()) % 2048 === (BUSY + 7 + 3) % 2048);
    leave();
    expect(await stays).toEqual([0, 1, 2]);
    expect((await busy).length).toBe(BUSY);
    expect((await left()) - leftBefore).toBe(1);
    expect((await predicted()) - predictedBefore).toBe(BUSY + 3);
    expect(await waiting()).toBe(0);
  });
});

test('what was not predicted is not recorded', async () => {
  const stored = () => database.ownerQuery<{ value: string }>('SELECT value FROM predictions ORDER BY value');
  await until(async () => (await stored()).length >= 6);
  expect((await stored()).map(({ value }) => Number(value))).toEqual([0, 0, 1, 1, 2, 2]);
});
