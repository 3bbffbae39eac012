import { z } from 'zod';
import type { TaskRef, TenantTx } from '../db';
import type { Continuation } from './upload/upload.entity';

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

const anyPayload = z.looseObject({ tenantId: z.uuid() });

/** The payload is checked in full by the task that receives it. */
export const enqueueContinuation = (tx: TenantTx, { task, payload: content }: Continuation): Promise<void> =>
  tx.enqueue({ name: task, payload: anyPayload } as TaskRef<Record<string, unknown>>, content);
