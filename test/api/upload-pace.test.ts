import { connect } from 'node:net';
import createFastify from 'fastify';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { StorageFull } from '../../src/storage';
import { uploadRoute, type Receiver } from '../../src/uploads';
import { paced, UploadStalled } from '../../src/uploads/upload-pace';

const PACE = { windowMs: 300, byteCountMin: 1_000 };
const server = createFastify();
const received: number[] = [];
let receive: Receiver['receive'];

beforeAll(async () => {
  await server.register(async (scope) =>
    uploadRoute('/uploads', { receive: (...all) => receive(...all) }, PACE)(scope),
  );
  await server.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => server.close());

beforeEach(() => {
  received.splice(0);
  receive = async (_id, _token, source) => {
    let byteCount = 0;
    for await (const chunk of source) received.push((byteCount += (chunk as Buffer).length));
    return { status: 202, body: { byteCount } };
  };
});

/** Sends the chunks as they come, and gives what is answered until the end of the connection. */
async function send(chunks: AsyncIterable<string> | Iterable<string>, byteCount: number): Promise<string> {
  const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => (answer += data)).on('error', () => undefined);
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.write(`PUT /uploads/1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${byteCount}\r\n\r\n`);
  for await (const chunk of chunks) if (!answer) socket.write(chunk);
  await ended;
  return answer;
}

async function* slowly(byteCount: number, everyMs: number): AsyncGenerator<string> {
  for (let i = 0; i < byteCount; i++) {
    yield 'x';
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

test('a body that trickles is cut by its pace, with an answer that says so', async () => {
  const answer = await send(slowly(200, 20), 1e6);
  expect(answer).toMatch(/^HTTP\/1.1 408 /);
  expect(answer).toContain('"code":"UNAVAILABLE"');
  expect(answer).toContain('fewer than 1,000 bytes in 0.3 seconds came');
  expect(received.length).toBeLessThan(200);
});

test('a sender that stops is cut too', async () => {
  expect(await send(['x'.repeat(500)], 1e6)).toMatch(/^HTTP\/1.1 408 /);
});

test('a small file, and one that is slow but within the pace, come in', async () => {
  expect(await send(['abc'], 3)).toMatch(/^HTTP\/1.1 202 /);
  const steady = async function* () {
    for (let i = 0; i < 10; i++) {
      yield 'x'.repeat(1_000);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
  };
  expect(await send(steady(), 10_000)).toMatch(/^HTTP\/1.1 202 /);
});

test('a fast beginning is no credit for a slow end', async () => {
  const both = async function* () {
    yield 'x'.repeat(100_000);
    yield* slowly(200, 20);
  };
  expect(await send(both(), 1e6)).toMatch(/^HTTP\/1.1 408 /);
});

test('the time that the storage takes is not that of the sender', async () => {
  const chunks = paced(Readable.from([Buffer.from('a'), Buffer.from('b')])[Symbol.asyncIterator](), {
    windowMs: 50,
    byteCountMin: 10,
  });
  expect(String((await chunks.next()).value)).toBe('a');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(String((await chunks.next()).value)).toBe('b');
  expect((await chunks.next()).done).toBe(true);
  const silent = paced({ next: () => new Promise(() => undefined) }, { windowMs: 20, byteCountMin: 1 });
  await expect(silent.next()).rejects.toBeInstanceOf(UploadStalled);
});

test('a full storage answers 507 in words', async () => {
  receive = async () => {
    throw new StorageFull(new Error('ENOSPC: /var/lib/praxis'));
  };
  const answer = await send(['abc'], 3);
  expect(answer).toMatch(/^HTTP\/1.1 507 /);
  expect(answer).toContain('The storage is full');
  expect(answer).not.toContain('/var/lib');
});

test('a form in place of the bytes is refused before it is taken', async () => {
  const { port } = server.server.address() as AddressInfo;
  const form = new FormData();
  form.set('file', new Blob(['a,b\n1,2\n']), 'x.csv');
  const answer = await fetch(`http://127.0.0.1:${port}/uploads/1`, { method: 'PUT', body: form });
  expect(answer.status).toBe(400);
  const { error } = (await answer.json()) as { error: { code: string; message: string } };
  expect(error).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path: 'body' }] });
  expect(error.message).toContain('is a form (multipart/form-data), not a file');
  expect(received).toEqual([]);
});

test('a body packed otherwise than by gzip is refused before it is taken', async () => {
  const { port } = server.server.address() as AddressInfo;
  const send = (coding: string) =>
    fetch(`http://127.0.0.1:${port}/uploads/1`, {
      method: 'PUT',
      body: 'a\n1\n',
      headers: { 'content-encoding': coding },
    });
  for (const coding of ['br', 'deflate', 'zstd', 'gzip, br']) {
    const answer = await send(coding);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { error: unknown }).error).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [
        { path: 'content-encoding', message: `"${coding}" is not taken here`, hint: expect.stringContaining('gzip') },
      ],
    });
  }
  expect(received).toEqual([]);
  receive = async () => ({ status: 202, body: {} });
  for (const coding of ['gzip', 'identity', 'x-gzip']) expect((await send(coding)).status).toBe(202);
});
