/** The short form of `attack sockets`; what happens to keys, limits and slow readers is in test/api/live-*.test.ts. */
import { LIMITS } from '../../src/graphql';
import { EVENTS, LiveFixture } from '../api/live.fixture';
import { garbage, random } from './garbage';

const live = LiveFixture.open();

test('garbage ends its own socket at most, and leaves nothing open', async () => {
  const next = random(7);
  const { secret } = await live.key();
  const honest = await live.connect(secret);
  for (let n = 0; n < 40; n++) {
    const socket = await live.connect(next() < 0.5 ? secret : undefined);
    for (let i = 0; i < 20; i++) socket.send(garbage(next));
    await socket.end();
  }
  honest.subscribe('me', '{ me { role } }');
  await honest.until(() => honest.of('me').length === 2);
  expect(honest.of('me')[0].payload).toEqual({ data: { me: { role: 'DEVELOPER' } } });
  expect(honest.closed).toBeNull();
  const text = await (await fetch(`${live.url}/metrics`)).text();
  expect(text).toMatch(/^praxis_websocket_connections 1$/m);
  expect(text).toMatch(/^praxis_subscriptions 0$/m);
});

test('a message that unfolds to more than its bytes say is refused before it is parsed', async () => {
  const nested = `{"type":"subscribe","id":"a","payload":{"query":"{ me { role } }","variables":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`;
  const socket = await live.connect((await live.key()).secret);
  socket.send(nested);
  await socket.until(() => socket.closed !== null);
  expect(socket.closed).toEqual({ code: 4400, reason: expect.stringMatching(/^QUERY_TOO_COMPLEX: /) });
  expect(socket.of('a')).toEqual([]);
});

test('of sockets that show no key the oldest go, and whoever has one comes in', async () => {
  const silent = await Promise.all(Array.from({ length: 520 }, () => live.connect()));
  const honest = await live.connect((await live.key()).secret);
  expect(honest.messages).toEqual([{ type: 'connection_ack' }]);
  expect(silent.filter(({ closed }) => closed?.code === 1013).length).toBeGreaterThan(0);
});

test.each([
  ['one message', 1, LIMITS.strangerBytes],
  ['many small ones', 2_000, 1],
])('what a socket sends before it shows a key is bounded in bytes: %s', async (_what, count, length) => {
  const socket = await live.connect();
  for (let i = 0; i < count; i++) socket.send({ type: 'ping', payload: { a: 'x'.repeat(length) } });
  await socket.until(() => socket.closed !== null);
  expect(socket.closed).toEqual({ code: 4401, reason: expect.stringMatching(/^UNAUTHENTICATED: .*bytes/) });
  expect(JSON.stringify(socket.messages).length).toBeLessThan(4 * LIMITS.strangerBytes);
});

test('a pong has the payload of its ping when that is small', async () => {
  const socket = await live.connect((await live.key()).secret);
  socket.send({ type: 'ping' });
  socket.send({ type: 'ping', payload: { at: 7 } });
  socket.send({ type: 'ping', payload: { a: 'x'.repeat(500_000) } });
  await socket.until(() => socket.messages.length === 4);
  expect(socket.messages.slice(1)).toEqual([{ type: 'pong' }, { type: 'pong', payload: { at: 7 } }, { type: 'pong' }]);
});

test('an id that each answer would repeat is bounded', async () => {
  const { secret } = await live.key();
  const [long, fitting] = [await live.connect(secret), await live.connect(secret)];
  fitting.subscribe('x'.repeat(LIMITS.operationIdCharacters), '{ me { role } }');
  await fitting.until(() => fitting.messages.length === 3);
  long.subscribe('x'.repeat(900_000), '{ me { role } }');
  await long.until(() => long.closed !== null);
  expect(long.closed).toEqual({ code: 4400, reason: expect.stringMatching(/^VALIDATION_FAILED: .*id/) });
  expect(long.messages).toEqual([{ type: 'connection_ack' }]);
});

test('what a subscription came in is kept with it, so it is bounded, over sockets and event streams', async () => {
  const { secret } = await live.key();
  const { id } = await live.dataset();
  const extensions = { a: 'x'.repeat(LIMITS.subscriptionCharacters) };
  const payload = { query: EVENTS, variables: { id }, extensions };
  const socket = await live.connect(secret);
  socket.send({ id: 'a', type: 'subscribe', payload });
  await socket.until(() => socket.of('a').length === 1);
  expect(socket.of('a')[0].payload[0].extensions.code).toBe('PAYLOAD_TOO_LARGE');
  const response = await fetch(`${live.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}`, accept: 'text/event-stream' },
    body: JSON.stringify(payload),
  });
  expect(await response.text()).toContain('PAYLOAD_TOO_LARGE');
});
