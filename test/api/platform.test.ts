import { request as httpRequest } from 'node:http';
import { LIMITS, createSchema, containerOf } from '../../src/graphql';
import { Query, Resolver } from 'type-graphql';
import { collect, startPlatform } from './platform.fixture';
import type { Refused } from '../support/operation';

const platform = startPlatform();
let owner: string;
beforeAll(async () => {
  owner = await platform.createKey('OWNER', (await platform.createTenant()).tenantId);
});

const MOMENTS = '{ first: run(end: "moment") second: run(end: "moment") }';

/** PostgreSQL's clock stands still within a transaction. */
function expectOneMoment(data: { first: string; second: string }): string {
  expect(data.first).toMatch(/^\d{4}-/);
  expect(data.second).toBe(data.first);
  return data.first;
}

describe('HTTP', () => {
  it('is alive and ready, and tells how it does without naming tenants', async () => {
    expect((await fetch(`${platform.url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${platform.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', database: 'ok', workProcesses: 0 }]);
    await platform.ask('{ me { role } }', { key: owner });
    const metrics = await (await fetch(`${platform.url}/metrics`)).text();
    expect(metrics).toMatch(/praxis_graphql_operations_total\{type="query",field="me",outcome="ok"\} \d/);
    expect(metrics).toMatch(
      /praxis_http_request_duration_seconds_count\{method="POST",route="\/graphql",status="200"\}/,
    );
    expect(metrics).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  });

  it('echoes a harmless request id and replaces others', async () => {
    const good = await platform.ask('{ me { role } }', { headers: { 'x-request-id': 'job-42.a' } });
    expect(good.headers.get('x-request-id')).toBe('job-42.a');
    expect(good.errors?.[0].extensions.requestId).toBe('job-42.a');
    const bad = await platform.ask('{ me { role } }', { key: owner, headers: { 'x-request-id': 'a b{}<script>' } });
    expect(bad.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('serves GraphiQL and every file it needs itself', async () => {
    const page = await fetch(`${platform.url}/graphiql`);
    const html = await page.text();
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const named = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
    const files = [...new Set(named)].filter((file) => file !== '/');
    expect(files).toHaveLength(7);
    const script = await (await fetch(`${platform.url}/graphiql/page.js`)).text();
    const client = /from '([^']+)'/.exec(script)![1];
    const clientText = await (await fetch(platform.url + client)).text();
    const common = new URL(/from '([^']+)'/.exec(clientText)![1], platform.url + client).pathname;
    for (const file of [...files, common]) {
      const answer = await fetch(platform.url + file);
      expect([file, answer.status]).toEqual([file, 200]);
      expect(answer.headers.get('content-type')).toMatch(/javascript|css|svg/);
      await answer.arrayBuffer();
    }
    expect((await fetch(`${platform.url}/graphiql/graphql-ws/..%2fpackage.json`)).status).toBe(404);
    for (const link of ['', '?query=%7B%20me%20%7B%20role%20%7D%20%7D']) {
      const asPage = await fetch(`${platform.url}/graphql${link}`, {
        headers: { accept: 'text/html' },
        redirect: 'manual',
      });
      expect(asPage.headers.get('location')).toBe(`/graphiql${link}`);
    }
  });

  it('answers introspection without a key', async () => {
    const { data } = await platform.ask('{ __schema { queryType { fields { name } } } }');
    expect(data.__schema.queryType.fields.map((field: { name: string }) => field.name)).toContain('me');
  });

  it('answers queries over GET, and refuses forms and mutations there', async () => {
    const url = `${platform.url}/graphql?query=${encodeURIComponent('{ me { role } }')}`;
    const headers = { authorization: `Bearer ${owner}`, 'apollo-require-preflight': '1' };
    expect(await (await fetch(url, { headers })).json()).toEqual({ data: { me: { role: 'OWNER' } } });
    const forged = await fetch(url);
    const body = (await forged.json()) as any;
    expect([forged.status, body.errors[0].extensions.code]).toEqual([400, 'VALIDATION_FAILED']);
    expect(body.errors[0].extensions.requestId).toBe(forged.headers.get('x-request-id'));
    const mutation = `${platform.url}/graphql?query=${encodeURIComponent('mutation { revokeApiKey(input: { id: "x" }) { apiKey { id } } }')}`;
    expect((await fetch(mutation, { headers })).status).toBe(405);
    const form = await platform.post('query=%7Bme%7D', { 'content-type': 'application/x-www-form-urlencoded' });
    expect([form.status, form.errors![0].extensions.code]).toEqual([400, 'VALIDATION_FAILED']);
  });

  it('reads all fields of a query out of one snapshot, those of the next in a batch out of another', async () => {
    const headers = { authorization: `Bearer ${owner}` };
    const { text } = await platform.post(JSON.stringify([{ query: MOMENTS }, { query: MOMENTS }]), headers);
    const [first, second] = JSON.parse(text).map(({ data }: any) => expectOneMoment(data));
    expect(first).not.toBe(second);
  });

  it('keeps automatic persisted queries and bounded batches', async () => {
    const { createHash } = await import('node:crypto');
    const query = '{ me { role } }';
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const headers = { authorization: `Bearer ${owner}` };
    const unknown = await platform.post(JSON.stringify({ extensions }), headers);
    expect(unknown.errors![0]).toMatchObject({ message: 'PersistedQueryNotFound', extensions: { code: 'NOT_FOUND' } });
    await platform.post(JSON.stringify({ query, extensions }), headers);
    expect((await platform.post(JSON.stringify({ extensions }), headers)).data).toEqual({ me: { role: 'OWNER' } });
    const batch = await platform.post(JSON.stringify([{ query }, { query: '{ tenant { slug } }' }]), headers);
    expect(JSON.parse(batch.text)).toHaveLength(2);
    const long = await platform.post(JSON.stringify(Array(LIMITS.batch + 1).fill({ query })), headers);
    expect(long.errors![0].extensions.code).toBe('QUERY_TOO_COMPLEX');
  });

  it('has no page at an unknown address', async () => {
    const answer = await fetch(`${platform.url}/nothing`);
    expect([answer.status, ((await answer.json()) as Refused).errors[0].extensions.code]).toEqual([404, 'NOT_FOUND']);
  });
});

describe('WebSocket', () => {
  const query = 'subscription ($end: String!) { runEvents(end: $end) }';

  it('pushes what a subscription yields', async () => {
    const { values, errors } = await collect(platform.connect(owner), query, { end: 'ok' });
    expect(errors).toBeNull();
    expect(values.map((value) => value.data.runEvents)).toEqual([1, 2, 3]);
  });

  it('answers queries too, each out of one snapshot', async () => {
    const moments = await collect(platform.connect(owner), MOMENTS);
    expectOneMoment(moments.values[0].data);
    const { values } = await collect(platform.connect(owner), '{ me { role tenant { name } } }');
    expect(values[0].data.me).toEqual({ role: 'OWNER', tenant: { name: 'Tenant' } });
  });

  it.each([
    ['bug', 'INTERNAL'],
    ['refuse', 'CONFLICT'],
  ])('ends a stream that fails (%s) with %s and no internals', async (end, code) => {
    const { values, errors } = await collect(platform.connect(owner), query, { end });
    expect(values).toHaveLength(3);
    expect(errors[0].extensions).toMatchObject({ code, requestId: expect.any(String) });
    expect(JSON.stringify(errors)).not.toMatch(/secret|stack|node_modules/);
  });

  it.each([
    ['{ nothing }', 'VALIDATION_FAILED'],
    ['{ me {', 'VALIDATION_FAILED'],
    [`{ ${Array.from({ length: 40 }, (_, i) => `a${i}: me { role }`).join(' ')} }`, 'QUERY_TOO_COMPLEX'],
    ['query A { me { role } } query B { me { role } }', 'VALIDATION_FAILED'],
    ['{ tenants { edges { cursor } } }', 'FORBIDDEN'],
  ])('refuses %.40s as HTTP does', async (text, code) => {
    const { values, errors } = await collect(platform.connect(owner), text);
    expect((errors ?? values[0].errors)[0].extensions).toMatchObject({ code, requestId: expect.any(String) });
  });

  it.each([
    [undefined, /^UNAUTHENTICATED: Send connectionParams/],
    ['prx_00000000_' + 'A'.repeat(43), /^UNAUTHENTICATED: This api key is not known/],
  ])('is closed with 4401 without a working key', async (key, reason) => {
    const { errors } = await collect(platform.connect(key), query, { end: 'ok' });
    expect([errors.code, errors.reason]).toEqual([4401, expect.stringMatching(reason)]);
  });

  it('is closed within seconds after its key is revoked', async () => {
    const tenant = await platform.createTenant();
    const admin = await platform.createKey('ADMIN', tenant.tenantId);
    const viewer = await platform.createKey('VIEWER', tenant.tenantId);
    const stream = collect(platform.connect(viewer), query, { end: 'forever' });
    const { data } = await platform.ask('{ apiKeys { edges { node { id role } } } }', { key: admin });
    const { id } = data.apiKeys.edges.find((edge: any) => edge.node.role === 'VIEWER').node;
    const revoke = 'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { revokedAt } } }';
    expect((await platform.ask(revoke, { key: admin, variables: { id } })).errors).toBeUndefined();
    expect((await stream).errors.code).toBe(4401);
    expect((await platform.ask('{ me { role } }', { key: viewer })).status).toBe(401);
  });
});

describe('schema', () => {
  it('does not build with a root field that the permission table does not know', () => {
    @Resolver()
    class StrayResolver {
      @Query(() => String, { description: 'Forgotten.' })
      stray(): string {
        return '';
      }
    }
    expect(() => createSchema([StrayResolver], containerOf([new StrayResolver()]))).toThrow(
      /Query\.stray.*permissions/,
    );
  });
});

describe('drain', () => {
  const fresh = startPlatform();

  it('lets a request in flight finish, closes sockets with 1001 and takes nothing new', async () => {
    const key = await fresh.createKey('OWNER', (await fresh.createTenant()).tenantId);
    let release = () => {};
    fresh.probe.inFlight = new Promise((resolve) => (release = resolve));
    const slow = fresh.ask('{ run(end: "slow") }', { key });
    const stream = collect(fresh.connect(key), 'subscription { runEvents(end: "forever") }');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const closed = fresh.server.close();
    expect((await stream).errors.code).toBe(1001);
    release();
    expect((await slow).data).toEqual({ run: 'slow' });
    await closed;
    await expect(
      new Promise((resolve, reject) => httpRequest(fresh.url, resolve).on('error', reject).end()),
    ).rejects.toThrow();
  });
});
