import { createServer } from 'node:net';
import { Client } from 'pg';
import { describeError } from '../../src/kernel/process/log';

it('logs of an error what a person reads, and nothing of the connection that hangs on it', () => {
  const cause = Object.assign(new Error('inner', { cause: 'text' }), { code: '57P01', client: new Client() });
  const error = Object.assign(new TypeError('outer', { cause }), { secretKey: 1234 });
  expect(describeError(error)).toEqual({
    name: 'TypeError',
    message: 'outer',
    stack: expect.stringContaining('TypeError: outer'),
    cause: { name: 'Error', code: '57P01', message: 'inner', cause: 'text', stack: expect.any(String) },
  });
  expect(describeError('a text')).toBe('a text');
});

it('says which addresses refused', async () => {
  const port = await freePort();
  const refused = await new Client({ host: 'localhost', port }).connect().catch((error: Error) => error);
  expect(describeError(refused)).toMatchObject({ code: 'ECONNREFUSED', message: expect.stringContaining(`:${port}`) });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
