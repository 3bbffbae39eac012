import type { Client } from 'pg';
import { migrations } from '../../../migrations';
import { PraxisError, productVersion } from '../../kernel';
import { toPraxisError } from '../failures';

/** Whether a database is one that this program can use, and if not, what to do. */

export const MIGRATIONS_TABLE = 'praxis_migrations';

const VERSION_MIN = 15;
const DENIED = '42501';

const unfit = (message: string, cause?: unknown) => new PraxisError('UNAVAILABLE', message, { cause });

/**
 * Refuses an old server, a copy that only reads, a database that does not hold every text, and one that a newer version of
 * this program has migrated.
 */
export async function refuseUnfit(client: Client): Promise<void> {
  const { rows } = await client.query(
    `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS text,
       pg_is_in_recovery() AS reads_only, current_setting('server_encoding') AS encoding`,
  );
  const { number, text, reads_only: readsOnly, encoding } = rows[0];
  if (number < VERSION_MIN * 10_000) {
    throw unfit(`Praxis needs PostgreSQL ${VERSION_MIN} or newer; the server in DATABASE_URL is ${text}. Upgrade it.`);
  }
  if (readsOnly) throw unfit('The server in DATABASE_URL is a standby, which only reads; name the primary.');
  if (encoding !== 'UTF8') {
    throw unfit(
      `The database in DATABASE_URL has the encoding ${encoding}, and Praxis keeps texts of any language, which takes UTF8; ` +
        `make another and name it there: CREATE DATABASE praxis ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0.`,
    );
  }
  const { unknown } = await findMigrations(client);
  if (unknown.length === 0) return;
  const [theirs, ours] = [unknown, migrations.map(({ name }) => name)].map((names) => describe(names.at(-1)!));
  throw unfit(
    `The database is newer than this program: its last migration is ${theirs}, that of Praxis ${productVersion()} is ${ours}. ` +
      'Start the version that migrated it, or restore a backup from before the upgrade.',
  );
}

/** `AddColumn1795626600000`, whose number is its time in milliseconds, with its day. */
function describe(name: string): string {
  const [, word, stamp] = /^(.*?)(\d{13})$/.exec(name) ?? [];
  return stamp ? `${word} of ${new Date(Number(stamp)).toISOString().slice(0, 10)}` : name;
}

/** Migrations that the database lacks, and those that it has and we do not know, oldest first. */
export async function findMigrations(client: Client): Promise<{ missing: string[]; unknown: string[] }> {
  const { rows } = await client.query('SELECT to_regclass($1) AS found', [`public.${MIGRATIONS_TABLE}`]);
  const known = migrations.map(({ name }) => name);
  if (!rows[0].found) return { missing: known, unknown: [] };
  const { rows: done } = await client.query(`SELECT name FROM ${MIGRATIONS_TABLE} ORDER BY timestamp`);
  const names = done.map((row) => row.name as string);
  return {
    missing: known.filter((name) => !names.includes(name)),
    unknown: names.filter((name) => !known.includes(name)),
  };
}

/** Those of the names that are no migration of this program. */
export function unknownMigrations(names: string[]): string[] {
  const known = new Set(migrations.map(({ name }) => name));
  return names.filter((name) => !known.has(name));
}

/** What a migration needs of a database, before it begins. */
export async function refuseMissingRights(client: Client): Promise<void> {
  const { rows } = await client.query(
    `SELECT quote_ident(current_user) AS login, quote_ident(current_database()) AS database,
       has_schema_privilege('public', 'CREATE') AS tables,
       has_database_privilege(current_database(), 'CREATE') OR to_regnamespace('graphile_worker') IS NOT NULL AS schemas`,
  );
  const { login, database, tables, schemas } = rows[0];
  const statements = [
    ...(schemas ? [] : [`GRANT CREATE ON DATABASE ${database} TO ${login};`]),
    ...(tables ? [] : [`GRANT CREATE ON SCHEMA public TO ${login};`]),
  ];
  if (statements.length === 0) return;
  throw unfit(
    [`The database user ${login} may not make tables. Ask an administrator to run, once, in this database:`]
      .concat(statements.map((statement) => `  ${statement}`))
      .join('\n'),
  );
}

/** Of a migration that failed. */
export async function describeFailure(error: unknown, client: Client): Promise<unknown> {
  const { code, message } = ((error as { driverError?: unknown }).driverError ?? error) as {
    code?: string;
    message: string;
  };
  if (code !== DENIED) return toPraxisError(error);
  const { rows } = await client.query(
    `SELECT quote_ident(current_user) AS login,
       (SELECT quote_ident(tableowner) FROM pg_tables WHERE schemaname = 'public' AND tablename = $1) AS owner`,
    [MIGRATIONS_TABLE],
  );
  const { login, owner } = rows[0];
  const remedy = owner && owner !== login ? `Migrate as ${owner}, who owns the tables.` : 'Migrate as their owner.';
  return unfit(`The database user ${login} may not change the tables (${message}). ${remedy}`, error);
}
