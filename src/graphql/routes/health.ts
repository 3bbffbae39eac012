import type { FastifyInstance } from 'fastify';
import { shared } from '../operations/shared-reading';
import { countWorkProcesses, type Database } from '../../db';

const CHECK_TIMEOUT_MS = 2_000;

export interface HealthOptions {
  database: Database;
  isDraining: () => boolean;
}

/** For load balancers: is the process alive, can it answer. */
export function healthRoutes(fastify: FastifyInstance, { database, isDraining }: HealthOptions): void {
  fastify.get('/healthz', async () => ({ status: 'ok' }));

  // A look is shared by those who ask while it is taken.
  const look = shared(() => within(CHECK_TIMEOUT_MS, countWorkProcesses(database)));

  fastify.get('/readyz', async (_request, reply) => {
    if (isDraining()) return reply.code(503).send({ status: 'draining' });
    try {
      // None at work is no reason to take the API out of service: it still reads, predicts and queues.
      const workProcesses = await look();
      return { status: 'ready', database: 'ok', workProcesses };
    } catch {
      return reply.code(503).send({ status: 'unavailable', database: 'not reachable' });
    }
  });
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), timeoutMs);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
