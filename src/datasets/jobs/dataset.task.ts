import type { Database, JobRun, Task } from '../../db';
import { isStorageFull, jobContext, STORAGE_FULL, type TenantContext } from '../../kernel';
import { findArtifactKey, type ArtifactStore, type Scratch } from '../../storage';
import type { DatasetConclusion } from './dataset.conclusion';
import { Dataset } from '../dataset.entity';
import { ingestTask, type IngestPayload } from './dataset.job';
import { refusal, RefusedFile, warning } from '../ingest/finding';
import { ingestFile } from '../ingest/ingest';
import type { SizeLimits } from '../ingest/files/size-limits';
import { ProgressReport } from './ingest-progress';
import { Upload, UploadState } from '../upload/upload.entity';

export interface IngestLimits {
  /** Folders for what ingestions write on the way. */
  scratch: Scratch;
  /** Of one file. */
  file: SizeLimits;
  /** What DuckDB may take for one ingestion. */
  memoryMb: number;
}

interface Claim {
  upload: Upload;
  dataset: Dataset;
  /** Of the file as it was sent; null when it is gone. */
  key: string | null;
}

/** Ingests one uploaded file in a `work` process. Runs again after a crash and finds out what is already done. */
export class DatasetTask implements Task<IngestPayload> {
  readonly name = ingestTask.name;
  readonly payload = ingestTask.payload;
  /** Each takes memory and the cores it finds, so there are few at a time. */
  readonly lane = 'ingest';

  constructor(
    private readonly database: Database,
    private readonly artifacts: ArtifactStore,
    private readonly conclusion: DatasetConclusion,
    private readonly limits: IngestLimits,
  ) {}

  async run({ tenantId, uploadId, requestId }: IngestPayload, job: JobRun): Promise<void> {
    const context = jobContext(tenantId, requestId);
    const claim = await this.claim(context, uploadId);
    if (!claim) return;
    if (claim.upload.state === UploadState.INGESTING && claim.key) {
      await this.ingest(context, claim, job).catch((error: unknown) => this.putOff(context, claim, { error, job }));
    }
    await this.conclusion.forgetFile(context, claim.upload);
  }

  async exhausted({ tenantId, uploadId, requestId }: IngestPayload, error: Error): Promise<void> {
    const context = jobContext(tenantId, requestId);
    const claim = await this.claim(context, uploadId);
    if (!claim) return;
    const full = isStorageFull(error);
    const finding = refusal('INGESTION_FAILED', {
      message: full
        ? 'The server ran out of disk space while it read this file; nothing of it was kept.'
        : 'The server could not finish the ingestion of this file.',
      fix: full
        ? `Ask the operator for space (request id ${requestId}), then send the file again.`
        : `Send the file again. If it fails again, tell the operator the request id ${requestId}.`,
    });
    await this.conclusion.refuse(context, claim.upload, [finding]);
    await this.conclusion.forgetFile(context, claim.upload);
  }

  /** Tells once that the file waits for space, and lets the queue try again. */
  private async putOff(
    context: TenantContext,
    { dataset }: Claim,
    { error, job }: { error: unknown; job: JobRun },
  ): Promise<never> {
    if (isStorageFull(error) && job.putOff === 0) {
      const fix = 'Nothing to do: the file is tried again every minute for a day.';
      const payload = warning('STORAGE_FULL', { message: STORAGE_FULL, fix });
      const tell = this.database.inTenant(context, (tx) => tx.appendEvents(dataset.id, [{ kind: 'finding', payload }]));
      await tell.catch(() => undefined);
    }
    throw error;
  }

  private async claim(context: TenantContext, uploadId: string): Promise<Claim | null> {
    return this.database.inTenant(context, async (tx) => {
      const upload = await tx.repo(Upload).findOneBy({ id: uploadId });
      const dataset = upload && (await tx.repo(Dataset).findOneBy({ id: upload.datasetId }));
      if (!upload || !dataset) return null;
      const sent = upload.sourceId ? await tx.repo(Upload).findOneBy({ id: upload.sourceId }) : upload;
      return { upload, dataset, key: sent?.artifactId ? await findArtifactKey(tx, sent.artifactId) : null };
    });
  }

  private async ingest(context: TenantContext, { upload, dataset, key }: Claim, job: JobRun): Promise<void> {
    job.signal.throwIfAborted();
    const path = await this.artifacts.localPath(key!);
    const { scratch, file: limits, memoryMb } = this.limits;
    const progress = new ProgressReport(this.database, context, upload.datasetId, job.log);
    const { signal } = job;
    const onProgress = progress.report;
    const request = { path, format: dataset.format, columns: upload.columns, limits, memoryMb, signal, onProgress };
    try {
      await scratch.use(upload.id, async (folder) => {
        const done = await ingestFile({ ...request, scratch: folder });
        await progress.flush();
        await this.conclusion.accept(context, upload, done);
      });
    } catch (error) {
      await progress.flush();
      if (!(error instanceof RefusedFile)) throw error;
      await this.conclusion.refuse(context, upload, error.findings);
    }
  }
}
