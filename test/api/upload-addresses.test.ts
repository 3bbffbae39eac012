/** One PUT at a time to an address, for as long as the key that made it works. */
import { request } from 'node:http';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKey } from '../../src/access';
import { newId, type Role } from '../../src/kernel';
import { openTestApp, openTestDatabase, type TestApp } from '../support';

const database = openTestDatabase();
const servers: string[] = [];
let opened: TestApp;
let tenantId: string;

beforeAll(async () => {
  opened = await openTestApp(database);
  // Of another process, as far as the database can tell.
  const sibling = await openTestApp(database);
  servers.push(await opened.app.listen(), await sibling.app.listen());
  ({ tenantId } = await database.createTenant('Plant'));
});

async function keyOf(role: Role): Promise<{ id: string; secret: string }> {
  const { secret, prefix, hash } = generateKey();
  const id = newId();
  await database.ownerQuery(
    `INSERT INTO api_keys (id, tenant_id, name, role, prefix, secret_hash) VALUES ($1, $2, 'test', $3, $4, $5)`,
    [id, tenantId, role, prefix, hash],
  );
  return { id, secret };
}

const MUTATIONS: Record<string, string> = {
  dataset: 'mutation { made: createDataset(input: { name: "D", format: CSV }) { upload { url } } }',
  model: 'mutation { made: createPretrainedModel(input: { name: "M" }) { upload { url } } }',
};

async function addressOf(secret: string, kind = 'dataset'): Promise<string> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}` };
  const body = JSON.stringify({ query: MUTATIONS[kind] });
  const { data } = (await (await fetch(`${servers[0]}/graphql`, { method: 'POST', headers, body })).json()) as any;
  return data.made.upload.url;
}

/** A PUT that waits for its end. */
function slowPut(url: string): { end: () => Promise<{ status: number; code?: string }> } {
  const sending = request(url, { method: 'PUT' });
  const answer = new Promise<{ status: number; code?: string }>((resolve, reject) => {
    sending.on('error', reject);
    sending.on('response', async (response) => {
      const body = JSON.parse(Buffer.concat(await response.toArray()).toString());
      resolve({ status: response.statusCode!, code: body.error?.code });
    });
  });
  sending.write('a,b\n1,2\n');
  return { end: () => (sending.end('3,4\n'), answer) };
}

async function put(url: string): Promise<{ status: number; message?: string }> {
  const response = await fetch(url, { method: 'PUT', body: 'a,b\n1,2\n' });
  return { status: response.status, message: ((await response.json()) as any).error?.message };
}

const artifacts = async () => {
  const found = await readdir(join(opened.config.dataDir, 'artifacts'), { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).length;
};
const untilReceiving = async () => {
  const sql = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1`;
  while ((await database.ownerQuery(sql)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
};

test.each(['dataset', 'model'])(
  'a PUT while another is on its way to a %s is refused, in every process',
  async (kind) => {
    const url = await addressOf((await keyOf('DEVELOPER')).secret, kind);
    const first = slowPut(url);
    await untilReceiving();
    const before = await artifacts();
    const others = servers.map((server) => put(url.replace(servers[0], server)));
    for (const { status, message } of await Promise.all(others)) {
      expect([status, message]).toEqual([409, expect.stringMatching(/coming in at this address already/)]);
    }
    expect(await artifacts()).toBeLessThanOrEqual(before + 1);
    // What is no ZIP file is refused, and the address may be used again.
    expect((await first.end()).status).toBe(kind === 'dataset' ? 202 : 400);
    expect((await put(url)).status).toBe(kind === 'dataset' ? 409 : 400);
  },
);

test.each([
  ['revoked', 'revoked_at = now()'],
  ['expired', `expires_at = now() - interval '1 second'`],
  ['a VIEWER now', `role = 'VIEWER'`],
])('an address is void once its key is %s, for a PUT on its way too', async (_, change) => {
  const key = await keyOf('DEVELOPER');
  const [running, fresh, model] = [
    await addressOf(key.secret),
    await addressOf(key.secret),
    await addressOf(key.secret, 'model'),
  ];
  const before = await artifacts();
  const first = slowPut(running);
  await untilReceiving();
  await database.ownerQuery(`UPDATE api_keys SET ${change} WHERE id = $1`, [key.id]);
  expect(await first.end()).toEqual({ status: 410, code: 'NOT_FOUND' });
  for (const url of [running, fresh, model]) {
    expect(await put(url)).toEqual({ status: 410, message: expect.stringMatching(/is void: the api key/) });
  }
  expect(await artifacts()).toBe(before);
});
