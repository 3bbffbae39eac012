import type { Client } from 'pg';

/** A table as a backup knows it. */
export interface TableShape {
  schema: string;
  name: string;
  /** Without those that are computed. */
  columns: string[];
}

export interface StoredTable extends TableShape {
  /** Its rows are shown to nobody outside of their tenant, not even to the owner of the table. */
  isForced: boolean;
  /** Some of its rows may belong to no tenant. */
  hasPlatformRows: boolean;
}

const QUEUE = 'graphile_worker';
/** Of this installation and this moment: processes, and what a migration writes by itself. */
const TRANSIENT = ['work_processes', 'praxis_migrations'];

/** Ours, and the queue with the jobs that wait in it, in a stable order. */
export async function findTables(client: Client): Promise<StoredTable[]> {
  const { rows } = await client.query<StoredTable>(
    `SELECT n.nspname::text AS schema, c.relname::text AS name, c.relforcerowsecurity AS "isForced",
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attnotnull)
         AS "hasPlatformRows",
       (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND (n.nspname = 'public' AND c.relname <> ALL($1)
       OR n.nspname = $2 AND starts_with(c.relname, '_private_')) ORDER BY 1, 2`,
    [TRANSIENT, QUEUE],
  );
  return rows;
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const nameOf = ({ schema, name }: TableShape): string => `${quoted(schema)}.${quoted(name)}`;

export const columnsOf = ({ columns }: TableShape): string => columns.map(quoted).join(', ');

/** The next value of a sequence. */
export interface SequenceValue {
  schema: string;
  name: string;
  /** As text: it may be beyond 2^53. */
  last: string;
}

export async function findSequences(client: Client): Promise<SequenceValue[]> {
  const { rows } = await client.query<SequenceValue>(
    `SELECT schemaname::text AS schema, sequencename::text AS name, last_value::text AS last FROM pg_sequences
     WHERE schemaname IN ('public', $1) AND sequencename <> 'praxis_migrations_id_seq' AND last_value IS NOT NULL
     ORDER BY 1, 2`,
    [QUEUE],
  );
  return rows;
}
