import type { Readable } from 'node:stream';
import type { Database, TenantTx } from '../../db';
import { jobContext, newId, PraxisError, type TenantContext } from '../../kernel';
import { artifactKey, recordArtifact, type ArtifactRow, type ArtifactStore } from '../../storage';
import { checkToken, inTurn, refuseEndedMaker, tenantOfAddress, UploadExpired } from '../../uploads';
import { enqueueIngestion } from '../jobs/dataset.job';
import { Upload, UploadState } from './upload.entity';
import { keepSentFile } from './sent-file';
import { lockUpload, stateEvent } from './upload.store';

export interface ReceivedUpload {
  uploadId: string;
  byteCount: number;
  /** Of the bytes as sent, hexadecimal. */
  sha256: string;
}

const OPEN = [UploadState.WAITING, UploadState.RECEIVING];

/** Takes files in, one at a time at an address. */
export class UploadService {
  constructor(
    private readonly database: Database,
    private readonly artifacts: ArtifactStore,
    private readonly options: { uploadBytesMax: number; uploadKeepDays: number },
  ) {}

  /**
   * Streams a file into storage and hands it to ingestion. NOT_FOUND for a wrong id or token, UploadExpired, CONFLICT
   * when a file is in or coming in already, PAYLOAD_TOO_LARGE, UNAVAILABLE when storage is full. Whatever fails, nothing of the file
   * stays and the address can be used again.
   */
  async receive(
    uploadId: string,
    token: string,
    source: Readable | Uint8Array,
    contentLength?: number,
  ): Promise<ReceivedUpload> {
    const tenantId = tenantOfAddress(uploadId, token);
    const context = jobContext(tenantId, `upload-${uploadId}`);
    await this.database.inTenant(context, (tx) => this.begin(tx, uploadId, token, contentLength));
    return inTurn(this.database, uploadId, () => this.take(context, { uploadId, token }, source));
  }

  private async take(
    context: TenantContext,
    { uploadId, token }: { uploadId: string; token: string },
    source: Readable | Uint8Array,
  ): Promise<ReceivedUpload> {
    const id = newId();
    const key = artifactKey(context.tenantId, 'UPLOAD', id);
    try {
      const written = await this.artifacts.write(key, source, { byteCountMax: this.options.uploadBytesMax });
      const artifact: ArtifactRow = { id, kind: 'UPLOAD', key, ...written };
      await this.database.inTenant(context, async (tx) => {
        await refuseEndedMaker(tx, token, 'createUpload');
        await this.finish(tx, uploadId, artifact, context.requestId);
      });
      return { uploadId, byteCount: written.byteCount, sha256: written.sha256.toString('hex') };
    } catch (error) {
      // When the database went away during the commit, the row may be there; without one the sweep finds the file.
      if (!isUnavailable(error)) await this.artifacts.delete(key).catch(() => undefined);
      await this.reopen(context, uploadId);
      throw error;
    }
  }

  private async begin(tx: TenantTx, uploadId: string, token: string, contentLength = 0): Promise<void> {
    const upload = checkToken(await lockUpload(tx, uploadId), token);
    refuseWhenDone(upload);
    await refuseEndedMaker(tx, token, 'createUpload');
    if (upload.expiresAt.getTime() <= Date.now()) throw new UploadExpired('createUpload');
    const { uploadBytesMax } = this.options;
    if (contentLength > uploadBytesMax) {
      throw new PraxisError('PAYLOAD_TOO_LARGE', `The file is larger than the limit of ${uploadBytesMax} bytes.`);
    }
    if (upload.state === UploadState.WAITING) await this.move(tx, upload, UploadState.RECEIVING);
  }

  private async finish(tx: TenantTx, id: string, artifact: ArtifactRow, requestId: string): Promise<void> {
    const upload = await lockUpload(tx, id);
    refuseWhenDone(upload);
    await recordArtifact(tx, artifact);
    await keepSentFile(tx, id, { artifact, days: this.options.uploadKeepDays });
    await this.move(tx, upload, UploadState.INGESTING);
    await enqueueIngestion(tx, { uploadId: id, requestId });
  }

  /** After an interrupted PUT. */
  private async reopen(context: TenantContext, uploadId: string): Promise<void> {
    const back = async (tx: TenantTx) => {
      const upload = await lockUpload(tx, uploadId);
      if (upload.state === UploadState.RECEIVING) await this.move(tx, upload, UploadState.WAITING);
    };
    await this.database.inTenant(context, back).catch(() => undefined);
  }

  private async move(tx: TenantTx, upload: Upload, state: UploadState): Promise<void> {
    await tx.repo(Upload).update({ id: upload.id }, { state });
    await tx.appendEvents(upload.datasetId, [stateEvent(upload.id, state)]);
  }
}

const isUnavailable = (error: unknown): boolean => error instanceof PraxisError && error.code === 'UNAVAILABLE';

function refuseWhenDone({ state }: Upload): void {
  if (OPEN.includes(state)) return;
  throw new PraxisError('CONFLICT', 'This address has taken its file already. Ask for a new one with createUpload.');
}
