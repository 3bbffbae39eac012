import { setTimeout as wait } from 'node:timers/promises';
import { open } from './raw-connection';
import { startPlatform } from './platform.fixture';

const head = (...lines: string[]): string => `${['POST /graphql HTTP/1.1', 'host: x', ...lines].join('\r\n')}\r\n\r\n`;

describe('a body that trickles in', () => {
  const platform = startPlatform({ pace: { windowMs: 150, bytes: 1_000 } });

  it('is refused with 408, and its connection is closed', async () => {
    const { socket, closed } = open(platform.url);
    socket.write(head('content-type: application/json', 'content-length: 200000'));
    const drip = setInterval(() => socket.write(' '), 20);
    const answer = await closed.finally(() => clearInterval(drip));
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toMatch(/VALIDATION_FAILED.*too slowly/);
  });

  it('is closed as well where the refusal went out before', async () => {
    const { socket, closed, received } = open(platform.url);
    socket.on('error', () => undefined);
    socket.write(head('content-type: application/json', 'authorization: Bearer none', 'content-length: 500000'));
    const drip = setInterval(() => socket.write(' '), 20);
    // What was on its way when it closed may have reset it.
    expect(await closed.catch(received).finally(() => clearInterval(drip))).toMatch(/^HTTP\/1\.1 401 /);
  });

  it.each([true, false])(
    'a body that its client leaves is no error of ours, and counted (with a key: %s)',
    async (known) => {
      const count = async () =>
        Number(
          /^praxis_http_requests_abandoned_total (\d+)$/m.exec(
            await (await fetch(`${platform.url}/metrics`)).text(),
          )?.[1],
        );
      const before = await count();
      const key = known && (await platform.createKey('OWNER', (await platform.createTenant()).tenantId));
      const lines = [
        'POST /graphql HTTP/1.1',
        'host: x',
        'content-type: application/json',
        'content-length: 50000',
        'expect: 100-continue',
      ];
      for (const end of ['destroy', 'resetAndDestroy'] as const) {
        const { socket, until } = open(platform.url);
        const all = key ? [...lines, `authorization: Bearer ${key}`] : lines;
        socket.on('error', () => undefined).write(`${all.join('\r\n')}\r\n\r\n{"query":`);
        await until(/100 Continue/);
        socket[end]();
      }
      for (let looks = 0; looks < 200 && (await count()) < before + 2; looks++) await wait(20);
      expect(await count()).toBe(before + 2);
    },
  );

  it('may take its time at a decent pace', async () => {
    const { socket, received } = open(platform.url);
    const body = JSON.stringify({ query: `{ __typename } #${'x'.repeat(20_000)}` });
    socket.write(head('content-type: application/json', `content-length: ${body.length}`));
    for (let at = 0; at < body.length; at += 2_000) {
      socket.write(body.slice(at, at + 2_000));
      await wait(60);
    }
    await wait(100);
    socket.destroy();
    expect(received()).toMatch(/^HTTP\/1\.1 200 [\s\S]*"__typename":"Query"/);
  });
});

describe('what is not a request', () => {
  const platform = startPlatform();

  it.each([
    ['nonsense\r\n\r\n', 400],
    [`GET /graphql?query=${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
  ])('%.20s is answered with JSON and status %#', async (text, status) => {
    const { socket, closed } = open(platform.url);
    socket.write(text);
    const answer = await closed;
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    const { errors } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
    expect(errors[0].extensions.code).toBe('VALIDATION_FAILED');
  });
});

describe('while the server stops', () => {
  const platform = startPlatform({ drainMs: 10_000 });

  it('a request over an open connection is told so, and the connection is closed without a reset', async () => {
    const { socket, closed, received } = open(platform.url);
    const body = '{"query":"{ __typename }"}';
    const request = head('content-type: application/json', `content-length: ${body.length}`) + body;
    socket.write(request);
    while (!received().includes('__typename')) await wait(10);
    const stopped = platform.server.close();
    await wait(50);
    socket.write(request);
    const answer = (await closed).split('HTTP/1.1 ').at(-1) as string;
    expect(answer).toMatch(/^503 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(JSON.parse(answer.slice(answer.indexOf('{'))).errors[0].extensions).toMatchObject({
      code: 'UNAVAILABLE',
      requestId: expect.any(String),
    });
    await stopped;
  });
});
