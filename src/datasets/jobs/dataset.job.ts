import { z } from 'zod';
import type { TaskRef, TenantTx } from '../../db';

const payload = z.object({ tenantId: z.uuid(), uploadId: z.uuid(), requestId: z.string() });
export type IngestPayload = z.output<typeof payload>;

/** The durable job that ingests an uploaded file. */
export const ingestTask: TaskRef<IngestPayload> = { name: 'dataset.ingest', payload };

const ATTEMPTS_MAX = 3;

export const enqueueIngestion = (tx: TenantTx, job: Omit<IngestPayload, 'tenantId'>): Promise<void> =>
  tx.enqueue(
    ingestTask,
    { tenantId: tx.tenantId, ...job },
    { jobKey: `ingest:${job.uploadId}`, maxAttempts: ATTEMPTS_MAX },
  );
