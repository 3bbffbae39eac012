import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { newId } from '../../src/kernel';
import { artifactKey, FileArtifactStore } from '../../src/storage';

let root: string;
let store: FileArtifactStore;
const key = () => artifactKey(newId(), 'MODEL', newId());
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => error.code,
  );

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'praxis-store-'));
  store = new FileArtifactStore(root);
});

afterEach(() => rm(root, { recursive: true }));

async function files(): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

test('bytes and streams come back as written, with size and SHA-256', async () => {
  const bytes = randomBytes(300_000);
  const sha256 = createHash('sha256').update(bytes).digest();
  const pieces = Readable.from([bytes.subarray(0, 1), bytes.subarray(1, 200_000), bytes.subarray(200_000)]);
  for (const source of [bytes, pieces]) {
    const at = key();
    expect(await store.write(at, source)).toEqual({ byteCount: bytes.length, sha256 });
    expect(Buffer.from(await store.read(at)).equals(bytes)).toBe(true);
    const streamed: Buffer[] = [];
    for await (const chunk of await store.readStream(at)) streamed.push(chunk);
    expect(Buffer.concat(streamed).equals(bytes)).toBe(true);
    expect(await store.localPath(at)).toBe(join(root, at));
  }
});

test('an empty artifact is an artifact', async () => {
  const at = key();
  expect((await store.write(at, Buffer.alloc(0))).byteCount).toBe(0);
  expect((await store.read(at)).byteLength).toBe(0);
});

test('a source that fails half way leaves what was there before, and no other file', async () => {
  const at = key();
  await store.write(at, Buffer.from('old'));
  const broken = Readable.from(
    (function* () {
      yield Buffer.from('new');
      throw new Error('cut off');
    })(),
  );
  await expect(store.write(at, broken)).rejects.toThrow('cut off');
  expect(Buffer.from(await store.read(at)).toString()).toBe('old');
  expect(await files()).toEqual([join(root, at)]);
});

test('the limit counts bytes and leaves nothing', async () => {
  const at = key();
  expect((await store.write(at, Buffer.alloc(10), { byteCountMax: 10 })).byteCount).toBe(10);
  const other = key();
  expect(await codeOf(store.write(other, Buffer.alloc(11), { byteCountMax: 10 }))).toBe('PAYLOAD_TOO_LARGE');
  expect(await codeOf(store.read(other))).toBe('NOT_FOUND');
  expect(await files()).toEqual([join(root, at)]);
});

test.each(['ENOSPC', 'EDQUOT'])('%s while writing is UNAVAILABLE, in words, and leaves nothing', async (code) => {
  const full = Readable.from(
    (function* () {
      yield Buffer.from('a');
      throw Object.assign(new Error('write failed'), { code });
    })(),
  );
  const write = store.write(key(), full);
  await expect(write).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('full') });
  expect(await files()).toEqual([]);
});

test('a new write replaces; delete is idempotent; a missing artifact is NOT_FOUND', async () => {
  const at = key();
  await store.write(at, Buffer.from('1'));
  await store.write(at, Buffer.from('2'));
  expect(Buffer.from(await store.read(at)).toString()).toBe('2');
  await store.delete(at);
  await store.delete(at);
  const reads = [store.read(at), store.readStream(at), store.localPath(at)];
  expect(await Promise.all(reads.map(codeOf))).toEqual(reads.map(() => 'NOT_FOUND'));
});

test.each([
  '../outside',
  'tenants/../../etc/passwd',
  `tenants/${newId()}/model/../${newId()}`,
  `tenants/${newId()}/model/${newId()}/../x`,
  `/tenants/${newId()}/model/${newId()}`,
  `tenants/${newId()}/MODEL/${newId()}`,
  `tenants/${newId()}/model/${newId()}\n`,
  '',
])('no other key is taken: %j', async (wrong) => {
  const uses = [store.write(wrong, Buffer.alloc(1)), store.read(wrong), store.delete(wrong)];
  expect(await Promise.all(uses.map(codeOf))).toEqual(uses.map(() => 'INTERNAL'));
  expect(await files()).toEqual([]);
});

test("a listing shows a tenant's artifacts and nothing else", async () => {
  const tenantId = newId();
  expect(await listed(tenantId)).toEqual([]);
  const keys = (['MODEL', 'MODEL', 'UPLOAD'] as const).map((kind) => artifactKey(tenantId, kind, newId()));
  for (const at of [...keys, key()]) await store.write(at, Buffer.from('12345'));
  await writeFile(join(root, 'tenants', tenantId, 'model', 'notes.txt'), 'by hand');
  await utimes(join(root, keys[0]), new Date(1e12), new Date(1e12));
  const found = await listed(tenantId);
  expect(found.map((artifact) => artifact.key).sort()).toEqual([...keys].sort());
  expect(found.find((artifact) => artifact.key === keys[0])).toMatchObject({ byteCount: 5, writtenAt: 1e12 });
});

async function listed(tenantId: string) {
  const artifacts = [];
  for await (const artifact of store.list(tenantId)) artifacts.push(artifact);
  return artifacts;
}

test('a sweep removes what dead writers left, and nothing that is young', async () => {
  await mkdir(join(root, 'incoming'));
  for (const name of ['old', 'young']) await writeFile(join(root, 'incoming', name), 'x');
  await utimes(join(root, 'incoming', 'old'), new Date(0), new Date(0));
  const at = key();
  await store.write(at, Buffer.from('kept'));
  await store.sweep(60_000);
  expect((await files()).sort()).toEqual([join(root, 'incoming', 'young'), join(root, at)].sort());
});
