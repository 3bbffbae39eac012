/** Requests that fail outside GraphQL: one shape of refusal, no line in the log of errors, bounded work for strangers. */
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { shared } from '../../src/graphql/operations/shared-reading';
import { startPlatform } from './platform.fixture';
import type { Refused } from '../support/operation';

const platform = startPlatform();
let key: string;
beforeAll(async () => {
  key = await platform.createKey('OWNER', (await platform.createTenant()).tenantId);
});

it.each([
  ['/uploads/%E0%A4%A', 400, 'VALIDATION_FAILED'],
  ['/%', 400, 'VALIDATION_FAILED'],
  ['/healthz?a=1&a=2', 400, 'VALIDATION_FAILED'],
  ['/graphql?query={__typename}&query={__typename}', 400, 'VALIDATION_FAILED'],
  ['/nothing', 404, 'NOT_FOUND'],
])('%s is refused in the shape of all refusals', async (path, status, code) => {
  const response = await fetch(platform.url + path);
  const { errors } = (await response.json()) as Refused;
  expect([response.status, errors[0].extensions]).toMatchObject([
    status,
    { code, requestId: response.headers.get('x-request-id') },
  ]);
});

it('a persisted query is registered by those who have a key, and found by all', async () => {
  const persisted = async (query: string, o: { key?: string; text?: boolean } = {}) => {
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const body = { ...(o.text && { query }), extensions: { persistedQuery: { version: 1, sha256Hash } } };
    const headers = o.key === undefined ? undefined : { authorization: `Bearer ${o.key}` };
    const { data, errors } = await platform.post(JSON.stringify(body), headers);
    return data ?? errors![0].extensions.code;
  };
  const [strange, known] = ['{ __typename } # a', '{ __typename } # b'];
  expect(await persisted(strange, { text: true })).toEqual({ __typename: 'Query' });
  expect(await persisted(strange)).toBe('NOT_FOUND');
  expect(await persisted(known, { text: true, key })).toEqual({ __typename: 'Query' });
  expect(await persisted(known)).toEqual({ __typename: 'Query' });
});

describe('a shared reading', () => {
  it('is read once for all who ask meanwhile, and for some time after', async () => {
    let reads = 0;
    const read = async () => (await wait(20), ++reads);
    const [now, later] = [shared(read), shared(read, 1_000)];
    expect(await Promise.all(Array.from({ length: 100 }, now))).toEqual(Array(100).fill(1));
    expect([await now(), await later(), await later()]).toEqual([2, 3, 3]);
  });

  it('that failed is asked for anew', async () => {
    let reads = 0;
    const read = shared(async () => {
      if (++reads === 1) throw new Error('away');
      return reads;
    }, 1_000);
    await expect(Promise.all([read(), read()])).rejects.toThrow('away');
    expect(await read()).toBe(2);
  });
});
