import { getNamedType, type GraphQLArgument, type GraphQLInputField, isInputObjectType } from 'graphql';
import { CASES } from '../../seeds/library';
import { generateKey, PERMISSIONS } from '../../src/access';
import type { App } from '../../src/app';
import { newId } from '../../src/kernel';
import { PraxisClient } from '../../src/sdk';
import { openTestApp, openTestDatabase } from '../support';
import { type Outcome, type Probe, PROBES } from './probes.fixture';
import { type Answer, ask, CASE, idsIn, listen, makeWorld, rowsOf, tenantTables, type World } from './world.fixture';

jest.setTimeout(120_000);

/**
 * Every root field of the schema as a stranger would use it: a second tenant calls it with the ids, names, cursors and
 * idempotency keys of the first one, and so does an operator. The first tenant makes the same call and finds its rows.
 */

const database = openTestDatabase();
let app: App;
let url: string;
/** Whose rows are at stake, and the stranger. Both are built alike; all names that they give begin with their word. */
let alder: World;
let birch: World;
let operator: Caller;
let tables: string[];
/** Of the case library and of the operator's key, which every tenant may see. */
let platformIds: Set<string>;

type Caller = Pick<World, 'key' | 'client'>;

beforeAll(async () => {
  app = (await openTestApp(database)).app;
  await app.services.cases.publish([CASE, CASES[1]]);
  url = await app.listen();
  await app.consume();
  operator = callerOf(await issueOperatorKey());
  // The stranger's rows are older, so a cursor of the other's lists leaves all of them to his own list.
  birch = await onboard('birch', 5);
  alder = await onboard('alder', 7);
  tables = await tenantTables(database);
  const ids = await database.ownerQuery<{ id: string }>(
    'SELECT id FROM cases UNION SELECT id FROM api_keys WHERE tenant_id IS NULL',
  );
  platformIds = new Set(ids.map(({ id }) => id));
});

function callerOf(key: string): Caller {
  const client = new PraxisClient({ url, key });
  database.defer(() => client.close());
  return { key, client };
}

async function issueOperatorKey(): Promise<string> {
  const { secret, prefix, hash } = generateKey();
  await database.ownerQuery(
    `INSERT INTO api_keys (id, name, role, prefix, secret_hash) VALUES ($1, 'operator', 'OPERATOR', $2, $3)`,
    [newId(), prefix, hash],
  );
  return secret;
}

async function onboard(word: string, seed: number): Promise<World> {
  const input = { name: `${word} works`, slug: word, adminEmail: `${word}@example.org`, plan: 'STANDARD' };
  const mutation = `mutation ($input: OnboardTenantInput!) { onboardTenant(input: $input) { apiKey { secret } } }`;
  const { onboardTenant } = await operator.client.run<any>(mutation, { input });
  const world = await makeWorld(callerOf(onboardTenant.apiKey.secret), word, seed);
  const make = 'mutation { createOperatorKey(input: { name: "spare" }) { apiKey { id } } }';
  world.operatorKeyId = (await operator.client.run<any>(make)).createOperatorKey.apiKey.id;
  await addAsset(world);
  return world;
}

/** As a learner that makes one leaves it: no family does. On the oldest version, which answers nobody any more. */
async function addAsset({ tenantId, word }: World): Promise<void> {
  await database.ownerQuery(
    `INSERT INTO model_assets (tenant_id, model_version_id, name, media_type, artifact_id, byte_count, sha256)
     SELECT v.tenant_id, v.id, $2, 'text/plain', f.artifact_id, f.byte_count, '' FROM model_versions v
     JOIN model_variants f ON (f.tenant_id, f.model_version_id) = (v.tenant_id, v.id)
     WHERE v.tenant_id = $1 ORDER BY v.created_at LIMIT 1`,
    [tenantId, `${word}/words.txt`],
  );
}

// ---- the table covers the schema -----------------------------------------------------------------------------------

function rootFields() {
  const schema = app.schema();
  const types = [schema.getQueryType()!, schema.getMutationType()!, schema.getSubscriptionType()!];
  return types.flatMap((type) => Object.values(type.getFields()));
}

/** Arguments and input fields, at any depth, that can name a row of a tenant. */
function references(inputs: readonly (GraphQLArgument | GraphQLInputField)[]): string[] {
  return inputs.flatMap(({ name, type }) => {
    const named = getNamedType(type);
    if (isInputObjectType(named)) return references(Object.values(named.getFields()));
    const byName = named.name === 'String' && ['after', 'before', 'deployment', 'idempotencyKey'].includes(name);
    return named.name === 'ID' || byName ? [name] : [];
  });
}

