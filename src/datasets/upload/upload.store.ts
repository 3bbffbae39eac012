import type { Continuation, TenantTx } from '../../db';
import { newId, PraxisError } from '../../kernel';
import { createToken, issueAddress as issue, UPLOAD_VALID_MS, type UploadAddress } from '../../uploads';
import type { StatedColumn } from '../ingest/columns/stated';
import { Upload, UploadState } from './upload.entity';

/** Where files of datasets go in. */
export const UPLOADS_PATH = '/uploads';

export interface NewUpload {
  datasetId: string;
  columns?: StatedColumn[] | null;
  continuation: Continuation | null;
}

/** A place for one file; its address is issued apart, since only the hash of the secret is kept. */
export async function insertUpload(tx: TenantTx, { datasetId, columns, continuation }: NewUpload): Promise<string> {
  const id = newId();
  const now = new Date();
  await tx.repo(Upload).insert({
    tenantId: tx.tenantId,
    id,
    datasetId,
    tokenHash: createToken(tx.tenantId).hash,
    state: UploadState.WAITING,
    expiresAt: new Date(now.getTime() + UPLOAD_VALID_MS),
    columns: columns ?? [],
    findings: [],
    continuation,
    createdAt: now,
  } as never);
  await tx.appendEvents(datasetId, [stateEvent(id, UploadState.WAITING)]);
  return id;
}

/** A fresh address of an upload; an older one stops working, so a retried mutation answers with one that works. */
export async function issueAddress(tx: TenantTx, uploadId: string): Promise<UploadAddress> {
  const { address, hash } = issue(tx, uploadId, UPLOADS_PATH);
  await tx.repo(Upload).update({ id: uploadId }, { tokenHash: hash, expiresAt: address.expiresAt });
  return address;
}

/** Holds the row until the transaction ends. */
export async function lockUpload(tx: TenantTx, uploadId: string): Promise<Upload> {
  const upload = await tx.repo(Upload).findOne({ where: { id: uploadId }, lock: { mode: 'pessimistic_write' } });
  if (!upload) throw new PraxisError('NOT_FOUND', 'No upload at this address.');
  return upload;
}

export const stateEvent = (uploadId: string, state: UploadState) => ({ kind: 'state', payload: { uploadId, state } });
