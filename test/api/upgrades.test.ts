/** Offers of another protocol: a handshake of a WebSocket at /graphql is taken, all else is answered as if nothing was offered. */
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startPlatform } from './platform.fixture';
import { open } from './raw-connection';

const platform = startPlatform({ drainMs: 60_000 });

const offer = (start: string, protocol: string, ...lines: string[]): string =>
  `${[`${start} HTTP/1.1`, 'host: x', 'connection: Upgrade, HTTP2-Settings', `upgrade: ${protocol}`, ...lines].join('\r\n')}\r\n\r\n`;
const QUERY = JSON.stringify({ query: `{ __typename } #${'x'.repeat(50_000)}` });
const POST = ['content-type: application/json', `content-length: ${QUERY.length}`];

const errorIn = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).errors[0];

/** Of the server's side, whatever clients keep. */
async function allClosed(): Promise<void> {
  const { server } = platform.server;
  const count = promisify(server.getConnections).bind(server);
  for (let looks = 0; looks < 200 && (await count()) > 0; looks++) await wait(10);
  expect(await count()).toBe(0);
}

it.each(['at once', 'in a moment', 'after the answer'])('a reset %s ends its own connection alone', async (when) => {
  for (const path of ['/x', '/graphql']) {
    const { socket, until } = open(platform.url);
    socket.on('error', () => undefined).write(offer(`GET ${path}`, 'websocket'));
    if (when === 'in a moment') await wait(2);
    if (when === 'after the answer') await until(/errors/);
    socket.resetAndDestroy();
  }
  await wait(20);
  const { socket, closed } = open(platform.url);
  socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  expect(await closed).toMatch(/^HTTP\/1\.1 200 /);
});

it('a WebSocket is not served elsewhere, which is said as of any address', async () => {
  const { socket, until } = open(platform.url);
  socket.write(offer('GET /x', 'websocket'));
  const answer = await until(/errors/);
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(errorIn(answer).extensions).toMatchObject({ code: 'NOT_FOUND', requestId: expect.any(String) });
  socket.destroy();
});

it('a handshake that is none is refused as JSON, and its connection closed though the client keeps it', async () => {
  await allClosed();
  const { socket, until } = open(platform.url, { allowHalfOpen: true });
  socket.write(offer('GET /graphql', 'websocket', 'sec-websocket-version: 1'));
  const answer = await until(/errors/);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(errorIn(answer)).toMatchObject({
    message: expect.stringContaining('Sec-WebSocket'),
    extensions: { code: 'VALIDATION_FAILED' },
  });
  await allClosed();
  socket.destroy();
});

it.each(['h2c', 'h2c, websocket', 'websocket', 'TLS/1.0'])(
  'a request that offers %s is answered, its body and the next one too',
  async (protocol) => {
    const { socket, until } = open(platform.url);
    const start = offer('POST /graphql', protocol, ...POST);
    socket.write(start + QUERY.slice(0, 10));
    await wait(5);
    socket.write(QUERY.slice(10) + start + QUERY);
    const answers = await until(/__typename[^]*__typename/);
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
    socket.destroy();
  },
);

it('so is one whose body comes in chunks', async () => {
  const { socket, until } = open(platform.url);
  const chunk = `${QUERY.length.toString(16)}\r\n${QUERY}\r\n0\r\n\r\n`;
  const head = offer('POST /graphql', 'h2c', 'content-type: application/json', 'transfer-encoding: chunked');
  socket.write(head + chunk);
  expect(await until(/__typename/)).toMatch(/^HTTP\/1\.1 200 /);
  socket.destroy();
});

it('more headers than are read do not make another request of it', async () => {
  const many = Array.from({ length: 1_100 }, (_, i) => `a${i}: `);
  const { socket, closed } = open(platform.url);
  socket.on('error', () => undefined);
  socket.write(
    `${offer('POST /graphql', 'h2c', ...many, 'content-length: 40')}GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n`,
  );
  socket.end();
  expect((await closed.catch(() => '')).match(/"status":"ok"/)).toBeNull();
});

it('nothing of all this stays open', allClosed);

it('does not hold up a stop, during which a WebSocket is refused as other requests are', async () => {
  const [held, late] = [open(platform.url, { allowHalfOpen: true }), open(platform.url)];
  held.socket.write(offer('GET /x', 'websocket'));
  await held.until(/errors/);
  late.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
  await late.until(/ok/);
  const stopped = platform.server.close();
  await wait(20);
  const key = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==';
  late.socket.write(offer('GET /graphql', 'websocket', 'sec-websocket-version: 13', key));
  expect(await late.closed).toMatch(/HTTP\/1\.1 503 [^]*UNAVAILABLE/);
  await stopped;
  held.socket.destroy();
});