/** These name cases of the library. */
const LIBRARY_REFERENCES = [
  'case.id',
  'caseById.id',
  'cases.after',
  'cases.before',
  'caseRuns.caseId',
  'runCase.caseId',
];

/** Values under a name, at any depth. */
function valuesOf(name: string, variables: unknown): unknown[] {
  if (typeof variables !== 'object' || variables === null) return [];
  return Object.entries(variables).flatMap(([key, value]) => [
    ...(key === name ? [value] : []),
    ...valuesOf(name, value),
  ]);
}

test('every root field of the schema is probed, with every argument that can name a row', () => {
  const fields = rootFields();
  expect(Object.keys(PROBES).sort()).toEqual(fields.map(({ name }) => name).sort());
  const unprobed = fields.flatMap((field) => {
    const probes = PROBES[field.name].filter(({ outcome }) => outcome !== 'PLATFORM');
    const isProbed = (name: string) =>
      probes.some(({ variables }) => {
        const [foreign, ours] = [variables(alder, birch), variables(birch, birch)].map((all) => valuesOf(name, all));
        return foreign.length > 0 && (name === 'idempotencyKey' || JSON.stringify(foreign) !== JSON.stringify(ours));
      });
    const names = probes.length > 0 ? references(field.args).filter((name) => !isProbed(name)) : [];
    return names.map((name) => `${field.name}.${name}`);
  });
  expect(unprobed.filter((name) => !LIBRARY_REFERENCES.includes(name))).toEqual([]);
});

test('both tenants have rows in every table of tenants', async () => {
  for (const rows of Object.values(await stored())) {
    const filled = new Set(rows.map((row) => row.split(' ')[0]));
    expect([...filled].sort()).toEqual([...tables, 'tenants'].sort());
  }
});

// ---- the walk --------------------------------------------------------------------------------------------------

const call = ({ key, client }: Caller, query: string, variables: Record<string, unknown>): Promise<Answer> =>
  query.startsWith('subscription') ? listen(client, query, variables) : ask(url, key, query, variables);

type Stored = Record<'alder' | 'birch', string[]>;

/** Everything that is stored, of both tenants. */
async function stored(): Promise<Stored> {
  await app.services.predictions.drain();
  const [ofAlder, ofBirch] = await rowsOf(database, tables, [alder, birch]);
  return { alder: ofAlder, birch: ofBirch };
}

/** Ids in a text that stand in these rows; the platform's do not count. */
function idsOf(rows: string[], text: string): string[] {
  const told = [...idsIn(text)].filter((id) => !platformIds.has(id));
  return told.filter((id) => rows.some((row) => row.includes(id)));
}

const rootOf = ({ data }: Answer): unknown => data && Object.values(data)[0];

test.each(Object.keys(PROBES))('%s', async (field) => {
  for (const probe of PROBES[field]) await (probe.outcome === 'PLATFORM' ? refuseTenants : keepApart)(field, probe);
});

async function keepApart(field: string, probe: Probe): Promise<void> {
  const { outcome, query } = probe;
  const changes = query.startsWith('mutation');
  const [asStranger, asOwner] = [probe.variables(alder, birch), probe.variables(alder, alder)];
  const earlier = changes ? null : await call(alder, query, asOwner);
  const before = await stored();
  const byStranger = await call(birch, query, asStranger);
  const byOperator = await call(operator, query, asStranger);
  const after = await stored();
  expect(after.alder).toEqual(before.alder);
  if (!changes || outcome !== 'OWN') expect(after.birch).toEqual(before.birch);
  expectOutcome(outcome, byStranger, after);
  expectNoTrace(byStranger, asStranger, after.alder);
  if (PERMISSIONS[field].includes('OPERATOR'))
    expect(idsOf([...after.alder, ...after.birch], byOperator.text)).toEqual([]);
  else expect([byOperator.code, rootOf(byOperator)]).toEqual(['FORBIDDEN', null]);
  const byOwner = await call(alder, query, asOwner);
  if (earlier) expect(byOwner).toEqual(earlier);
  if (probe.ownerCode) expect(byOwner.code).toBe(probe.ownerCode);
  else expectFound(outcome, byOwner, changes ? await stored() : after);
}

function expectOutcome(outcome: Outcome, answer: Answer, rows: Stored): void {
  if (outcome === 'REFUSED') {
    expect(answer).toMatchObject({ code: 'NOT_FOUND', data: null });
    return;
  }
  expect(answer.code).toBeNull();
  expect(idsOf(rows.alder, answer.text)).toEqual([]);
  const ours = idsOf(rows.birch, answer.text);
  if (outcome === 'OWN') expect(ours).not.toEqual([]);
  else expect(ours).toEqual([]);
}

