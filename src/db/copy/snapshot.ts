import type { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { SYSTEM_ROLE } from '../login/connection';
import { MIGRATIONS_TABLE } from '../login/fitness';
import { withLogin, type Patience } from '../login/login';
import { columnsOf, findSequences, findTables, nameOf, type SequenceValue, type StoredTable } from './tables';

/** A file of the artifact store, as its row says. */
export interface ArtifactEntry {
  key: string;
  byteCount: number;
  /** SHA-256, hexadecimal. */
  sha256: string;
}

/** Whose rows a statement sees: those of one tenant, those of none, or all. */
interface Scope {
  begin: string;
  /** Null: of none; absent: of all. */
  tenantId?: string | null;
}

const ALL: Scope = { begin: '' };

/**
 * The database as it was at one moment, read by the login on one connection while others go on writing. A login that
 * row-level security holds reads tenant by tenant, then what belongs to none, so it needs no right that serving does not.
 */
export class DatabaseSnapshot {
  private constructor(
    private readonly client: Client,
    private readonly scopes: Scope[],
  ) {}

  static read<T>(url: string, patience: Patience, work: (snapshot: DatabaseSnapshot) => Promise<T>): Promise<T> {
    return withLogin(
      url,
      async (client) => {
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
        return work(new DatabaseSnapshot(client, await scopesOf(client)));
      },
      patience,
    );
  }

  tables(): Promise<StoredTable[]> {
    return findTables(this.client);
  }

  sequences(): Promise<SequenceValue[]> {
    return findSequences(this.client);
  }

  async migrations(): Promise<string[]> {
    const { rows } = await this.client.query<{ name: string }>(
      `SELECT name FROM ${MIGRATIONS_TABLE} ORDER BY timestamp`,
    );
    return rows.map(({ name }) => name);
  }

  async serverVersion(): Promise<string> {
    const { rows } = await this.client.query<{ text: string }>(`SELECT current_setting('server_version') AS text`);
    return rows[0].text;
  }

  /** The rows of a table in the text format of COPY, as they come. */
  async *copy(table: StoredTable): AsyncGenerator<Buffer> {
    const columns = columnsOf(table);
    for (const scope of this.scopesFor(table)) {
      await this.client.query(scope.begin);
      const sql = `COPY (SELECT ${columns} FROM ${nameOf(table)} ${rowsOf(scope, table)}) TO STDOUT`;
      for await (const chunk of this.client.query(copyTo(sql))) yield chunk as Buffer;
      await this.client.query('SET LOCAL ROLE NONE');
    }
  }

  async artifacts(): Promise<ArtifactEntry[]> {
    const found: ArtifactEntry[] = [];
    for (const scope of this.scopes.filter(({ tenantId }) => tenantId !== null)) {
      await this.client.query(scope.begin);
      const { rows } = await this.client.query<ArtifactEntry>(
        `SELECT key, byte_count::float8 AS "byteCount", encode(sha256, 'hex') AS sha256 FROM artifacts
         ${rowsOf(scope, { columns: ['tenant_id'] })} ORDER BY key`,
      );
      found.push(...rows);
    }
    return found;
  }

  private scopesFor(table: StoredTable): Scope[] {
    if (!table.isForced) return [ALL];
    return this.scopes.filter(({ tenantId }) => tenantId !== null || table.hasPlatformRows);
  }
}

/** The policies alone would show some rows in two scopes: the login is a member of the role of the platform. */
function rowsOf({ tenantId }: Scope, { columns }: { columns: string[] }): string {
  if (tenantId === undefined) return '';
  if (tenantId === null) return 'WHERE tenant_id IS NULL';
  return `WHERE ${columns.includes('tenant_id') ? 'tenant_id' : 'id'} = '${tenantId}'`;
}

async function scopesOf(client: Client): Promise<Scope[]> {
  const { rows } = await client.query<{ bypasses: boolean }>(
    'SELECT rolsuper OR rolbypassrls AS bypasses FROM pg_roles WHERE rolname = current_user',
  );
  if (rows[0].bypasses) return [ALL];
  const platform = { begin: `SET LOCAL ROLE ${SYSTEM_ROLE}`, tenantId: null };
  await client.query(platform.begin);
  const tenants = await client.query<{ id: string }>('SELECT id FROM tenants ORDER BY id');
  await client.query('SET LOCAL ROLE NONE');
  const ofTenants = tenants.rows.map(({ id }) => ({ begin: `SET LOCAL praxis.tenant_id = '${id}'`, tenantId: id }));
  return [...ofTenants, platform];
}
