// What only Node has. Bundlers for browsers take node.browser.ts in its place (sdk/package.json, "browser").

/** The bytes of a file, as a stream. */
export async function openFile(path: string): Promise<ReadableStream<Uint8Array>> {
  const { createReadStream } = await import('node:fs');
  const { Readable } = await import('node:stream');
  return Readable.toWeb(createReadStream(path, { highWaterMark: 1 << 18 })) as ReadableStream<Uint8Array>;
}

/** Node has a WebSocket of its own from version 22 on. */
export const loadWebSocket = async (): Promise<unknown> => (await import('ws')).WebSocket;
