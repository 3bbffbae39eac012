import { openTestDatabase } from '../support';

const database = openTestDatabase();

/** Tables without a tenant's rows in them, and why they may be. A new table belongs here only with such a reason. */
const PLATFORM_TABLES: Record<string, string> = {
  'public.tenants': 'the tenants themselves: its policy compares the id, which the next test checks',
  'public.cases': 'the case library: every tenant reads it, only seeds write it',
  'public.job_failures': 'numbers by task; the application role has no rights on it',
  'public.work_processes': 'heartbeats of processes; the application role has no rights on it',
  'public.praxis_migrations': 'which migrations ran; the application role has no rights on it',
};

/** The queue's tables hold payloads of every tenant; only enqueue_job writes there, and it checks the tenant. */
const QUEUE_SCHEMA = 'graphile_worker';

/** Functions that run with their owner's rights, and why they are safe. */
const DEFINER_FUNCTIONS = ['enqueue_job(text,jsonb,text,text,integer)', 'job_facts()'];

const TABLES = `SELECT c.oid, n.nspname AS schema, c.relname AS name, n.nspname || '.' || c.relname AS full_name,
    c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.atttypid = 'uuid'::regtype
      AND NOT a.attisdropped) AS has_tenant
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  ORDER BY full_name`;

interface Table {
  schema: string;
  full_name: string;
  enabled: boolean;
  forced: boolean;
  has_tenant: boolean;
}

const tables = () => database.ownerQuery<Table>(TABLES);

interface Policy {
  name: string;
  policy: string;
  roles: string[];
  permissive: boolean;
  command: string;
  reads: string | null;
  writes: string | null;
}

const policies = () =>
  database.ownerQuery<Policy>(`SELECT polrelid::regclass::text AS name, polname AS policy, polpermissive AS permissive,
      polcmd AS command, pg_get_expr(polqual, polrelid) AS reads, pg_get_expr(polwithcheck, polrelid) AS writes,
      (SELECT array_agg(CASE role WHEN 0 THEN 'public' ELSE role::regrole::text END) FROM unnest(polroles) role) AS roles
    FROM pg_policy ORDER BY name, policy`);

test('every table holds tenant_id under a forced policy, or is listed with a reason', async () => {
  const unprotected = (await tables()).filter(
    (table) => table.schema !== QUEUE_SCHEMA && !(table.has_tenant && table.enabled && table.forced),
  );
  expect(unprotected.map((table) => table.full_name).sort()).toEqual(Object.keys(PLATFORM_TABLES).sort());
});

test('every tenant table has the one policy for everybody, on reading and on writing', async () => {
  const all = await policies();
  const enabled = (await tables()).filter((table) => table.schema === 'public' && table.enabled);
  const rule = (name: string) => (name === 'tenants' ? '(id = current_tenant())' : '(tenant_id = current_tenant())');
  for (const { full_name } of enabled) {
    const name = full_name.replace('public.', '');
    expect(all.filter((policy) => policy.name === name && policy.roles.includes('public'))).toEqual([
      {
        name,
        policy: 'tenant_isolation',
        roles: ['public'],
        permissive: true,
        command: '*',
        reads: rule(name),
        writes: rule(name),
      },
    ]);
  }
  expect(enabled.length).toBeGreaterThan(15);
});

test('the platform has a door to few tables, and the application role has none', async () => {
  const doors = (await policies()).filter((policy) => policy.policy !== 'tenant_isolation');
  expect(doors.map(({ name, roles }) => [name, ...roles])).toEqual([
    ['api_keys', 'praxis_system'],
    ['audit_events', 'praxis_system'],
    ['tenants', 'praxis_system'],
  ]);
});

test('every foreign key between tenant tables carries the tenant, so no row refers into another', async () => {
  const loose = await database.ownerQuery(`
    SELECT k.conrelid::regclass::text AS name, k.conname FROM pg_constraint k
    WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
      AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attname = 'tenant_id')
      AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attname = 'tenant_id'
        AND a.attnum = ANY (k.conkey))`);
  expect(loose).toEqual([]);
});

test('the roles own nothing, log in nowhere, bypass nothing and create nothing', async () => {
  const roles = await database.ownerQuery(`
    SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolcanlogin OR rolreplication AS strong,
      EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) OR EXISTS (SELECT FROM pg_proc WHERE proowner = r.oid) AS owns,
      has_schema_privilege(r.oid, 'public', 'CREATE') AS creates,
      has_schema_privilege(r.oid, 'graphile_worker', 'USAGE') AS reaches_queue,
      (SELECT count(*)::int FROM pg_auth_members m WHERE m.member = r.oid) AS memberships
    FROM pg_roles r WHERE rolname IN ('praxis_app', 'praxis_system') ORDER BY rolname`);
  const weak = { strong: false, owns: false, creates: false, reaches_queue: false, memberships: 0 };
  expect(roles).toEqual([
    { rolname: 'praxis_app', ...weak },
    { rolname: 'praxis_system', ...weak },
  ]);
});

test('only the listed functions run with their owner’s rights, with a fixed search path', async () => {
  const functions = await database.ownerQuery<{ signature: string; path: string }>(`
    SELECT p.oid::regprocedure::text AS signature, array_to_string(p.proconfig, ' ') AS path
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')`);
  expect(functions.map((found) => found.signature)).toEqual(DEFINER_FUNCTIONS);
  for (const { path } of functions) expect(path).toBe('search_path=pg_catalog, pg_temp');
});

test('no view reads with its owner’s rights', async () => {
  const views =
    await database.ownerQuery(`SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm') AND n.nspname = 'public'
      AND NOT coalesce(c.reloptions @> ARRAY['security_invoker=true'], false)`);
  expect(views).toEqual([]);
});

test('rights on the platform’s tables are as narrow as their reasons', async () => {
  const may = (table: string) =>
    database.ownerQuery(
      `SELECT grantee, string_agg(privilege_type, ' ' ORDER BY privilege_type) AS may
      FROM information_schema.role_table_grants WHERE table_schema || '.' || table_name = $1
        AND grantee IN ('praxis_app', 'praxis_system', 'PUBLIC') GROUP BY grantee ORDER BY grantee`,
      [table],
    );
  expect(await may('public.tenants')).toEqual([
    { grantee: 'praxis_app', may: 'SELECT UPDATE' },
    { grantee: 'praxis_system', may: 'INSERT SELECT UPDATE' },
  ]);
  expect(await may('public.cases')).toEqual([
    { grantee: 'praxis_app', may: 'SELECT' },
    { grantee: 'praxis_system', may: 'INSERT SELECT UPDATE' },
  ]);
  expect(await may('public.praxis_migrations')).toEqual([]);
  expect((await may('public.work_processes')).map((row) => row.grantee)).not.toContain('praxis_app');
});

test('unique keys of tenant tables start inside the tenant, or hold random values', async () => {
  const keys = await database.ownerQuery<{ name: string }>(`SELECT i.indexrelid::regclass::text AS name
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
    WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique AND i.indkey[0] <> a.attnum ORDER BY name`);
  // A clash across tenants would tell one of the other: these are random ids, hashes of secrets, keys with the tenant.
  expect(keys.map(({ name }) => name)).toEqual([
    'api_keys_pkey',
    'api_keys_secret_hash_key',
    'artifacts_key_key',
    'audit_events_pkey',
  ]);
});
