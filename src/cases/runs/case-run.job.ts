import { z } from 'zod';
import type { TaskRef, TenantTx } from '../../db';

const payload = z.object({ tenantId: z.uuid(), caseRunId: z.uuid(), requestId: z.string() });
export type CaseRunPayload = z.output<typeof payload>;

/** The durable job that brings a case run forward until it has to wait for an ingestion or a training, or has ended. */
export const caseRunTask: TaskRef<CaseRunPayload> = { name: 'case.advance', payload };

export const enqueueCaseRun = (
  tx: TenantTx,
  { caseRunId, requestId }: Omit<CaseRunPayload, 'tenantId'>,
): Promise<void> => tx.enqueue(caseRunTask, { tenantId: tx.tenantId, caseRunId, requestId });
