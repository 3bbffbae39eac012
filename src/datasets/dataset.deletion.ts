import type { TenantTx } from '../db';
import { PraxisError, toGlobalId } from '../kernel';
import type { LineageService } from '../lineage';
import { forgetArtifacts } from '../storage';
import { UploadState } from './upload/upload.entity';
import { shown } from '../formats';

/**
 * Removes a dataset with all that is its own: versions, uploads, events, lineage, artifacts' rows. Returns the keys of the
 * bytes to delete after the commit. NOT_FOUND; CONFLICT, naming what depends on it, or when a file is being ingested.
 */
export async function deleteDataset(tx: TenantTx, lineage: LineageService, id: string): Promise<string[]> {
  // In the order in which the end of an ingestion locks them.
  const uploads = await tx.query<{ state: UploadState; artifact_id: string | null }>(
    'SELECT state, artifact_id FROM uploads WHERE dataset_id = $1 ORDER BY id FOR UPDATE',
    [id],
  );
  const [dataset] = await tx.query<{ name: string }>('SELECT name FROM datasets WHERE id = $1 FOR UPDATE', [id]);
  if (!dataset) throw PraxisError.notFound('Dataset', toGlobalId('Dataset', id));
  if (uploads.some(({ state }) => state === UploadState.INGESTING)) {
    throw new PraxisError('CONFLICT', 'A file of this dataset is being ingested; delete it when that has ended.');
  }
  await lineage.forget(tx, { kind: 'Dataset', id }, `The dataset ${shown(dataset.name)}`);
  const versions = await tx.query<{ artifact_id: string }>(
    'SELECT artifact_id FROM dataset_versions WHERE dataset_id = $1',
    [id],
  );
  await tx.query('DELETE FROM datasets WHERE id = $1', [id]);
  await tx.deleteEvents(id);
  await tx.audit('dataset.delete', id, { name: dataset.name, versionCount: versions.length });
  return forgetArtifacts(
    tx,
    [...versions, ...uploads].flatMap((row) => row.artifact_id ?? []),
  );
}
