import { z } from 'zod';
import type { TaskRef, TenantTx } from '../../db';

const payload = z.object({ tenantId: z.uuid(), runId: z.uuid(), requestId: z.string() });
export type RunPayload = z.output<typeof payload>;

type RunTaskRef = TaskRef<RunPayload> & { lane: string };

/** The durable job that trains a run. */
export const runTask: RunTaskRef = { name: 'run.train', payload, lane: 'train' };

/** The same for one that names a GPU: it may wait for a device, so it has slots of its own. */
export const gpuRunTask: RunTaskRef = { name: 'run.train-gpu', payload, lane: 'train-gpu' };

/** A run is given up when its worker died, or failed through a fault of ours, this often. */
export const RUN_ATTEMPTS_MAX = 3;

const NAMES_GPU = `SELECT coalesce(executor_wish ->> 'provider' IN ('cuda', 'webgpu'), false) AS yes FROM runs WHERE id = $1`;

/** For a run whose row is there. */
export async function enqueueRun(tx: TenantTx, runId: string, requestId: string): Promise<void> {
  const [namesGpu] = await tx.query<{ yes: boolean }>(NAMES_GPU, [runId]);
  await tx.enqueue(
    namesGpu?.yes ? gpuRunTask : runTask,
    { tenantId: tx.tenantId, runId, requestId },
    { jobKey: `run:${runId}`, maxAttempts: RUN_ATTEMPTS_MAX },
  );
}
