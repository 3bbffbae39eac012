/** The short form of `attack sockets`; what happens to keys, limits and slow readers is in test/api/live-*.test.ts. */
import { LiveFixture } from '../api/live.fixture';
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
