import type { Continuation, TenantTx } from '../../db';
import { newId, PraxisError } from '../../kernel';
import { createToken } from './upload-token';
import { Upload, UploadState, type UploadAddress } from './upload.entity';

export const UPLOAD_VALID_MS = 24 * 3_600_000;

/** A place for one file; its address is issued apart, since only the hash of the secret is kept. */
export async function insertUpload(
  tx: TenantTx,
  datasetId: string,
  continuation: Continuation | null,
): Promise<string> {
  const id = newId();
  const now = new Date();
  await tx.repo(Upload).insert({
    tenantId: tx.tenantId,
    id,
    datasetId,
    tokenHash: createToken(tx.tenantId).hash,
    state: UploadState.WAITING,
    expiresAt: new Date(now.getTime() + UPLOAD_VALID_MS),
    findings: [],
    continuation,
    createdAt: now,
  } as never);
  await tx.appendEvents(datasetId, [stateEvent(id, UploadState.WAITING)]);
  return id;
}

/** A fresh address of an upload; an older one stops working, so a retried mutation answers with one that works. */
export async function issueAddress(tx: TenantTx, uploadId: string, publicUrl: string | null): Promise<UploadAddress> {
  const { token, hash } = createToken(tx.tenantId);
  const expiresAt = new Date(Date.now() + UPLOAD_VALID_MS);
  await tx.repo(Upload).update({ id: uploadId }, { tokenHash: hash, expiresAt });
  return { id: uploadId, url: `${publicUrl ?? ''}/uploads/${uploadId}?token=${token}`, expiresAt };
}

/** Holds the row until the transaction ends. */
export async function lockUpload(tx: TenantTx, uploadId: string): Promise<Upload> {
  const upload = await tx.repo(Upload).findOne({ where: { id: uploadId }, lock: { mode: 'pessimistic_write' } });
  if (!upload) throw new PraxisError('NOT_FOUND', 'No upload at this address.');
  return upload;
}

export const stateEvent = (uploadId: string, state: UploadState) => ({ kind: 'state', payload: { uploadId, state } });
