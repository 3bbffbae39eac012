import type { Client } from 'pg';
import { PraxisError } from '../../kernel';
import { APP_ROLE, SYSTEM_ROLE } from './connection';

/** Roles belong to the whole cluster, so another database may be making them now: these say that it did. */
const ALREADY_THERE = new Set(['42710', '23505']);
const CONCURRENT = 'XX000';
const DENIED = '42501';

/**
 * Makes the two roles and lets the login act as them. Safe to call at once from many databases of one cluster.
 * Throws an error with the statements for an administrator when the login may not.
 */
export async function ensureRoles(client: Client): Promise<void> {
  for (const role of [APP_ROLE, SYSTEM_ROLE]) {
    try {
      await ensureRole(client, role);
    } catch (error) {
      if ((error as { code?: string }).code !== DENIED) throw error;
      throw new PraxisError('UNAVAILABLE', await missingRights(client), { cause: error });
    }
  }
}

async function ensureRole(client: Client, role: string): Promise<void> {
  const { rows } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rows.length === 0) await tolerate(client, `CREATE ROLE ${role} NOLOGIN NOINHERIT`);
  if (!(await mayAct(client, role))) await tolerate(client, `GRANT ${role} TO CURRENT_USER`);
}

/** Can the login take the role? Since PostgreSQL 16 that right is apart from membership. */
async function mayAct(client: Client, role: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT pg_has_role(current_user, $1::name,
       CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) AS may`,
    [role],
  );
  return rows[0].may;
}

/** Runs a statement on the cluster's shared catalog; a second process doing the same is no error. */
async function tolerate(client: Client, sql: string, attempts = 5): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code && ALREADY_THERE.has(code)) return;
    if (code !== CONCURRENT || attempts === 1) throw error;
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 50));
    await tolerate(client, sql, attempts - 1);
  }
}

async function missingRights(client: Client): Promise<string> {
  const { rows } = await client.query('SELECT rolname FROM pg_roles WHERE rolname IN ($1, $2)', [
    APP_ROLE,
    SYSTEM_ROLE,
  ]);
  const login = (await client.query('SELECT quote_ident(current_user) AS name')).rows[0].name as string;
  const present = new Set(rows.map((row) => row.rolname as string));
  const statements = [APP_ROLE, SYSTEM_ROLE].map((role) =>
    present.has(role) ? `GRANT ${role} TO ${login};` : `CREATE ROLE ${role} NOLOGIN NOINHERIT ROLE ${login};`,
  );
  return [
    `The database user ${login} may not make the roles Praxis needs. Ask an administrator to run, once:`,
    ...statements.map((statement) => `  ${statement}`),
  ].join('\n');
}
