import { z } from 'zod';
import type { TaskRef, TenantTx } from '../db';

/** A durable job that is enqueued in the transaction that ends a run. Its payload names the tenant, as every job's. */
export interface Continuation {
  task: string;
  payload: { tenantId: string } & Record<string, unknown>;
}

const payload = z.looseObject({ tenantId: z.uuid() });

/** The payload is checked in full by the task that receives it. */
export const enqueueContinuation = (tx: TenantTx, { task, payload: content }: Continuation): Promise<void> =>
  tx.enqueue({ name: task, payload } as TaskRef<Record<string, unknown>>, content);
