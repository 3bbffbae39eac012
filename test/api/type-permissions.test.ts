import { defaultFieldResolver, getNamedType, isIntrospectionType, isObjectType } from 'graphql';
import type { App } from '../../src/app';
import { generateKey, TYPE_PERMISSIONS } from '../../src/access';
import { type Role, ROLES, type TenantContext, toGlobalId } from '../../src/kernel';
import { openTestApp, openTestDatabase } from '../support';
import { trainAndDeploy } from './whole-life.fixture';

jest.setTimeout(120_000);
const database = openTestDatabase();
let app: App;
let owner: TenantContext;
let url: string;
const keys = {} as Record<Role, { id: string; secret: string }>;

beforeAll(async () => {
  app = (await openTestApp(database)).app;
  await app.consume();
  url = await app.listen();
  owner = await database.createTenant('Plant');
  for (const role of ROLES) {
    const { secret, prefix, hash } = generateKey();
    const [{ id }] = await database.ownerQuery<{ id: string }>(
      `INSERT INTO api_keys (id, tenant_id, name, role, secret_hash, prefix, created_at)
       VALUES (gen_random_uuid(), $1, $2, $2, $3, $4, now()) RETURNING id`,
      [role === 'OPERATOR' ? null : owner.tenantId, role, hash, prefix],
    );
    keys[role] = { id, secret };
  }
  await trainAndDeploy(app, owner, 'machines');
});

async function ask(role: Role, query: string, headers: Record<string, string> = {}): Promise<any> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${keys[role].secret}`, ...headers },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

const predict = (selection: string) =>
  `mutation { predict(input: { deployment: "machines", rows: [{ speed: 1650 }] }) { ${selection} } }`;
const outcome = ({ errors, data }: any) => errors?.map((error: any) => error.extensions.code).join() ?? data;

describe('a PREDICTOR', () => {
  it('reads what answered', async () => {
    const selection = `predictions { id value scores { label probability } notes { message } } noteCount latencyMs
      deployment { id name state revision modelVersion { id } }
      modelVersion { id version createdAt model { id name } card { task labels target threshold family } }`;
    const { data, errors } = await ask('PREDICTOR', predict(selection));
    expect(errors).toBeUndefined();
    expect(data.predict.modelVersion.card.labels).toEqual(expect.arrayContaining(['yes', 'no']));
  });

  it.each([
    'modelVersion { run { id } }',
    'deployment { modelVersion { run { datasetVersion { columns { name mean } preview(first: 3) { rows } } } } }',
    'modelVersion { model { pipeline { id } } }',
    'modelVersion { card { inputs { name levels minimum } } }',
    'modelVersion { card { leftOut { reason } } }',
    'modelVersion { variants { byteCount } }',
    '...Made } } fragment Made on PredictPayload { modelVersion { ... on ModelVersion { hidden: run { seed } }',
  ])('does not read what it was made of: %s', async (selection) => {
    const answer = await ask('PREDICTOR', predict(selection));
    expect(outcome(answer)).toBe('FORBIDDEN');
    expect(answer.data).toBeNull();
    expect(outcome(await ask('DEVELOPER', predict(selection)))).toMatchObject({ predict: {} });
  });
});

describe('keys of others', () => {
  const look = (id: string, field: string) => `{ ${field} { id ... on ApiKey { name role prefix } } }`.replace('$', id);

  it.each(['nodeById(id: "$")', 'node(id: "$")', 'nodes(ids: ["$"])'])(
    'are for administrators in %s',
    async (field) => {
      const query = look(toGlobalId('ApiKey', keys.ADMIN.id), field);
      for (const role of ['VIEWER', 'DEVELOPER'] as const) expect(outcome(await ask(role, query))).toBe('FORBIDDEN');
      expect(JSON.stringify(outcome(await ask('ADMIN', query)))).toContain('"role":"ADMIN"');
    },
  );

  it('are refused one by one where several objects are asked for', async () => {
    const ids = [toGlobalId('ApiKey', keys.ADMIN.id), toGlobalId('Tenant', owner.tenantId)];
    const { data, errors } = await ask('VIEWER', `{ nodes(ids: ${JSON.stringify(ids)}) { __typename } }`);
    expect([data.nodes, errors.map((error: any) => error.path)]).toEqual([
      [null, { __typename: 'Tenant' }],
      [['nodes', 0]],
    ]);
  });

  it.each(['PREDICTOR', 'VIEWER'] as const)('a %s still reads its own', async (role) => {
    expect(outcome(await ask(role, '{ me { apiKey { name role } tenant { name } } }'))).toMatchObject({
      me: { apiKey: { name: role, role } },
    });
  });
});

it('refuses each role every field of a type it may not read, wherever it may read what stands around it', () => {
  const objects = Object.values(app.schema().getTypeMap()).filter(isObjectType);
  const refused: string[] = [];
  for (const type of objects.filter((each) => TYPE_PERMISSIONS[each.name] && !isIntrospectionType(each)))
    for (const field of Object.values(type.getFields())) {
      const roles = TYPE_PERMISSIONS[`${type.name}.${field.name}`] ?? TYPE_PERMISSIONS[getNamedType(field.type).name];
      for (const role of ['PREDICTOR', 'VIEWER'] as const) {
        if (!roles || !TYPE_PERMISSIONS[type.name].includes(role) || roles.includes(role)) continue;
        const resolve = (field.resolve ?? defaultFieldResolver) as (...args: unknown[]) => unknown;
        expect(() => resolve({}, {}, { caller: { ...owner, role } }, {})).toThrow(/may not read/);
        refused.push(`${role} ${type.name}.${field.name}`);
      }
    }
  expect(refused).toContain('PREDICTOR ModelVersion.run');
});
