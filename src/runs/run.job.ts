import { z } from 'zod';
import type { TaskRef, TenantTx } from '../db';

const payload = z.object({ tenantId: z.uuid(), runId: z.uuid(), requestId: z.string() });
export type RunPayload = z.output<typeof payload>;

/** The durable job that trains a run. */
export const runTask: TaskRef<RunPayload> = { name: 'run.train', payload };

/** A run is given up when its worker died, or failed through a fault of ours, this often. */
export const RUN_ATTEMPTS_MAX = 3;

export const enqueueRun = (tx: TenantTx, runId: string, requestId: string): Promise<void> =>
  tx.enqueue(
    runTask,
    { tenantId: tx.tenantId, runId, requestId },
    { jobKey: `run:${runId}`, maxAttempts: RUN_ATTEMPTS_MAX },
  );