/** A refusal may repeat what the caller sent, and says nothing else of the other tenant. */
function expectNoTrace({ text }: Answer, sent: Record<string, unknown>, rows: string[]): void {
  const sentIds = idsIn(JSON.stringify(sent));
  expect(idsOf(rows, text).filter((id) => !sentIds.has(id))).toEqual([]);
  if (!JSON.stringify(sent).includes(alder.word)) expect(text).not.toContain(alder.word);
}

/** The owner finds with the same call what the stranger could not. */
function expectFound(outcome: Outcome, answer: Answer, rows: Stored): void {
  expect(answer.code).toBeNull();
  expect(rootOf(answer)).toBeTruthy();
  expect(idsOf(rows.birch, answer.text)).toEqual([]);
  if (outcome === 'OWN' || outcome === 'NOTHING') expect(idsOf(rows.alder, answer.text)).not.toEqual([]);
}

async function refuseTenants(_field: string, { query, variables }: Probe): Promise<void> {
  const before = await stored();
  for (const tenant of [alder, birch]) {
    expect(await call(tenant, query, variables(alder, tenant))).toMatchObject({ code: 'FORBIDDEN', data: null });
  }
  expect(await stored()).toEqual(before);
  const answer = await call(operator, query, variables(alder, birch));
  expect(answer.code).toBeNull();
  // An operator sees which tenants there are, and no row of theirs.
  const rows = await stored();
  const tenants = [alder.tenantId, birch.tenantId];
  expect(idsOf([...rows.alder, ...rows.birch], answer.text).filter((id) => !tenants.includes(id))).toEqual([]);
}

// ---- beside GraphQL ----------------------------------------------------------------------------------------------

test.each([
  ['a model file', 'modelVersion', 'ModelVersion', ''],
  ['the file of a dataset version', 'datasetVersion', 'DatasetVersion', ''],
  ['a dataset version as CSV', 'datasetVersion', 'DatasetVersion', '(format: CSV)'],
] as const)('%s is there for its tenant only', async (_, field, kind, format) => {
  const query = `query ($id: ID!) { found: ${field}(id: $id) { downloadPath${format} } }`;
  const { found } = await alder.client.run<any>(query, { id: alder.ids[kind] });
  const get = (key?: string) =>
    fetch(url + found.downloadPath, { headers: key ? { authorization: `Bearer ${key}` } : {} });
  const answers = await Promise.all([get(birch.key), get(operator.key), get()]);
  expect(answers.map(({ status }) => status)).toEqual([404, 403, 401]);
  for (const answer of answers) expect(await answer.json()).toMatchObject({ errors: [{ extensions: {} }] });
  const ours = await get(alder.key);
  expect(ours.status).toBe(200);
  expect((await ours.arrayBuffer()).byteLength).toBeGreaterThan(500);
});

test('an upload takes a file only with the secret of its own address', async () => {
  const addressOf = async ({ client, ids }: World) => {
    const mutation = 'mutation ($id: ID!) { createUpload(input: { datasetId: $id }) { upload { url } } }';
    const { createUpload } = await client.run<any>(mutation, { id: ids.Dataset });
    return new URL(createUpload.upload.url, url);
  };
  const [target, ours] = [await addressOf(alder), await addressOf(birch)];
  const put = (search: string, key: string) =>
    fetch(new URL(target.pathname + search, url), {
      method: 'PUT',
      headers: { authorization: `Bearer ${key}` },
      body: 'a,b\n1,x\n2,y\n',
    });
  const before = await stored();
  for (const search of ['', ours.search]) {
    for (const { key } of [birch, alder, operator]) {
      const refused = await put(search, key);
      expect([refused.status, await refused.json()]).toMatchObject([404, { error: { code: 'NOT_FOUND' } }]);
    }
  }
  expect(await stored()).toEqual(before);
  const taken = await put(target.search, birch.key);
  expect([taken.status, await taken.json()]).toMatchObject([202, { state: 'INGESTING' }]);
  const version = await alder.client.datasets.ready(alder.ids.Dataset);
  expect(version).toMatchObject({ rowCount: 2 });
  await expect(birch.client.datasets.version(version.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('the open routes name no tenant', async () => {
  const pages = await Promise.all(
    ['/metrics', '/healthz', '/readyz'].map(async (path) => (await fetch(url + path)).text()),
  );
  const { alder: rows } = await stored();
  for (const text of pages) expect([idsOf(rows, text), text.includes(alder.word)]).toEqual([[], false]);
});
