import { newId, toGlobalId } from '../../src/kernel';
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
    const variables = { key: a.apiKey.secret, variables: { id } };
    expect((await platform.ask('query ($id: ID!) { node(id: $id) { __typename id } }', variables)).data.node.id).toBe(
      id,
    );
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

describe('a tenant whose OWNER key is lost', () => {
  const RESCUE = `mutation ($input: IssueOwnerKeyInput!) {
    issueOwnerKey(input: $input) { tenant { id slug } apiKey { secret prefix role expiresAt } } }`;
  const rescue = (variables: object) => platform.ask(RESCUE, { key: operator, variables: { input: variables } });
  const AUDIT = 'edges { node { action subjectId apiKeyId detail } }';

  it('gets another one from an operator, which both read in their audit, with the reason', async () => {
    const { tenant, apiKey } = (await onboard(input('locked-out'))).data.onboardTenant;
    await platform.ownerQuery('UPDATE api_keys SET expires_at = now() WHERE prefix = $1', [apiKey.prefix]);
    const reason = 'The only OWNER key expired; asked for by phone.';
    const { data } = await rescue({ tenantId: tenant.id, reason });
    const issued = data.issueOwnerKey;
    expect(issued).toMatchObject({ tenant: { id: tenant.id, slug: 'locked-out' }, apiKey: { role: 'OWNER' } });
    const key = issued.apiKey.secret;
    const me = await platform.ask('{ me { role tenant { slug } } }', { key });
    expect(me.data.me).toEqual({ role: 'OWNER', tenant: { slug: 'locked-out' } });
    const detail = { slug: 'locked-out', prefix: issued.apiKey.prefix, reason };
    const act = { action: 'tenant.issueOwnerKey', subjectId: tenant.id, apiKeyId: expect.any(String), detail };
    const events = await platform.ask(`{ auditEvents { ${AUDIT} } }`, { key });
    expect(events.data.auditEvents.edges[0].node).toEqual(act);
    const all = await platform.ask(`{ platformAuditEvents(first: 2) { ${AUDIT} } }`, { key: operator });
    const nodes = all.data.platformAuditEvents.edges.map((edge: any) => edge.node);
    expect(nodes[0]).toEqual(act);
    expect(nodes[1]).toMatchObject({ action: 'tenant.onboard', subjectId: tenant.id });
    expect(all.text).not.toContain(key);
  });

  it.each([
    [{ reason: '  ' }, 'VALIDATION_FAILED'],
    [{ reason: 'x'.repeat(501) }, 'VALIDATION_FAILED'],
    [{ reason: 'lost', expiresAt: '2001-01-01T00:00:00Z' }, 'VALIDATION_FAILED'],
    [{ reason: 'lost', tenantId: toGlobalId('Tenant', newId()) }, 'NOT_FOUND'],
    [{ reason: 'lost', tenantId: toGlobalId('ApiKey', newId()) }, 'NOT_FOUND'],
  ])('is named, with a reason: %j is refused', async (wrong, code) => {
    const { tenant } = (await onboard(input(`rescue-${newId().slice(0, 8)}`))).data.onboardTenant;
    const { data, errors } = await rescue({ tenantId: tenant.id, ...wrong });
    expect([data ?? null, errors![0].extensions.code]).toEqual([null, code]);
  });
});

describe('keys of operators', () => {
  const create = async (key: string, name: string) =>
    (
      await platform.ask(`mutation { createOperatorKey(input: { name: "${name}" }) { apiKey { id secret role } } }`, {
        key,
      })
    ).data.createOperatorKey.apiKey;
  const revoke = (key: string, id: string) =>
    platform.ask('mutation ($id: ID!) { revokeOperatorKey(input: { apiKeyId: $id }) { apiKey { revokedAt } } }', {
      key,
      variables: { id },
    });

  it('are made, listed and revoked as those of tenants, and audited', async () => {
    const fresh = await create(operator, 'rotated');
    expect(fresh.role).toBe('OPERATOR');
    const list = await platform.ask(
      '{ operatorKeys { edges { node { id name role lastUsedAt expiresAt revokedAt } } } }',
      { key: fresh.secret },
    );
    const nodes = list.data.operatorKeys.edges.map((edge: any) => edge.node);
    expect(new Set(nodes.map((node: any) => node.role))).toEqual(new Set(['OPERATOR']));
    expect(nodes[0]).toMatchObject({ id: fresh.id, name: 'rotated', revokedAt: null });
    expect(Date.now() - Date.parse(nodes[0].lastUsedAt)).toBeLessThan(60_000);
    expect(list.text).not.toContain(fresh.secret);
    const done = await revoke(operator, fresh.id);
    expect(done.data.revokeOperatorKey.apiKey.revokedAt).toEqual(expect.any(String));
    expect((await revoke(operator, fresh.id)).data).toEqual(done.data);
    expect((await platform.ask('{ me { role } }', { key: fresh.secret })).status).toBe(401);
    const audit = await platform.ask('{ platformAuditEvents(first: 2) { edges { node { action subjectId } } } }', {
      key: operator,
    });
    expect(audit.data.platformAuditEvents.edges.map((edge: any) => edge.node)).toEqual([
      { action: 'operatorKey.revoke', subjectId: fresh.id },
      { action: 'operatorKey.create', subjectId: fresh.id },
    ]);
  });

  it('do not reach keys of tenants, and the last working one stays', async () => {
    const { apiKey } = (await onboard(input('not-mine'))).data.onboardTenant;
    const [{ id }] = await platform.ownerQuery<{ id: string }>('SELECT id FROM api_keys WHERE prefix = $1', [
      apiKey.prefix,
    ]);
    expect((await revoke(operator, toGlobalId('ApiKey', id))).errors![0].extensions.code).toBe('NOT_FOUND');
    expect((await platform.ask('{ me { role } }', { key: apiKey.secret })).data.me.role).toBe('OWNER');
    const working = await platform.ownerQuery<{ id: string }>(
      `SELECT id FROM api_keys WHERE role = 'OPERATOR' AND revoked_at IS NULL`,
    );
    const last = await revoke(operator, toGlobalId('ApiKey', working[0].id));
    expect([working.length, last.errors![0].extensions.code]).toEqual([1, 'CONFLICT']);
    expect((await platform.ask('{ me { role } }', { key: operator })).data.me.role).toBe('OPERATOR');
  });

  it('the audit of operators shows nothing that tenants do, and the database keeps it so', async () => {
    const { apiKey } = (await onboard(input('busy'))).data.onboardTenant;
    await platform.ask('mutation { createApiKey(input: { name: "private", role: VIEWER }) { apiKey { id } } }', {
      key: apiKey.secret,
    });
    const { text } = await platform.ask('{ platformAuditEvents(first: 100) { edges { node { action detail } } } }', {
      key: operator,
    });
    expect(text).not.toMatch(/apiKey\.create|private/);
    const seen = await platform.db.inSystem('AUDIT_PLATFORM', (tx) =>
      tx.query('SELECT id FROM audit_events WHERE tenant_id IS NOT NULL'),
    );
    expect(seen).toEqual([]);
    expect(await platform.ownerQuery('SELECT id FROM audit_events WHERE tenant_id IS NOT NULL')).not.toEqual([]);
  });
});
