import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { App } from '../../src/app';
import { newId, parseGlobalId, type TenantContext } from '../../src/kernel';
import { DatasetEventsDocument, PraxisClient, PraxisClientError, RunResultDocument } from '../../src/sdk';
import { openTestApp, openTestDatabase } from '../support';
import { CuttableProxy } from './cuttable-proxy';

const test = openTestDatabase();
const folder = mkdtempSync(join(tmpdir(), 'praxis-sdk-'));
let app: App;
let url: string;
let key: string;
let context: TenantContext;
let praxis: PraxisClient;

beforeAll(async () => {
  app = (await openTestApp(test)).app;
  url = await app.listen();
  await app.consume();
  context = { ...(await test.createTenant()), role: 'OWNER' };
  key = (await app.services.apiKeys.create(context, { name: 'sdk', role: 'OWNER' })).secret;
  praxis = new PraxisClient({ url: `${url}/graphql/`, key });
  test.defer(() => praxis.close());
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CSV = `a,b,c\n${Array.from({ length: 40 }, (_, i) => `${i},${i % 3},x${i % 2}`).join('\n')}\n`;

async function failure(call: Promise<unknown>): Promise<PraxisClientError> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PraxisClientError);
  return error as PraxisClientError;
}

describe('run', () => {
  it('answers typed documents and plain text alike', async () => {
    const { me } = await praxis.run<{ me: { role: string } }>('{ me { role } }');
    expect(me.role).toBe('OWNER');
    const { families } = await praxis.run<{ families: { name: string }[] }>('{ families { name } }');
    expect(families.map(({ name }) => name)).toContain('mlp');
  });

  it('throws the code, the request id and the issues of the server', async () => {
    const lost = await failure(praxis.run(RunResultDocument, { id: 'nothing' }));
    expect(lost).toMatchObject({ code: 'NOT_FOUND', issues: [] });
    expect(lost.requestId).toMatch(/^[\w.-]{8,}$/);
    const empty = 'mutation { createDataset(input: { name: "", format: CSV }) { dataset { id } } }';
    const invalid = await failure(praxis.run(empty));
    expect(invalid).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path: expect.stringMatching(/name$/) }] });
    expect(await failure(praxis.run('{ nothing }'))).toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('says when the key is wrong or nobody answers', async () => {
    const wrong = new PraxisClient({ url, key: 'wrong' });
    expect(await failure(wrong.run('{ me { role } }'))).toMatchObject({ code: 'UNAUTHENTICATED' });
    const events = wrong.subscribe(DatasetEventsDocument, { datasetId: 'x', after: 0 });
    expect(await failure(events.next())).toMatchObject({ code: 'UNAUTHENTICATED' });
    await wrong.close();
    const nobody = new PraxisClient({ url: 'http://127.0.0.1:9', key });
    expect(await failure(nobody.run('{ me { role } }'))).toMatchObject({ code: 'UNREACHABLE' });
    const silence = nobody.subscribe(DatasetEventsDocument, { datasetId: 'x', after: 0 });
    expect(await failure(silence.next())).toMatchObject({ code: 'UNREACHABLE' });
  });

  it('refuses an address or a key that cannot be one, and shows the key to no other server', async () => {
    for (const options of [
      { url: 'localhost:4711', key },
      { url: 'here', key },
      { url, key: 'ключ' },
    ]) {
      expect(() => new PraxisClient(options)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
    }
    for (const path of ['http://127.0.0.1:9/x', '//127.0.0.1:9/x']) {
      expect(await failure(praxis.download(path))).toMatchObject({ code: 'VALIDATION_FAILED' });
    }
  });

  it('says when the answer is no GraphQL', async () => {
    const page = async () => new Response('<html>Gateway</html>', { status: 502 });
    const client = new PraxisClient({ url, key, fetch: page as typeof fetch });
    const error = await failure(client.run('{ me { role } }'));
    expect(error).toMatchObject({ code: 'UNEXPECTED', message: expect.stringMatching(/502.*Gateway/) });
  });
});

