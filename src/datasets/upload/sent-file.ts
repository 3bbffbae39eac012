import type { ArtifactRow, Transaction } from '../../storage';

const BATCH = 500;

/** Ties a file that came in to its upload, which holds it for so many days. */
export async function keepSentFile(
  tx: Transaction,
  uploadId: string,
  { artifact, days }: { artifact: ArtifactRow; days: number },
): Promise<void> {
  await tx.query(
    `UPDATE uploads SET artifact_id = $2, byte_count = $3, kept_until = now() + $4 * interval '1 day' WHERE id = $1`,
    [uploadId, artifact.id, artifact.byteCount, days],
  );
}

/** Files of earlier releases have no time: they went once they were read. */
const OVERDUE = `
  SELECT id FROM uploads
  WHERE artifact_id IS NOT NULL AND state IN ('READY', 'REFUSED') AND coalesce(kept_until, created_at) <= now()
    AND ($1::uuid IS NULL OR id = $1)
  ORDER BY kept_until LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`;

/** Whoever begins to read a file holds its upload, so this is asked after the lock, in a statement of its own. */
const UNREAD = `
  SELECT id, artifact_id FROM uploads sent WHERE id = ANY($1)
    AND NOT EXISTS (SELECT FROM uploads WHERE source_id = sent.id AND state = 'INGESTING')`;

/**
 * Forgets files whose time is over and that nobody reads, at most 500: those of the tenant, or that of one upload. Returns
 * the keys of the bytes to delete after the commit.
 */
export async function forgetSentFiles(tx: Transaction, uploadId: string | null = null): Promise<string[]> {
  const overdue = (await tx.query(OVERDUE, [uploadId])) as { id: string }[];
  const sent = (await tx.query(UNREAD, [overdue.map(({ id }) => id)])) as { id: string; artifact_id: string }[];
  if (sent.length === 0) return [];
  await tx.query('UPDATE uploads SET artifact_id = NULL WHERE id = ANY($1)', [sent.map(({ id }) => id)]);
  const artifacts = sent.map((row) => row.artifact_id);
  const rows = await tx.query('DELETE FROM artifacts WHERE id = ANY($1) RETURNING key', [artifacts]);
  return (rows as { key: string }[]).map(({ key }) => key);
}
