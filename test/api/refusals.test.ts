import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { serveMetrics } from '../../src/graphql';
import { testLog } from '../support';
import { startPlatform } from './platform.fixture';
import type { Refused } from '../support/operation';

/** Every refusal has one shape, on the port of the API and on that of the metrics. */

const platform = startPlatform();
const TOKEN = 'a-token-of-enough-letters';
let metricsPort: number;
let metrics: Awaited<ReturnType<typeof serveMetrics>>;

beforeAll(async () => {
  metricsPort = await freePort();
  const read = async () => 'praxis_up 1\n';
  metrics = await serveMetrics({ read, token: TOKEN, host: '127.0.0.1', port: metricsPort }, testLog);
});
afterAll(() => metrics.close());

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** All that comes back until the connection ends. */
function send(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => (answer += chunk)).on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

const HEAD = 'host: x\r\nconnection: close\r\n';
const LONG = `x-long: ${'a'.repeat(70_000)}\r\n`;

it.each([
  ['a path that is not served', 404, `GET /nothing HTTP/1.1\r\n${HEAD}\r\n`],
  ['a method that is not taken', 405, `DELETE /metrics HTTP/1.1\r\n${HEAD}\r\n`],
  ['an address that cannot be read', 400, `GET /%zz HTTP/1.1\r\n${HEAD}\r\n`],
  ['no HTTP', 400, 'hello\r\n\r\n'],
  ['headers that are too long', 431, `GET / HTTP/1.1\r\n${HEAD}${LONG}\r\n`],
  ['an expectation', 417, `POST /graphql HTTP/1.1\r\n${HEAD}expect: tea\r\ncontent-length: 2\r\n\r\n{}`],
])('%s: %i', async (_, status, text) => {
  const ports = [Number(new URL(platform.url).port), metricsPort];
  for (const answer of await Promise.all(ports.map((port) => send(port, text)))) {
    const [head, body] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toMatch(/^content-type: application\/json; charset=utf-8$/im);
    const { errors } = JSON.parse(body);
    expect(errors).toEqual([
      { message: expect.any(String), extensions: expect.objectContaining({ code: expect.any(String) }) },
    ]);
  }
});

it('the port of the metrics asks for its token in the same shape', async () => {
  const ask = (authorization: string) =>
    fetch(`http://127.0.0.1:${metricsPort}/metrics`, { headers: { authorization } });
  const refused = await ask('Bearer wrong');
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  expect(((await refused.json()) as Refused).errors[0].extensions).toMatchObject({
    code: 'UNAUTHENTICATED',
    requestId: expect.any(String),
  });
  expect(await (await ask(`Bearer ${TOKEN}`)).text()).toBe('praxis_up 1\n');
});

describe('a refusal reaches a client that is still sending', () => {
  const LENGTH = 30_000_000;
  const sizes = (type: string) => `content-type: ${type}\r\ncontent-length: ${LENGTH}\r\n`;

  it.each([
    [413, 'POST /graphql', '', 'application/json'],
    [413, 'POST /graphql', 'connection: close\r\n', 'application/json'],
    [400, 'POST /graphql', 'connection: close\r\n', 'text/plain'],
    [404, 'PUT /nowhere', 'connection: close\r\n', 'text/csv'],
    [405, 'PUT /graphql', '', 'text/csv'],
  ])('%i to %s %s', async (status, target, more, type) => {
    const key = await platform.createKey('OWNER', (await platform.createTenant()).tenantId);
    const { port } = new URL(platform.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`${target} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\n${more}${sizes(type)}\r\n`);
    // As clients do that look at the answer when all is sent.
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject).write(Buffer.alloc(LENGTH, 'x'), () => resolve());
    });
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    socket.destroy();
  });
});
