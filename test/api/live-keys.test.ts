/** Who may act over an open connection is asked again and again: a key that ended acts and hears no more. */
import { createClient } from 'graphql-sse';
import { EVENTS, LiveFixture, sequencesOf } from './live.fixture';
import type { Refused } from '../support/operation';

const live = LiveFixture.open();

const CREATE = 'mutation ($name: String!) { createDataset(input: { name: $name, format: CSV }) { dataset { id } } }';
const named = (name: string) => live.database.ownerQuery('SELECT FROM datasets WHERE name = $1', [name]);

async function following(secret: string, o: { url?: string } = {}) {
  const { id, uuid } = await live.dataset();
  const socket = await live.connect(secret, o);
  socket.subscribe('events', EVENTS, { id });
  await socket.until(() => socket.of('events').length === 1);
  return { socket, uuid };
}

test('after a revocation has answered nothing acts and nothing is told, though the client ignores the close', async () => {
  const key = await live.key();
  const { socket, uuid } = await following(key.secret);
  socket.ignoreClose();
  await live.revoke(key.id);
  const late = await live.append(uuid, 5);
  for (let i = 0; i < 50; i++) socket.subscribe(`act${i}`, CREATE, { name: 'after the end' });
  await socket.until(() => socket.closed !== null);
  expect(sequencesOf(socket.of('events')).every((sequence) => sequence < late - 4)).toBe(true);
  expect(await named('after the end')).toEqual([]);
});

test('a client that takes the close is told why', async () => {
  const key = await live.key();
  const { socket } = await following(key.secret);
  await live.revoke(key.id);
  await socket.until(() => socket.closed !== null);
  expect(socket.closed).toEqual({ code: 4401, reason: expect.stringMatching(/^UNAUTHENTICATED: .*revoked/) });
});

test('a key that expires ends at its time, in both directions', async () => {
  const key = await live.key('DEVELOPER', { expiresAt: new Date(Date.now() + 1_500) });
  const { socket, uuid } = await following(key.secret);
  socket.ignoreClose();
  await new Promise((resolve) => setTimeout(resolve, 1_510));
  const late = await live.append(uuid);
  socket.subscribe('act', CREATE, { name: 'expired' });
  await socket.until(() => socket.closed !== null);
  expect(sequencesOf(socket.of('events'))).not.toContain(late);
  expect(await named('expired')).toEqual([]);
});

test('another process cuts as well, also when it did not hear of the revocation', async () => {
  const other = await live.serve();
  const [heard, unheard] = [await live.key(), await live.key()];
  const first = await following(heard.secret, other);
  const second = await following(unheard.secret, other);
  await live.revoke(heard.id);
  await first.socket.until(() => first.socket.closed !== null);
  expect(first.socket.closed!.code).toBe(4401);
  expect(second.socket.closed).toBeNull();
  await live.database.ownerQuery('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [unheard.id]);
  await second.socket.until(() => second.socket.closed !== null);
  expect(second.socket.closed!.code).toBe(4401);
});

test('a key with another role needs another connection', async () => {
  const key = await live.key('ADMIN');
  const { socket } = await following(key.secret);
  await live.database.ownerQuery(`UPDATE api_keys SET role = 'PREDICTOR' WHERE id = $1`, [key.id]);
  await socket.until(() => socket.closed !== null);
  expect(socket.closed).toEqual({ code: 1012, reason: expect.stringMatching(/rights .* changed/) });
});

test('keys of other tenants go on while one of them changes', async () => {
  const stranger = await live.database.createTenant('Stranger');
  const { id, uuid } = await live.dataset(stranger);
  const socket = await live.connect((await live.key('VIEWER', { of: stranger })).secret);
  socket.subscribe('events', EVENTS, { id });
  for (let i = 0; i < 5; i++) {
    await live.revoke((await live.key()).id);
    await live.append(uuid, 1, stranger);
  }
  await socket.until(() => socket.of('events').length === 6);
  expect(socket.closed).toBeNull();
});

test('the key may be given in any case, as header names are', async () => {
  const { secret } = await live.key();
  for (const name of ['Authorization', 'AUTHORIZATION']) {
    const socket = await live.connect(secret, { name });
    expect(socket.messages).toEqual([{ type: 'connection_ack' }]);
  }
});

describe('server-sent events', () => {
  const client = (secret: string) =>
    createClient({
      url: `${live.url}/graphql`,
      singleConnection: false,
      headers: { authorization: `Bearer ${secret}` },
      retryAttempts: 0,
    });

  test('a subscription over POST resumes and goes on', async () => {
    const { id, uuid } = await live.dataset();
    await live.append(uuid, 4);
    const events = client((await live.key()).secret).iterate({ query: EVENTS, variables: { id, after: 3 } });
    const next = async () => ((await events.next()).value as any).data.datasetEvents.sequence;
    expect([await next(), await next()]).toEqual([4, 5]);
    await live.append(uuid);
    expect(await next()).toBe(6);
    await events.return!();
  });

  test('and over GET, until its key is revoked', async () => {
    const { id, uuid } = await live.dataset();
    const key = await live.key();
    const search = new URLSearchParams({ query: EVENTS, variables: JSON.stringify({ id }) });
    const response = await fetch(`${live.url}/graphql?${search}`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${key.secret}` },
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const reading = response.text();
    await live.append(uuid);
    await live.revoke(key.id);
    await live.append(uuid, 10);
    const text = await reading;
    expect(text).toMatch(/event: next\ndata: \{"data":\{"datasetEvents":\{"sequence":1\}\}\}\n\n/);
    expect(text).toMatch(/UNAUTHENTICATED[^\n]*\n\nevent: complete\ndata:\n\n$/);
    expect(text).not.toMatch(/"sequence":(3|4|5)/);
  });

  test('queries are answered too; mutations by GET, faults and strangers are refused', async () => {
    const { secret } = await live.key();
    const results: unknown[] = [];
    for await (const result of client(secret).iterate({ query: '{ me { role } }' })) results.push(result);
    expect(results).toEqual([{ data: { me: { role: 'DEVELOPER' } } }]);
    const headers = { accept: 'text/event-stream', authorization: `Bearer ${secret}` };
    const by = (query: string) => fetch(`${live.url}/graphql?${new URLSearchParams({ query })}`, { headers });
    const forged = await by('mutation { revokeApiKey(input: { id: "x" }) { apiKey { id } } }');
    expect([forged.status, await forged.text()]).toEqual([400, expect.stringMatching(/VALIDATION_FAILED.*POST/)]);
    const fault = await by('{ nothing }');
    expect([fault.status, await fault.text()]).toEqual([400, expect.stringMatching(/VALIDATION_FAILED/)]);
    const stranger = await fetch(`${live.url}/graphql?query={me{role}}`, {
      headers: { ...headers, authorization: 'Bearer x' },
    });
    expect(stranger.status).toBe(401);
    const open = await fetch(`${live.url}/graphql?${new URLSearchParams({ query: EVENTS, variables: '{"id":"x"}' })}`, {
      headers: { accept: 'text/event-stream' },
    });
    expect(await open.text()).toMatch(/UNAUTHENTICATED/);
  });

  test('without asking for events, a subscription is refused and told where it is served', async () => {
    const { secret } = await live.key();
    const response = await live.ask('subscription { datasetEvents(datasetId: "x") { sequence } }', secret);
    const { errors } = (await response.json()) as Refused;
    expect(errors[0].extensions).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ hint: expect.stringMatching(/WebSocket.*text\/event-stream/) }],
    });
  });
});
