import { randomBytes } from 'node:crypto';
import { Database } from '../../src/db';
import { newId, type TenantContext } from '../../src/kernel';
import { createLog, type Log } from '../../src/kernel/process/log';
import { OWN_CONNECTION, OwnerConnection, runOn, testCluster, withDatabase } from './cluster';

export const testLog: Log = createLog(process.env.PRAXIS_TEST_LOG ?? 'silent');

/** A migrated database of its own for one test file. */
export interface TestDatabase {
  db: Database;
  /** Of the login that owns the tables; what DATABASE_URL would be. */
  url: string;
  /** Makes a tenant as the owner and returns the context of its first key's holder. */
  createTenant(name?: string, role?: TenantContext['role']): Promise<TenantContext>;
  /** Runs SQL as the owner of the tables, past row-level security: proves that a denied row exists. */
  ownerQuery<R = Record<string, unknown>>(sql: string, params?: unknown[]): Promise<R[]>;
  /** Closes what a test opened on this database; runs before the database goes, the last one first. */
  defer(close: () => Promise<unknown>): void;
}

/**
 * Clones the migrated template for this test file. Call it at the top level or inside `describe`; the database is
 * there in every test and hook that follows, and is dropped at the end. A connection or transaction that a test left
 * open fails the file: hand what you open to `defer` (Jest runs an `afterAll` of yours only after ours).
 */
export function openTestDatabase(o: { entities?: Function[]; poolSize?: number } = {}): TestDatabase {
  const name = `praxis_test_${randomBytes(6).toString('hex')}`;
  const closings: (() => Promise<unknown>)[] = [];
  let owner: OwnerConnection;
  const test = { defer: (close) => void closings.unshift(close) } as TestDatabase;
  beforeAll(async () => {
    const { url, template } = await testCluster();
    await runOn(url, `CREATE DATABASE ${name} TEMPLATE ${template}`);
    test.url = withDatabase(url, name);
    test.db = await Database.open({
      url: test.url,
      poolSize: o.poolSize ?? 5,
      log: testLog,
      entities: o.entities ?? [],
    });
    owner = new OwnerConnection(test.url);
    test.ownerQuery = <R>(sql: string, params?: unknown[]) => owner.query(sql, params) as Promise<R[]>;
    test.createTenant = (tenantName = 'Tenant', role = 'OWNER') => createTenant(test, tenantName, role);
  });
  afterAll(async () => {
    const { url } = await testCluster();
    for (const close of closings) await close();
    await test.db?.close();
    await owner?.close();
    const leaks = await openConnections(url, name);
    await runOn(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    if (leaks.length > 0)
      throw new Error(`Connections left open:\n${leaks.map((leak) => JSON.stringify(leak)).join('\n')}`);
  });
  return test;
}

async function createTenant(test: TestDatabase, name: string, role: TenantContext['role']): Promise<TenantContext> {
  const tenantId = newId();
  const slug = `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${tenantId.slice(0, 8)}`;
  const sql = `INSERT INTO tenants (id, slug, name, plan, admin_email) VALUES ($1, $2, $3, 'STANDARD', 'owner@example.org')`;
  await test.ownerQuery(sql, [tenantId, slug, name]);
  return { tenantId, role, apiKeyId: null, requestId: newId() };
}

/** Connections to the database that are still there when closed ones have had time to go. */
async function openConnections(url: string, name: string): Promise<object[]> {
  const sql = `SELECT application_name, state, left(query, 200) AS query FROM pg_stat_activity
    WHERE datname = $1 AND application_name <> $2 AND backend_type = 'client backend'`;
  for (let wait = 0; ; wait++) {
    const found = await runOn(url, sql, [name, OWN_CONNECTION]);
    if (found.length === 0 || wait === 20) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
