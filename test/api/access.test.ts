import { PERMISSIONS } from '../../src/access';
import { type Role, ROLES, toGlobalId } from '../../src/kernel';
import { collect, startPlatform } from './platform.fixture';

const platform = startPlatform();
let tenantId: string;
const keys = {} as Record<Role, string>;

beforeAll(async () => {
  tenantId = (await platform.createTenant()).tenantId;
  for (const role of ROLES) keys[role] = await platform.createKey(role, role === 'OPERATOR' ? null : tenantId);
});

describe('roles', () => {
  /** An operation for each root field of this schema; every one is refused or let through before it fails for itself. */
  const OPERATIONS: Record<string, string> = {
    me: '{ me { role } }',
    tenant: '{ tenant { id } }',
    tenants: '{ tenants { edges { cursor } } }',
    node: '{ node(id: "x") { id } }',
    nodeById: '{ nodeById(id: "x") { id } }',
    nodes: '{ nodes(ids: []) { id } }',
    apiKeys: '{ apiKeys { edges { cursor } } }',
    auditEvents: '{ auditEvents { edges { cursor } } }',
    operatorKeys: '{ operatorKeys { edges { cursor } } }',
    platformAuditEvents: '{ platformAuditEvents { edges { cursor } } }',
    lineage: '{ lineage(of: "x") { truncated } }',
    run: '{ run(end: "ok") }',
    dataset: '{ dataset(input: { rows: [] }) }',
    onboardTenant:
      'mutation { onboardTenant(input: { name: "", slug: "x", adminEmail: "x", plan: TRIAL }) { tenant { id } } }',
    createApiKey: 'mutation { createApiKey(input: { name: "", role: VIEWER }) { apiKey { id } } }',
    revokeApiKey: 'mutation { revokeApiKey(input: { id: "x" }) { apiKey { id } } }',
    issueOwnerKey: 'mutation { issueOwnerKey(input: { tenantId: "x", reason: "" }) { apiKey { id } } }',
    createOperatorKey: 'mutation { createOperatorKey(input: { name: "" }) { apiKey { id } } }',
    revokeOperatorKey: 'mutation { revokeOperatorKey(input: { apiKeyId: "x" }) { apiKey { id } } }',
    runEvents: 'subscription { runEvents(end: "ok") }',
  };

  it('has an operation here for every root field of the schema', async () => {
    const fields = await platform.ask(
      '{ __schema { queryType { fields(includeDeprecated: true) { name } } mutationType { fields(includeDeprecated: true) { name } } subscriptionType { fields(includeDeprecated: true) { name } } } }',
    );
    const { queryType, mutationType, subscriptionType } = fields.data.__schema;
    const names = [queryType, mutationType, subscriptionType].flatMap((type) =>
      type.fields.map((field: any) => field.name),
    );
    expect(Object.keys(OPERATIONS).sort()).toEqual(names.sort());
  });

  const walk = Object.keys(OPERATIONS).flatMap((field) => ROLES.map((role) => [role, field] as const));
  it.each(walk)('%s calls %s only when the table says so', async (role, field) => {
    const errors = await errorsOf(OPERATIONS[field], role);
    const code = errors?.[0].extensions.code ?? 'none';
    if (PERMISSIONS[field].includes(role)) expect(code).not.toMatch(/FORBIDDEN|UNAUTHENTICATED/);
    else expect(code).toBe('FORBIDDEN');
  });

  it.each(Object.keys(OPERATIONS).filter((field) => field !== 'runEvents'))(
    'nobody calls %s without a key',
    async (field) => {
      const { data, errors } = await platform.ask(OPERATIONS[field]);
      expect([data?.[field] ?? null, errors?.[0].extensions.code]).toEqual([null, 'UNAUTHENTICATED']);
    },
  );

  it('lets a PREDICTOR predict and know itself, and nothing else', () => {
    const allowed = Object.keys(PERMISSIONS).filter((field) => PERMISSIONS[field].includes('PREDICTOR'));
    expect(allowed.sort()).toEqual(['me', 'predict']);
  });

  it('lets a VIEWER change nothing', () => {
    const changes = /^(create|update|delete|start|cancel|deployModel|retire|run(?!ById)[A-Z]|onboard|revoke|predict$)/;
    const allowed = Object.keys(PERMISSIONS).filter((field) => PERMISSIONS[field].includes('VIEWER'));
    expect(allowed.filter((field) => changes.test(field) && !/Event(s|Batches)$/.test(field))).toEqual([]);
  });

  async function errorsOf(query: string, role: Role) {
    if (!query.startsWith('subscription')) return (await platform.ask(query, { key: keys[role] })).errors;
    const { errors, values } = await collect(platform.connect(keys[role]), query);
    return errors ?? values[0]?.errors;
  }
});

