import type { TenantTx } from '../db';
import { PraxisError, toGlobalId } from '../kernel';
import { labelled, unlinkLineage, type NodeRef } from '../lineage';
import { UploadState } from './upload/upload.entity';
import { shown } from '../formats';

const NAMED_MAX = 10;

/** What was made from a dataset and would lose its origin. A case run that is on its way counts before it has a version. */
const DEPENDENTS = `
  WITH versions AS (SELECT id FROM dataset_versions WHERE dataset_id = $1),
  trained AS (SELECT id, created_at FROM runs WHERE dataset_version_id IN (SELECT id FROM versions))
  SELECT kind, id FROM (
    SELECT 1 AS place, 'Run' AS kind, id, created_at FROM trained
    UNION ALL
    SELECT 2, 'ModelVersion', id, created_at FROM model_versions WHERE run_id IN (SELECT id FROM trained)
    UNION ALL
    SELECT 3, 'CaseRun', id, created_at FROM case_runs WHERE dataset_version_id IN (SELECT id FROM versions)
      OR state = 'RUNNING' AND upload_id IN (SELECT id FROM uploads WHERE dataset_id = $1)
  ) dependents ORDER BY place, created_at, id`;

/**
 * Removes a dataset with all that is its own: versions, uploads, events, lineage, artifacts' rows. Returns the keys of the
 * bytes to delete after the commit. NOT_FOUND; CONFLICT, naming what depends on it, or when a file is being ingested.
 */
export async function deleteDataset(tx: TenantTx, id: string): Promise<string[]> {
  // In the order in which the end of an ingestion locks them.
  const uploads = await tx.query<{ id: string; state: UploadState; artifact_id: string | null }>(
    'SELECT id, state, artifact_id FROM uploads WHERE dataset_id = $1 ORDER BY id FOR UPDATE',
    [id],
  );
  const [dataset] = await tx.query<{ name: string }>('SELECT name FROM datasets WHERE id = $1 FOR UPDATE', [id]);
  if (!dataset) throw PraxisError.notFound('Dataset', toGlobalId('Dataset', id));
  if (uploads.some(({ state }) => state === UploadState.INGESTING)) {
    throw new PraxisError('CONFLICT', 'A file of this dataset is being ingested; delete it when that has ended.');
  }
  await refuseWhenUsed(tx, id, dataset.name);
  const versions = await tx.query<{ id: string; artifact_id: string }>(
    'SELECT id, artifact_id FROM dataset_versions WHERE dataset_id = $1',
    [id],
  );
  await tx.query('DELETE FROM datasets WHERE id = $1', [id]);
  const idsOf = (rows: { id: string }[]) => rows.map((row) => row.id);
  await unlinkLineage(tx, [id, ...idsOf(versions)]);
  await tx.deleteEvents(id);
  // A retry of what made it makes another one.
  await tx.query('DELETE FROM idempotency_keys WHERE subject_id = ANY($1)', [idsOf(uploads)]);
  await tx.audit('dataset.delete', id, { name: dataset.name, versionCount: versions.length });
  const artifacts = [...versions, ...uploads].flatMap((row) => row.artifact_id ?? []);
  const rows = await tx.query<{ key: string }>('DELETE FROM artifacts WHERE id = ANY($1) RETURNING key', [artifacts]);
  return rows.map(({ key }) => key);
}

async function refuseWhenUsed(tx: TenantTx, id: string, name: string): Promise<void> {
  const dependents = await tx.query<NodeRef>(DEPENDENTS, [id]);
  if (dependents.length === 0) return;
  const named = (await labelled(tx, dependents.slice(0, NAMED_MAX))).map(
    (node) => `${node.kind} ${shown(node.label)} (${toGlobalId(node.kind, node.id)})`,
  );
  const more = dependents.length - named.length;
  throw new PraxisError(
    'CONFLICT',
    `The dataset ${shown(name)} cannot be deleted, because these were made from it: ${named.join(', ')}` +
      `${more > 0 ? ` and ${more} more` : ''}. Their origin must stay readable.`,
  );
}
