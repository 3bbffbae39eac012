import { startPlatform } from './platform.fixture';

const platform = startPlatform();
let operator: string;
beforeAll(async () => {
  operator = await platform.createKey('OPERATOR', null);
});

const ONBOARD = `mutation ($input: OnboardTenantInput!) {
  onboardTenant(input: $input) { tenant { id name slug plan } apiKey { secret prefix role expiresAt } }
}`;
const input = (slug: string, more: object = {}) => ({
  name: 'Acme',
  slug,
  adminEmail: 'a@acme.example',
  plan: 'TRIAL',
  ...more,
});
const onboard = (variables: object, key = operator) => platform.ask(ONBOARD, { key, variables: { input: variables } });

it('onboards a tenant whose key works at once, and audits it', async () => {
  const { data } = await onboard(input('acme'));
  const { tenant, apiKey } = data.onboardTenant;
  expect(tenant).toMatchObject({ name: 'Acme', slug: 'acme', plan: 'TRIAL' });
  expect(apiKey.role).toBe('OWNER');
  const me = await platform.ask('{ me { role tenant { id } apiKey { prefix } } }', { key: apiKey.secret });
  expect(me.data.me).toEqual({ role: 'OWNER', tenant: { id: tenant.id }, apiKey: { prefix: apiKey.prefix } });
  const audit = await platform.ask('{ auditEvents { edges { node { action subjectId detail } } } }', {
    key: apiKey.secret,
  });
  expect(audit.data.auditEvents.edges.map((edge: any) => edge.node)).toEqual([
    { action: 'tenant.onboard', subjectId: tenant.id, detail: { slug: 'acme' } },
  ]);
});

it('refuses a slug that is taken', async () => {
  await onboard(input('taken'));
  const { errors, data } = await onboard(input('taken', { name: 'Other' }));
  expect([data ?? null, errors![0].extensions.code]).toEqual([null, 'CONFLICT']);
  expect(errors![0].message).toContain('"taken"');
});

it('names every fault of the input', async () => {
  const { errors } = await onboard(input('-Not A Slug', { name: '', adminEmail: 'nobody' }));
  expect(errors![0].extensions.code).toBe('VALIDATION_FAILED');
  const { issues } = errors![0].extensions;
  expect(issues.map((issue: { path: string }) => issue.path).sort()).toEqual(['adminEmail', 'name', 'slug']);
});

it('makes a retry with the same idempotency key safe: one tenant, a fresh secret until one is used', async () => {
  const request = input('retried', { idempotencyKey: 'r1' });
  const [first, second] = [await onboard(request), await onboard(request)].map((answer) => answer.data.onboardTenant);
  expect(second.tenant).toEqual(first.tenant);
  expect((await platform.ask('{ me { role } }', { key: first.apiKey.secret })).status).toBe(401);
  expect((await onboard({ ...request, name: 'Else' })).errors![0].extensions.code).toBe('CONFLICT');
  await platform.ask('{ me { role } }', { key: second.apiKey.secret });
  // The refused first key was looked up, which is no use of it; the second one is now in use.
  expect((await onboard(request)).errors![0].message).toMatch(/in use/);
});

it('shows an operator names and counts, page by page, and no data', async () => {
  await onboard(input('counted'));
  const query =
    'query ($after: String) { tenants(first: 1, after: $after) { edges { node { slug apiKeyCount } } pageInfo { hasNextPage endCursor } } }';
  const found: any[] = [];
  for (let after: string | null = null; ;) {
    const { data }: any = await platform.ask(query, { key: operator, variables: { after } });
    found.push(...data.tenants.edges.map((edge: any) => edge.node));
    if (!data.tenants.pageInfo.hasNextPage) break;
    after = data.tenants.pageInfo.endCursor;
  }
  expect(new Set(found.map((tenant) => tenant.slug)).size).toBe(found.length);
  expect(found).toContainEqual({ slug: 'counted', apiKeyCount: 1 });
  expect((await platform.ask('{ me { role tenant { id } apiKey { id } } }', { key: operator })).data.me).toEqual({
    role: 'OPERATOR',
    tenant: null,
    apiKey: null,
  });
});

it('hides one tenant from another', async () => {
  const [a, b] = [await onboard(input('side-a')), await onboard(input('side-b'))].map(
    (answer) => answer.data.onboardTenant,
  );
  const key = b.apiKey.secret;
  const listed = await platform.ask(
    '{ apiKeys { edges { node { id prefix } } } auditEvents { edges { node { detail } } } }',
    { key },
  );
  expect(listed.data.apiKeys.edges).toHaveLength(1);
  expect(listed.text).not.toContain('side-a');
  const ids = await platform.ask('{ apiKeys { edges { node { id } } } }', { key: a.apiKey.secret });
  const foreign = [a.tenant.id, ids.data.apiKeys.edges[0].node.id];
  for (const id of foreign) {
    const asked = { key, variables: { id } };
    expect((await platform.ask('query ($id: ID!) { node(id: $id) { id } }', asked)).errors![0].extensions.code).toBe(
      'NOT_FOUND',
    );
    expect(
      (await platform.ask('query ($id: ID!) { lineage(of: $id) { truncated } }', asked)).errors![0].extensions.code,
    ).toBe('NOT_FOUND');
    const own = { key: a.apiKey.secret, variables: { id } };
    expect((await platform.ask('query ($id: ID!) { node(id: $id) { __typename id } }', own)).data.node.id).toBe(id);
  }
  const both = await platform.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
    key,
    variables: { ids: [foreign[0], b.tenant.id, 'x'] },
  });
  expect(both.data.nodes).toEqual([null, { id: b.tenant.id }, null]);
});

it('filters audit events and walks their pages', async () => {
  const { apiKey } = (await onboard(input('audited'))).data.onboardTenant;
  const key = apiKey.secret;
  for (const name of ['a', 'b', 'c']) {
    await platform.ask(`mutation { createApiKey(input: { name: "${name}", role: VIEWER }) { apiKey { id } } }`, {
      key,
      headers: { 'x-request-id': `make-${name}` },
    });
  }
  const query = `query ($after: String) {
    auditEvents(first: 2, after: $after, action: "apiKey.create") { edges { node { requestId apiKeyId subjectId } } pageInfo { endCursor hasNextPage } }
  }`;
  const first = (await platform.ask(query, { key })).data.auditEvents;
  const second = (await platform.ask(query, { key, variables: { after: first.pageInfo.endCursor } })).data.auditEvents;
  const all = [...first.edges, ...second.edges].map((edge: any) => edge.node);
  expect(all.map((event) => event.requestId)).toEqual(['make-c', 'make-b', 'make-a']);
  expect(second.pageInfo.hasNextPage).toBe(false);
  const { data } = await platform.ask('query ($id: ID!) { node(id: $id) { ... on ApiKey { name } } }', {
    key,
    variables: { id: all[0].subjectId },
  });
  expect(data.node).toEqual({ name: 'c' });
});
