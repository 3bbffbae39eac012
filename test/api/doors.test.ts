import { once } from 'node:events';
import { connect } from 'node:net';
import createFastify, { type FastifyInstance } from 'fastify';
import { listenOn, openDoor } from '../../src/graphql/http/address';
import { drainOnClose } from '../../src/graphql/http/drain';
import { answerRefusals, earlyRefusals } from '../../src/graphql/refusals';
import { testLog } from '../support';

/** What a connection is answered until it ends. */
async function answerTo(host: string, port: number, request: string): Promise<string> {
  const socket = connect(port, host).setEncoding('utf8');
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk));
  socket.write(request);
  await once(socket, 'close');
  return text;
}

test('a second address of a server refuses, serves and drains as the first does', async () => {
  const fastify: FastifyInstance = createFastify({
    http: {},
    forceCloseConnections: 'idle',
    ...earlyRefusals(testLog),
  });
  answerRefusals(fastify, testLog);
  drainOnClose(fastify, [], 1_000);
  let leave = (): void => undefined;
  const left = new Promise<void>((resolve) => (leave = resolve));
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  fastify.get('/slow', async () => {
    begin();
    return left.then(() => 'done');
  });
  const open = openDoor(fastify, '127.0.0.2');
  const port = Number(new URL(await listenOn(fastify, { host: '127.0.0.1', port: 0 })).port);
  await open(port);

  for (const host of ['127.0.0.1', '127.0.0.2']) {
    const expected = answerTo(host, port, 'GET / HTTP/1.1\r\nhost: x\r\nexpect: anything\r\n\r\n');
    expect(await expected).toMatch(/^HTTP\/1\.1 417 [\s\S]*VALIDATION_FAILED/);
    expect(await answerTo(host, port, 'no HTTP at all\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*VALIDATION_FAILED/);
    const served = await answerTo(host, port, 'GET /none HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(served).toMatch(/^HTTP\/1\.1 404 [\s\S]*NOT_FOUND/);
  }
  const slow = answerTo('127.0.0.2', port, 'GET /slow HTTP/1.1\r\nhost: x\r\n\r\n');
  const idle = connect(port, '127.0.0.2');
  idle.on('error', () => undefined);
  await Promise.all([once(idle, 'connect'), begun]);
  const closed = fastify.close();
  leave();
  expect(await slow).toMatch(/^HTTP\/1\.1 200 [\s\S]*done/);
  await closed;
  idle.destroy();
});
