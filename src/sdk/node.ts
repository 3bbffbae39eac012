import { PraxisClientError } from './error';

// What only Node has. Bundlers for browsers take node.browser.ts in its place (sdk/package.json, "browser").

const unreadable = (path: string, why: string, cause?: unknown): PraxisClientError =>
  new PraxisClientError('VALIDATION_FAILED', `${path} cannot be read: ${why}.`, {
    cause,
    issues: [{ path: 'source', message: why, hint: 'check the path and the rights of the file' }],
  });

const REASONS: Record<string, string> = { ENOENT: 'it does not exist', EACCES: 'it may not be read' };

const refuse = (path: string) => (error: NodeJS.ErrnoException) => {
  throw unreadable(path, REASONS[error.code ?? ''] ?? error.message, error);
};

/** The bytes of a file, as a stream. Throws VALIDATION_FAILED where it cannot be read. */
export async function openFile(path: string): Promise<ReadableStream<Uint8Array>> {
  const { createReadStream } = await import('node:fs');
  const { open } = await import('node:fs/promises');
  const { Readable } = await import('node:stream');
  // Opened first: a file that cannot be read must not look like a server that does not answer.
  const file = await open(path).catch(refuse(path));
  if (!(await file.stat()).isFile()) throw await file.close().then(() => unreadable(path, 'it is not a file'));
  return Readable.toWeb(createReadStream(path, { fd: file, highWaterMark: 1 << 18 })) as ReadableStream<Uint8Array>;
}

/** Node has a WebSocket of its own from version 22 on. */
export const loadWebSocket = async (): Promise<unknown> => (await import('ws')).WebSocket;
