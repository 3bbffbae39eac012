import { join } from 'node:path';
import { deployMlp } from '../../bench/predict.model';
import { generateKey } from '../../src/access';
import { newId, type TenantContext } from '../../src/kernel';
import { FileArtifactStore } from '../../src/storage';
import { openTestApp, openTestDatabase } from '../support';
import { BODIES, Dice, DOCUMENTS } from './hostile-requests';

// The short form of `npm run attack -- graphql`: every kind of request at a few sizes, against the whole product.
const test = openTestDatabase();
const SIZES = [200, 100_000];
const REFUSAL_BYTES_MAX = 64_000;
let address: string;
let key: string;

beforeAll(async () => {
  const { app, config } = await openTestApp(test);
  const context = await test.createTenant();
  key = await createKey(context);
  const caller = (await app.services.authenticator.authenticate(`Bearer ${key}`, 'attack')) as TenantContext;
  await deployMlp(app, new FileArtifactStore(join(config.dataDir, 'artifacts')), caller);
  address = await app.listen();
});

async function createKey({ tenantId }: TenantContext): Promise<string> {
  const { secret, prefix, hash } = generateKey();
  const sql = `INSERT INTO api_keys (id, tenant_id, name, role, prefix, secret_hash) VALUES ($1, $2, 'test', 'OWNER', $3, $4)`;
  await test.ownerQuery(sql, [newId(), tenantId, prefix, hash]);
  return secret;
}

async function send(body: string, headers: Record<string, string>): Promise<string> {
  const response = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const text = await response.text();
  const isRefused = response.status >= 400 || text.includes('"errors":[');
  if (isRefused) expect(text.length).toBeLessThan(REFUSAL_BYTES_MAX);
  expect(response.status).not.toBe(500);
  expect(text).not.toContain('"INTERNAL"');
  if (isRefused) expect(text).toMatch(/"code":"[A-Z_]+"/);
  return text;
}

const documents = Object.entries(DOCUMENTS).map(
  ([kind, make]) =>
    [`document ${kind}`, (dice: Dice, size: number) => JSON.stringify({ query: make(dice, size) })] as const,
);
const bodies = Object.entries(BODIES).map(([kind, make]) => [`body ${kind}`, make] as const);

it.each([...documents, ...bodies])('%s of any size is refused with a code, or answered', async (_kind, make) => {
  for (const size of SIZES) {
    const dice = new Dice(size);
    await send(make(dice, size), { authorization: `Bearer ${key}` });
    await send(make(dice, size), {});
  }
});

it.each([
  ['document deepList', 'QUERY_TOO_COMPLEX'],
  ['document deepType', 'QUERY_TOO_COMPLEX'],
  ['document conflicts', 'QUERY_TOO_COMPLEX'],
  ['document blanks', 'QUERY_TOO_COMPLEX'],
  ['document hugeAlias', 'QUERY_TOO_COMPLEX'],
  ['body deepVariables', 'QUERY_TOO_COMPLEX'],
  ['body deepObjects', 'QUERY_TOO_COMPLEX'],
  ['body deepExtensions', 'QUERY_TOO_COMPLEX'],
  ['body unknownInputFields', 'VALIDATION_FAILED'],
  ['body unknownRowFields', 'VALIDATION_FAILED'],
  ['body hugeEnum', 'VALIDATION_FAILED'],
  ['body nulls', 'QUERY_TOO_COMPLEX'],
  ['body emptyRows', 'PAYLOAD_TOO_LARGE'],
  ['body batchOfDocuments', 'VALIDATION_FAILED'],
])('%s is refused as %s', async (kind, code) => {
  const [, make] = [...documents, ...bodies].find(([name]) => name === kind)!;
  expect(await send(make(new Dice(7), 50_000), { authorization: `Bearer ${key}` })).toContain(`"code":"${code}"`);
});

it.each(['document literalNaN', 'document literalRows'])('a short %s is VALIDATION_FAILED', async (kind) => {
  const [, make] = documents.find(([name]) => name === kind)!;
  expect(await send(make(new Dice(7), 300), { authorization: `Bearer ${key}` })).toContain('"VALIDATION_FAILED"');
});

it('a long body without a key is refused before it is read', async () => {
  const text = await send(BODIES.emptyRows(new Dice(1), 300_000), {});
  expect(text).toContain('A request without an api key takes at most 262144 bytes');
});
