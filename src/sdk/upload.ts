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
  const body = counted(bytes, o.onProgress);
  const init = { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body, signal: o.signal };
  // A stream as the body needs half duplex (Fetch standard); its type is missing in TypeScript's library.
  const response = await sendWithoutKey(connection, url, { ...init, duplex: 'half' } as RequestInit);
  if (!response.ok) throw await errorOf(response);
  await response.arrayBuffer();
}

/** Throws VALIDATION_FAILED where a file cannot be read. */
export async function streamOf(source: UploadSource): Promise<ReadableStream<Uint8Array>> {
  if (typeof source === 'string') return openFile(source);
  if (source instanceof Blob) return source.stream() as ReadableStream<Uint8Array>;
  if (source instanceof Uint8Array)
    return new Blob([source as Uint8Array<ArrayBuffer>]).stream() as ReadableStream<Uint8Array>;
  return 'getReader' in source ? source : fromIterable(source);
}

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

function counted(stream: ReadableStream<Uint8Array>, onProgress?: (byteCount: number) => void): ReadableStream {
  if (!onProgress) return stream;
  let byteCount = 0;
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        onProgress((byteCount += chunk.byteLength));
        controller.enqueue(chunk);
      },
    }),
  );
}
