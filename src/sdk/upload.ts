import { isAbort, PraxisClientError } from './error';
import { errorOf, sendWithoutKey, type Connection } from './http';
import { openFile } from './node';

/** What can be uploaded: a path (Node only), a Blob or File, bytes, or a stream of bytes. */
export type UploadSource = string | Blob | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

export interface SendOptions {
  /** Called as bytes leave, with the bytes sent so far. */
  onProgress?: (byteCount: number) => void;
  signal?: AbortSignal;
}

/** Streams bytes to an upload address; memory stays bounded whatever its size. Throws PraxisClientError. */
export async function put(
  connection: Connection,
  address: string,
  bytes: ReadableStream<Uint8Array>,
  o: SendOptions,
): Promise<void> {
  const url = new URL(address, connection.url).href;
  const source = new CountedSource(bytes, o.onProgress);
  const headers = { 'content-type': 'application/octet-stream' };
  const init = { method: 'PUT', headers, body: source.stream, signal: o.signal };
  // A stream as the body needs half duplex (Fetch standard); its type is missing in TypeScript's library.
  const sent = sendWithoutKey(connection, url, { ...init, duplex: 'half' } as RequestInit);
  const response = await sent.catch((error: unknown) => {
    throw (!isAbort(error) && source.fault) || error;
  });
  if (!response.ok) throw await errorOf(response);
  await response.arrayBuffer();
}

/** Throws VALIDATION_FAILED where a file cannot be read, and for what is no source. */
export async function streamOf(source: UploadSource): Promise<ReadableStream<Uint8Array>> {
  if (typeof source === 'string') return openFile(source);
  if (source instanceof Blob) return source.stream() as ReadableStream<Uint8Array>;
  if (source instanceof Uint8Array)
    return new Blob([source as Uint8Array<ArrayBuffer>]).stream() as ReadableStream<Uint8Array>;
  const other: unknown = source;
  if (typeof other !== 'object' || other === null || !('getReader' in other || Symbol.asyncIterator in other))
    throw unreadable(`it is ${other === null ? 'null' : `of the type ${typeof other}`}`);
  return 'getReader' in source ? source : fromIterable(source);
}

const unreadable = (why: string, cause?: unknown): PraxisClientError =>
  new PraxisClientError('VALIDATION_FAILED', `The source of the upload cannot be read: ${why}.`, {
    cause,
    issues: [{ path: 'source', message: why, hint: 'give a path, a Blob or File, bytes, or a stream of bytes' }],
  });

function fromIterable(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await iterator.return?.()),
  });
}

/** Bytes on their way to the server. A source that fails must not look like a server that does not answer. */
class CountedSource {
  readonly stream: ReadableStream<Uint8Array>;
  /** Why the source could not be read to its end. */
  fault: PraxisClientError | null = null;
  private byteCount = 0;

  constructor(
    source: ReadableStream<Uint8Array>,
    private readonly onProgress: (byteCount: number) => void = () => undefined,
  ) {
    const reader = source.getReader();
    this.stream = new ReadableStream<Uint8Array>({
      pull: (controller) => this.pass(reader, controller),
      cancel: (reason) => reader.cancel(reason),
    });
  }

  private async pass(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    const next = await reader.read().catch((error: unknown) => {
      throw this.fail((error as Error | undefined)?.message ?? String(error), error);
    });
    if (next.done) return controller.close();
    const chunk = bytesOf(next.value);
    if (!chunk) {
      void reader.cancel().catch(() => undefined);
      throw this.fail(`it gives a part of the type ${typeof next.value}, not bytes`);
    }
    this.onProgress((this.byteCount += chunk.byteLength));
    controller.enqueue(chunk);
  }

  private fail(why: string, cause?: unknown): PraxisClientError {
    return (this.fault = unreadable(why, cause));
  }
}

/** Texts go as UTF-8; null: it is neither bytes nor text. */
function bytesOf(chunk: unknown): Uint8Array | null {
  if (typeof chunk === 'string') return new TextEncoder().encode(chunk);
  return chunk instanceof Uint8Array ? chunk : null;
}