describe('keys', () => {
  const ask = (key: string) => platform.ask('{ me { role } }', { key });

  it.each([
    ['nonsense', /not an api key/],
    ['prx_00000000_' + 'x'.repeat(43), /not known/],
    ['', /must read "Bearer/],
    ["prx_' OR 1=1 --", /must read "Bearer/],
  ])('refuses the key "%s"', async (key, message) => {
    const { status, errors } = await platform.ask('{ me { role } }', { headers: { authorization: `Bearer ${key}` } });
    expect([status, errors![0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(errors![0].message).toMatch(message);
    expect(errors![0].extensions.requestId).toEqual(expect.any(String));
  });

  it('says that a key has expired or was revoked', async () => {
    const past = new Date(Date.now() - 1_000);
    const expired = await ask(await platform.createKey('OWNER', tenantId, { expiresAt: past }));
    expect([expired.status, expired.errors![0].message]).toEqual([
      401,
      `This api key expired at ${past.toISOString()}.`,
    ]);
    const revoked = await ask(await platform.createKey('OWNER', tenantId, { revokedAt: past }));
    expect([revoked.status, revoked.errors![0].message]).toEqual([
      401,
      `This api key was revoked at ${past.toISOString()}.`,
    ]);
  });

  it('shows a new secret once and keeps only its hash', async () => {
    const mutation = `mutation { createApiKey(input: { name: "ci", role: DEVELOPER }) { apiKey { id secret prefix role expiresAt } } }`;
    const { data } = await platform.ask(mutation, { key: keys.ADMIN });
    const { secret, prefix, expiresAt } = data.createApiKey.apiKey;
    expect(secret).toMatch(new RegExp(`^prx_${prefix}_[A-Za-z0-9_-]{43}$`));
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(364 * 86_400_000);
    expect((await ask(secret)).data).toEqual({ me: { role: 'DEVELOPER' } });
    const rows = await platform.ownerQuery('SELECT api_keys::text AS text FROM api_keys');
    expect(rows.some((row) => String(row.text).includes(secret.slice(13)))).toBe(false);
    const list = await platform.ask('{ apiKeys { edges { node { name lastUsedAt } } } }', { key: keys.ADMIN });
    expect(list.text).not.toContain(secret);
    const ci = list.data.apiKeys.edges.find((edge: any) => edge.node.name === 'ci').node;
    expect(Date.now() - Date.parse(ci.lastUsedAt)).toBeLessThan(60_000);
    expect(await platform.ownerQuery(`SELECT 1 FROM audit_events WHERE action = 'apiKey.create'`)).toHaveLength(1);
  });

  it.each([
    ['role: OWNER', 'FORBIDDEN'],
    ['role: OPERATOR', 'VALIDATION_FAILED'],
    ['role: VIEWER, expiresAt: "2001-01-01T00:00:00Z"', 'VALIDATION_FAILED'],
    ['role: VIEWER, expiresAt: "soon"', 'VALIDATION_FAILED'],
  ])('refuses an ADMIN a key with %s', async (fields, code) => {
    const mutation = `mutation { createApiKey(input: { name: "x", ${fields} }) { apiKey { id } } }`;
    expect((await platform.ask(mutation, { key: keys.ADMIN })).errors![0].extensions.code).toBe(code);
  });

  it('revokes at once, twice without complaint, and never the last OWNER key or one of another tenant', async () => {
    const revoke = (id: string, key: string) =>
      platform.ask('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { revokedAt } } }', {
        key,
        variables: { id },
      });
    const other = await platform.createTenant();
    const first = await platform.createKey('OWNER', other.tenantId);
    const rows = () =>
      platform.ownerQuery<{ id: string }>('SELECT id FROM api_keys WHERE tenant_id = $1 ORDER BY created_at', [
        other.tenantId,
      ]);
    const firstId = toGlobalId('ApiKey', (await rows())[0].id);
    expect((await revoke(firstId, keys.OWNER)).errors![0].extensions.code).toBe('NOT_FOUND');
    expect((await revoke(firstId, first)).errors![0].extensions.code).toBe('CONFLICT');
    const second = await platform.createKey('OWNER', other.tenantId);
    const done = await revoke(firstId, second);
    expect(Date.now() - Date.parse(done.data.revokeApiKey.apiKey.revokedAt)).toBeLessThan(60_000);
    expect((await revoke(firstId, second)).data).toEqual(done.data);
    expect((await ask(first)).status).toBe(401);
  });

  it('pages through keys without losing or repeating one', async () => {
    const { tenantId: id } = await platform.createTenant();
    const key = await platform.createKey('OWNER', id);
    for (let i = 0; i < 4; i++) {
      await platform.ask(`mutation { createApiKey(input: { name: "k${i}", role: VIEWER }) { apiKey { id } } }`, {
        key,
      });
    }
    const names: string[] = [];
    for (let after: string | null = null; ;) {
      const query =
        'query ($after: String) { apiKeys(first: 2, after: $after) { edges { node { name } } pageInfo { hasNextPage endCursor } } }';
      const { data }: any = await platform.ask(query, { key, variables: { after } });
      names.push(...data.apiKeys.edges.map((edge: any) => edge.node.name));
      if (!data.apiKeys.pageInfo.hasNextPage) break;
      after = data.apiKeys.pageInfo.endCursor;
    }
    expect(names.sort()).toEqual(['k0', 'k1', 'k2', 'k3', 'test']);
    const wrong = await platform.ask('{ apiKeys(first: 1000) { edges { cursor } } }', { key });
    expect(wrong.errors![0].extensions).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path: 'first' }] });
    const forged = await platform.ask('{ apiKeys(after: "bm9uc2Vuc2U") { edges { cursor } } }', { key });
    expect(forged.errors![0].extensions.code).toBe('VALIDATION_FAILED');
  });
});
