import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { buildSchema } from 'graphql';
import { ByteCache } from '../../src/graphql/operations/byte.cache';
import { DocumentCache } from '../../src/graphql/operations/document.cache';
import { LIMITS } from '../../src/graphql';
import { PersistedQueryStore } from '../../src/graphql/operations/persisted-query.store';
import { collect, startPlatform } from './platform.fixture';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Collects until nothing more is freed: what earlier test files of the process left is freed in several turns. */
async function usedBytes(before = Infinity): Promise<number> {
  collectGarbage();
  await new Promise((resolve) => setImmediate(resolve));
  const { heapUsed, external } = process.memoryUsage();
  const used = heapUsed + external;
  return before - used > 10_000 ? usedBytes(used) : used;
}

describe('the store of documents', () => {
  const schema = buildSchema('type Query { me: Me } type Me { role: String id(a: String, b: [Int]): String }');

  it.each([
    ['fields', 30, (i: number) => `query q${i} { ${'me { role } '.repeat(150)} }`],
    ['arguments', 30, (i: number) => `query q${i} { ${'me { id(a: "x", b: [1, 2, 3]) } '.repeat(120)} }`],
    ['comments', 60, (i: number) => `query q${i} { me { role } } ${'#\n'.repeat(4_000)}`],
    ['long texts', 60, (i: number) => `query q${i} { me { id(a: "${'é'.repeat(60_000)}") } }`],
    ['very little', 1_500, (i: number) => `query q${i} { me { role } }`],
  ])('counts the bytes of documents of %s', async (_what, count, make) => {
    const cache = new DocumentCache(schema, 1e9);
    const before = await usedBytes();
    for (let i = 0; i < count; i++) expect(Array.isArray(cache.get(make(i)))).toBe(false);
    const used = (await usedBytes()) - before;
    // What is counted is an estimate on the safe side.
    expect(used).toBeLessThan(1.5 * cache.bytes);
    expect(cache.bytes).toBeLessThan(5 * used);
  });

  it('stays within its bytes, and keeps what was used last', () => {
    const cache = new DocumentCache(schema, 1_000_000);
    const first = cache.get('{ me { role } }');
    for (let i = 0; i < 150; i++) {
      cache.get(`query q${i} { me { role } } # ${'x'.repeat(9_000)}`);
      expect(cache.get('{ me { role } }')).toBe(first);
      expect(cache.bytes).toBeLessThanOrEqual(1_000_000);
    }
    expect(cache.bytes).toBeGreaterThan(500_000);
  });

  it('does not keep what a caller without a key sends', () => {
    const cache = new DocumentCache(schema);
    cache.get('{ me { role } }', { keep: false });
    expect(cache.bytes).toBe(0);
  });
});

it('a cache does not keep what is larger than a quarter of it', () => {
  const cache = new ByteCache<string>(100_000);
  cache.set('a', 'small', 10);
  cache.set('b', 'large', 50_000);
  expect([cache.get('a'), cache.get('b')]).toEqual(['small', undefined]);
});

it('persisted queries are bounded however short they are, and end', async () => {
  const store = new PersistedQueryStore();
  const before = await usedBytes();
  for (let i = 0; i < 40_000; i++) await store.set(`hash ${i}`, `{ a${i} }`, { ttl: 60 });
  expect((await usedBytes()) - before).toBeLessThan(1.5 * LIMITS.persistedQueryBytes);
  expect(await store.get('hash 39999')).toBe('{ a39999 }');
  expect(await store.get('hash 0')).toBeUndefined();
  await store.set('over', '{ a }', { ttl: -1 });
  expect(await store.get('over')).toBeUndefined();
});

describe('HTTP and sockets', () => {
  const platform = startPlatform();

  it('share the store', async () => {
    const key = await platform.createKey('OWNER', (await platform.createTenant()).tenantId);
    const get = jest.spyOn(DocumentCache.prototype, 'get');
    const query = '{ me { role } } # shared';
    expect((await platform.ask(query, { key })).data.me.role).toBe('OWNER');
    expect((await collect(platform.connect(key), query)).values[0].data.me.role).toBe('OWNER');
    const [http, socket] = get.mock.results.map(({ value }) => value);
    get.mockRestore();
    expect(http).toBe(socket);
  });
});
