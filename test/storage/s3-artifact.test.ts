import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { newId } from '../../src/kernel';
import { artifactKey, S3ArtifactStore } from '../../src/storage';
import { BUCKET, BucketServer, MIB } from './bucket.server';

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
    cacheBytesMax: 100,
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
  const reads = [store.read(at), store.localPath(at)];
  expect(await Promise.all(reads.map(codeOf))).toEqual(reads.map(() => 'NOT_FOUND'));
});

test('a server that is away is UNAVAILABLE, and wrong keys never reach it', async () => {
  expect(await codeOf(store.read('tenants/../x'))).toBe('INTERNAL');
  expect(bucket.requests).toEqual([]);
  await bucket.close();
  expect(await codeOf(store.read(key()))).toBe('UNAVAILABLE');
  expect(await codeOf(store.write(key(), Buffer.alloc(1)))).toBe('UNAVAILABLE');
});

test("a listing shows a tenant's artifacts, page by page, and nothing else", async () => {
  const tenantId = newId();
  const keys = Array.from({ length: 5 }, () => artifactKey(tenantId, 'MODEL', newId()));
  for (const at of [...keys, key()]) await store.write(at, Buffer.from('12345'));
  bucket.objects.set(`tenants/${tenantId}/notes.txt`, Buffer.from('by hand'));
  bucket.dates.set(keys[0], new Date('2024-05-06T07:08:09Z'));
  const listed = new Map<string, { byteCount: number; writtenAt: number }>();
  for await (const { key: at, ...rest } of store.list(tenantId)) listed.set(at, rest);
  expect([...listed.keys()].sort()).toEqual([...keys].sort());
  expect(listed.get(keys[0])).toEqual({ byteCount: 5, writtenAt: Date.UTC(2024, 4, 6, 7, 8, 9) });
  const all: string[] = [];
  for await (const { key: at } of store.listAll()) all.push(at);
  expect(all).toHaveLength(6);
  expect(all).toEqual(expect.arrayContaining(keys));
});

test('a part of an artifact is read from its first to its last byte', async () => {
  const at = key();
  await store.write(at, Buffer.from('0123456789'));
  const chunks: Buffer[] = [];
  for await (const chunk of await store.readStream(at, { start: 3, end: 6 })) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toBe('3456');
});

test('a sweep ends the multipart writes of dead processes, and no other', async () => {
  const endless = (): Readable =>
    Readable.from(
      (async function* () {
        yield Buffer.alloc(11 * MIB);
        await new Promise<never>(() => undefined);
      })(),
    );
  for (let i = 0; i < 3; i++) store.write(key(), endless()).catch(() => undefined);
  while ([...bucket.uploads.values()].filter((parts) => parts.size === 2).length < 3) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const [young, ...old] = [...bucket.uploads.keys()];
  for (const id of old) bucket.dates.set(id, new Date(0));
  await store.sweep(60_000);
  expect([...bucket.uploads.keys()]).toEqual([young]);
});

test('local copies stay below their limit: those unused for longest go, and come again when asked for', async () => {
  const keys = [key(), key(), key(), key()];
  for (const at of keys) await store.write(at, Buffer.alloc(40, 'x'));
  const [first, second, third] = keys;
  const ageOf = async (at: string, seconds: number) => {
    const path = await store.localPath(at);
    const then = new Date(Date.now() - seconds * 1000);
    await utimes(path, then, then);
    return path;
  };
  const paths = [await ageOf(first, 7200), await ageOf(second, 3600)];
  // Used again, so no longer the one unused for longest.
  expect(await store.localPath(first)).toBe(paths[0]);
  const exists = (path: string) => stat(path).then(Boolean, () => false);
  await store.localPath(third);
  expect(await Promise.all(paths.map(exists))).toEqual([true, false]);
  const gets = () => bucket.requests.filter((request) => request === 'GET').length;
  const before = gets();
  expect((await readFile(await store.localPath(second))).length).toBe(40);
  expect(gets()).toBe(before + 1);
});

test('copies that were just given out are never taken away, whatever the limit', async () => {
  const keys = [key(), key(), key(), key()];
  for (const at of keys) await store.write(at, Buffer.alloc(40));
  const paths = await Promise.all(keys.map((at) => store.localPath(at)));
  for (const path of paths) expect((await stat(path)).size).toBe(40);
});
