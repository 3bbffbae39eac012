import type { TenantTx } from '../../db';
import { newId, PraxisError } from '../../kernel';
import { createToken } from '../../uploads';
import { enqueueIngestion } from '../jobs/dataset.job';
import type { StatedColumn } from '../ingest/columns/stated';
import { Upload, UploadState } from './upload.entity';
import { stateEvent } from './upload.store';

export interface ReadingRequest {
  uploadId: string;
  /** Left out: as it was said with the upload. */
  columns?: StatedColumn[] | null;
}

/** The upload that holds the file, locked: nobody forgets the file before its new reading stands beside it. */
const SENT = `
  SELECT id, dataset_id AS "datasetId", state, kept_until AS "keptUntil",
    artifact_id IS NOT NULL AND kept_until > now() AS "isKept"
  FROM uploads WHERE id = (SELECT coalesce(source_id, id) FROM uploads WHERE id = $1) FOR UPDATE`;

const READ_NOW = `SELECT FROM uploads WHERE (id = $1 OR source_id = $1) AND state = 'INGESTING'`;

interface SentFile {
  id: string;
  datasetId: string;
  state: UploadState;
  keptUntil: Date | null;
  isKept: boolean | null;
}

/**
 * Begins another reading of the file of an upload: an upload that has its file from that one. NOT_FOUND when there is no such
 * upload or its file is gone; CONFLICT when no file is in yet, or while it is read.
 */
export async function readAgain(
  tx: TenantTx,
  { uploadId, columns }: ReadingRequest,
  requestId: string,
): Promise<string> {
  const [sent] = await tx.query<SentFile>(SENT, [uploadId]);
  if (!sent) throw PraxisError.notFound('Upload', uploadId);
  if (sent.state === UploadState.WAITING || sent.state === UploadState.RECEIVING) {
    throw new PraxisError('CONFLICT', 'No file of this upload is in yet: send it to the address of the upload.');
  }
  if ((await tx.query(READ_NOW, [sent.id])).length > 0) {
    throw new PraxisError('CONFLICT', 'The file of this upload is being read; try again when that has ended.');
  }
  if (!sent.isKept) throw notKept(sent);
  const id = newId();
  const stated = columns ?? (await tx.repo(Upload).findOneByOrFail({ id: uploadId })).columns;
  await insertReading(tx, { ...sent, id, sourceId: sent.id, columns: stated });
  await tx.appendEvents(sent.datasetId, [stateEvent(id, UploadState.INGESTING)]);
  await tx.audit('dataset.reingest', sent.datasetId, { uploadId: id, sourceId: sent.id });
  await enqueueIngestion(tx, { uploadId: id, requestId });
  return id;
}

type Reading = Pick<Upload, 'id' | 'datasetId' | 'sourceId' | 'columns'>;

async function insertReading(tx: TenantTx, { id, datasetId, sourceId, columns }: Reading): Promise<void> {
  const now = new Date();
  await tx.repo(Upload).insert({
    ...{ tenantId: tx.tenantId, id, datasetId, sourceId, columns },
    // Of an address that nobody gets.
    tokenHash: createToken(tx.tenantId).hash,
    state: UploadState.INGESTING,
    expiresAt: now,
    findings: [],
    createdAt: now,
  } as never);
}

const notKept = ({ keptUntil }: SentFile): PraxisError =>
  new PraxisError(
    'NOT_FOUND',
    `The file of this upload is no longer kept${keptUntil ? ` since ${keptUntil.toISOString()}` : ': it went once it was read'}. ` +
      'Send it again to an address of createUpload.',
  );