describe('upload', () => {
  const path = join(folder, 'some rows.csv');
  writeFileSync(path, CSV);
  writeFileSync(join(folder, 'packed.csv.gz'), gzipSync(CSV));

  async function* pieces() {
    for (let at = 0; at < CSV.length; at += 50) yield new TextEncoder().encode(CSV.slice(at, at + 50));
  }

  it.each([
    ['a path', () => path, 'some rows'],
    ['a packed path', () => join(folder, 'packed.csv.gz'), 'packed'],
    ['bytes', () => new TextEncoder().encode(CSV), 'Untitled'],
    ['a Blob', () => new Blob([CSV]), 'Untitled'],
    ['a web stream', () => new Blob([CSV]).stream(), 'Untitled'],
    ['an iterable', () => pieces(), 'Untitled'],
  ])('takes %s', async (_what, source, name) => {
    const sent: number[] = [];
    const dataset = await praxis.datasets.upload(source() as string, { onProgress: (count) => sent.push(count) });
    expect(dataset.name).toBe(name);
    const phases: string[] = [];
    const version = await praxis.datasets.ready(dataset.id, { onEvent: ({ event }) => phases.push(event.__typename) });
    expect(version.rowCount).toBe(40);
    expect(version.columns.map((column) => [column.name, column.type])).toEqual([
      ['a', 'INTEGER'],
      ['b', 'INTEGER'],
      ['c', 'TEXT'],
    ]);
    expect(phases).toContain('IngestProgress');
    if (!name.startsWith('packed')) expect(sent.at(-1)).toBe(CSV.length);
  });

  it('throws the findings of a refused file, with row and fix', async () => {
    const dataset = await praxis.datasets.upload(new Blob(['a,b\n1,2\n3\n']), { name: 'ragged' });
    const error = await failure(praxis.datasets.ready(dataset.id));
    expect(error).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path: 'row 2' }] });
    expect(error.issues[0].hint).toBeTruthy();
  });

  it('names a file that cannot be read, and makes nothing for it', async () => {
    const datasetCount = async () => (await praxis.run<any>('{ datasets { totalCount } }')).datasets.totalCount;
    const before = await datasetCount();
    for (const path of [join(folder, 'missing.csv'), folder]) {
      const error = await failure(praxis.datasets.upload(path));
      expect(error).toMatchObject({ code: 'VALIDATION_FAILED', message: expect.stringContaining(path) });
    }
    for (const other of [5, null, undefined, {}]) {
      const error = await failure(praxis.datasets.upload(other as never));
      expect(error).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path: 'source' }] });
    }
    expect(await datasetCount()).toBe(before);
  });

  it('tells a source that fails, or that gives no bytes, from a server that does not answer', async () => {
    async function* failing() {
      yield new TextEncoder().encode(CSV);
      throw new Error('the disk is gone');
    }
    async function* wrong() {
      yield 5;
    }
    const upload = (source: unknown) => failure(praxis.datasets.upload(source as never, { name: 'failing' }));
    expect(await upload(failing())).toMatchObject({
      code: 'VALIDATION_FAILED',
      message: 'The source of the upload cannot be read: the disk is gone.',
    });
    expect(await upload(wrong())).toMatchObject({
      code: 'VALIDATION_FAILED',
      message: expect.stringContaining('a part of the type number'),
    });
  });
});

describe('subscribe', () => {
  /** A dataset whose events the test writes itself. */
  async function stream() {
    const { id } = await praxis.datasets.upload(new Blob([CSV]), { name: 'events' });
    await praxis.datasets.ready(id);
    const uuid = parseGlobalId(id)!.uuid;
    const emit = (count: number) =>
      test.db.inTenant(context, (tx) =>
        tx.appendEvents(
          uuid,
          Array.from({ length: count }, () => ({ kind: 'progress', payload: { phase: 'LOADING', fraction: 0.5 } })),
        ),
      );
    return { id, emit };
  }

  it('goes on after the last event when the connection is cut, without losing or repeating one', async () => {
    const proxy = await CuttableProxy.open(Number(new URL(url).port));
    const client = new PraxisClient({ url: proxy.url, key });
    const { id, emit } = await stream();
    const after = await emit(1);
    const seen: number[] = [];
    const reconnects: number[] = [];
    const stop = new AbortController();
    const last = after + 90;
    const events = client.subscribe(
      DatasetEventsDocument,
      { datasetId: id, after },
      { signal: stop.signal, onReconnect: (attempt) => reconnects.push(attempt) },
    );
    const reading = (async () => {
      for await (const { datasetEvents } of events) {
        seen.push(datasetEvents.sequence);
        if (datasetEvents.sequence % 30 === 0) proxy.cut();
        if (datasetEvents.sequence === last) return;
      }
    })();
    for (let i = 0; i < 9; i++) {
      await emit(10);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await reading;
    expect(seen).toEqual(Array.from({ length: 90 }, (_, i) => after + 1 + i));
    expect(reconnects.length).toBeGreaterThanOrEqual(2);
    await client.close();
    await proxy.close();
  });

  it('ends when the signal aborts, while it waits', async () => {
    const { id, emit } = await stream();
    const after = await emit(1);
    const stop = new AbortController();
    const events = praxis.subscribe(DatasetEventsDocument, { datasetId: id, after }, { signal: stop.signal });
    const waiting = events.next();
    await emit(1);
    expect((await waiting).value).toMatchObject({ datasetEvents: { sequence: after + 1 } });
    const next = events.next();
    setTimeout(() => stop.abort(), 20);
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('gives a refusal as an error and does not try again', async () => {
    const unknown = Buffer.from(`Dataset:${newId()}`).toString('base64url');
    const events = praxis.subscribe(DatasetEventsDocument, { datasetId: unknown, after: 0 });
    expect(await failure(events.next())).toMatchObject({ code: 'NOT_FOUND' });
  });
});
