import type { ArtifactKind } from './artifact.store';

/** What this room needs of a tenant transaction. */
export interface Transaction {
  readonly tenantId: string;
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

export interface ArtifactRow {
  id: string;
  kind: ArtifactKind;
  key: string;
  byteCount: number;
  sha256: Buffer;
}

/** Makes a written artifact known; in the same transaction as the row that points to it. */
export async function recordArtifact(tx: Transaction, row: ArtifactRow): Promise<void> {
  await tx.query(
    `INSERT INTO artifacts (tenant_id, id, kind, key, byte_count, sha256) VALUES ($1, $2, $3, $4, $5, $6)`,
    [tx.tenantId, row.id, row.kind, row.key, row.byteCount, row.sha256],
  );
}

/** Where an artifact's bytes are, or null. */
export async function findArtifactKey(tx: Transaction, id: string): Promise<string | null> {
  const rows = (await tx.query('SELECT key FROM artifacts WHERE id = $1', [id])) as { key: string }[];
  return rows[0]?.key ?? null;
}

/** By their ids; those that there are. */
export async function findArtifacts(tx: Transaction, ids: string[]): Promise<Map<string, ArtifactRow>> {
  const sql = 'SELECT id, kind, key, byte_count::float8 AS "byteCount", sha256 FROM artifacts WHERE id = ANY($1)';
  const rows = (await tx.query(sql, [ids])) as ArtifactRow[];
  return new Map(rows.map((row) => [row.id, row]));
}

/** Those of the keys that belong to an artifact of the tenant. */
export async function findRecordedKeys(tx: Transaction, keys: string[]): Promise<Set<string>> {
  const rows = (await tx.query('SELECT key FROM artifacts WHERE key = ANY($1)', [keys])) as { key: string }[];
  return new Set(rows.map(({ key }) => key));
}

/** Bytes of all files of the tenant. */
export async function storedBytes(tx: Transaction): Promise<number> {
  const rows = (await tx.query('SELECT coalesce(sum(byte_count), 0)::float8 AS bytes FROM artifacts')) as {
    bytes: number;
  }[];
  return rows[0].bytes;
}

/** Forgets artifacts; gives the keys of the bytes, which the caller deletes after the commit. */
export async function forgetArtifacts(tx: Transaction, ids: string[]): Promise<string[]> {
  const rows = (await tx.query('DELETE FROM artifacts WHERE id = ANY($1) RETURNING key', [ids])) as { key: string }[];
  return rows.map(({ key }) => key);
}

/** Forgets the one with this key. */
export async function forgetArtifactAt(tx: Transaction, key: string): Promise<void> {
  await tx.query('DELETE FROM artifacts WHERE key = $1', [key]);
}
