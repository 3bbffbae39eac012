/** The S3 store against a server on a socket that speaks the part of the S3 protocol it uses. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { newId } from '../../src/kernel';
import { artifactKey, S3ArtifactStore } from '../../src/storage';

const MIB = 1024 * 1024;
const BUCKET = 'praxis';

/** Objects and open multipart uploads in memory; answers as the S3 API reference says. */
class BucketServer {
  readonly objects = new Map<string, Buffer>();
  readonly uploads = new Map<string, Map<number, Buffer>>();
  readonly requests: string[] = [];
  failParts = false;
  private readonly server: Server = createServer((request, response) => void this.answer(request, response));

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(request);
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
    const key = pathname.slice(`/${BUCKET}/`.length);
    const upload = searchParams.get('uploadId');
    const method = request.method!;
    this.requests.push(upload || searchParams.has('uploads') ? `${method} multipart` : method);
    if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=key/')) return send(response, 403, '');
    if (method === 'POST' && searchParams.has('uploads')) return this.begin(response);
    if (method === 'POST') return this.complete(response, key, upload!, body.toString());
    if (method === 'DELETE') {
      if (upload) this.uploads.delete(upload);
      else this.objects.delete(key);
      return send(response, 204, '');
    }
    if (method === 'GET') return this.get(response, key);
    if (!upload) return this.objects.set(key, body) && send(response, 200, '', etagOf(body));
    if (this.failParts) return send(response, 400, '<Error><Code>InvalidPart</Code></Error>');
    this.uploads.get(upload)!.set(Number(searchParams.get('partNumber')), body);
    return send(response, 200, '', etagOf(body));
  }

  private begin(response: ServerResponse): void {
    const id = newId();
    this.uploads.set(id, new Map());
    send(response, 200, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
  }

  private complete(response: ServerResponse, key: string, id: string, manifest: string): void {
    const parts = this.uploads.get(id)!;
    const listed = [...manifest.matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(([, number]) => Number(number));
    const bodies = listed.map((number) => parts.get(number)!);
    // The rule of S3: every part but the last has at least 5 MiB.
    if (bodies.slice(0, -1).some((part) => part.length < 5 * MIB))
      return send(response, 400, '<Error><Code>EntityTooSmall</Code></Error>');
    this.objects.set(key, Buffer.concat(bodies));
    this.uploads.delete(id);
    send(response, 200, '<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>');
  }

  private get(response: ServerResponse, key: string): void {
    const object = this.objects.get(key);
    if (!object) return send(response, 404, '<Error><Code>NoSuchKey</Code></Error>');
    response.writeHead(200, { 'content-length': object.length }).end(object);
  }
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, body: string, etag?: string): void {
  response.writeHead(status, { 'content-type': 'application/xml', ...(etag ? { etag } : {}) }).end(body);
}

const etagOf = (body: Buffer) => `"${createHash('md5').update(body).digest('hex')}"`;
const key = () => artifactKey(newId(), 'PARQUET', newId());
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => error.code,
  );

let bucket: BucketServer;
let store: S3ArtifactStore;
let cacheRoot: string;

beforeEach(async () => {
  bucket = new BucketServer();
  const endpoint = await bucket.listen();
  cacheRoot = await mkdtemp(join(tmpdir(), 'praxis-s3-'));
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  store = new S3ArtifactStore({
    bucket: BUCKET,
    region: 'us-east-1',
    endpoint,
    ...credentials,
    cacheRoot,
    partBytes: 5 * MIB,
  });
});

afterEach(async () => {
  store.close();
  await bucket.close();
  await rm(cacheRoot, { recursive: true });
});

test.each([0, 1, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 17 * MIB + 3])('%d bytes come back as written', async (size) => {
  const bytes = randomBytes(size);
  const at = key();
  const pieces = Readable.from(size ? [bytes.subarray(0, size >> 1), bytes.subarray(size >> 1)] : []);
  const written = await store.write(at, pieces);
  expect(written).toEqual({ byteCount: size, sha256: createHash('sha256').update(bytes).digest() });
  expect(bucket.objects.get(at)!.equals(bytes)).toBe(true);
  expect(Buffer.from(await store.read(at)).equals(bytes)).toBe(true);
  expect(bucket.requests.includes('POST multipart')).toBe(size > 5 * MIB);
  expect(bucket.uploads.size).toBe(0);
});

test.each([1, 12 * MIB])('a source cut off after %d bytes leaves nothing', async (size) => {
  const broken = Readable.from(
    (function* () {
      yield Buffer.alloc(size);
      throw new Error('cut off');
    })(),
  );
  await expect(store.write(key(), broken)).rejects.toThrow('cut off');
  expect([bucket.objects.size, bucket.uploads.size]).toEqual([0, 0]);
});

test('a refused part and a file beyond the limit leave nothing', async () => {
  bucket.failParts = true;
  await expect(store.write(key(), Buffer.alloc(11 * MIB))).rejects.toThrow();
  bucket.failParts = false;
  const large = store.write(key(), Buffer.alloc(11 * MIB), { byteCountMax: 10 * MIB });
  expect(await codeOf(large)).toBe('PAYLOAD_TOO_LARGE');
  expect([bucket.objects.size, bucket.uploads.size]).toEqual([0, 0]);
});

test('a local path is downloaded once and follows a new write and a deletion', async () => {
  const at = key();
  await store.write(at, Buffer.from('one'));
  expect(await readFile(await store.localPath(at), 'utf8')).toBe('one');
  expect(await readFile(await store.localPath(at), 'utf8')).toBe('one');
  expect(bucket.requests.filter((request) => request === 'GET')).toHaveLength(1);
  await store.write(at, Buffer.from('two'));
  expect(await readFile(await store.localPath(at), 'utf8')).toBe('two');
  await store.delete(at);
  await store.delete(at);
  for (const read of [store.read(at), store.localPath(at)]) expect(await codeOf(read)).toBe('NOT_FOUND');
});

test('a server that is away is UNAVAILABLE, and wrong keys never reach it', async () => {
  expect(await codeOf(store.read('tenants/../x'))).toBe('INTERNAL');
  expect(bucket.requests).toEqual([]);
  await bucket.close();
  expect(await codeOf(store.read(key()))).toBe('UNAVAILABLE');
  expect(await codeOf(store.write(key(), Buffer.alloc(1)))).toBe('UNAVAILABLE');
});
