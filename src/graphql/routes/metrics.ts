import { createHash, timingSafeEqual } from 'node:crypto';
import createFastify, { type FastifyInstance } from 'fastify';
import { prometheusContentType } from 'prom-client';
import { type Log, PraxisError } from '../../kernel';
import { answerRefusals, earlyRefusals } from '../refusals';
import { shared } from '../operations/shared-reading';
import { listenOn, type Address } from '../http/address';

export interface MetricsOptions {
  /** What is answered, as text. */
  read: () => Promise<string>;
  /** Who asks must send it as a bearer token; null: anybody may ask. */
  token: string | null;
}

/** A reading is told for so many times as long as it took, so that scrapes take a fifth of the time at most. */
const REST = 4;

/** For Prometheus. */
export function metricsRoute(fastify: FastifyInstance, { read, token }: MetricsOptions): void {
  const tell = shared(read, REST);
  fastify.get('/metrics', async (request, reply) => {
    if (token !== null && !bears(request.headers.authorization, token)) {
      throw new PraxisError(
        'UNAUTHENTICATED',
        'Send the token of PRAXIS_METRICS_TOKEN as "Authorization: Bearer <token>".',
      );
    }
    return reply.type(prometheusContentType).send(await tell());
  });
}

/** On a port of its own, for a process that has no other, or whose other is open to the world. */
export async function serveMetrics(o: MetricsOptions & Address, log: Log): Promise<{ close(): Promise<void> }> {
  const fastify = createFastify({ forceCloseConnections: true, ...earlyRefusals(log) });
  answerRefusals(fastify, log);
  metricsRoute(fastify, o);
  fastify.get('/healthz', async () => ({ status: 'ok' }));
  await listenOn(fastify, o, { host: 'PRAXIS_METRICS_HOST', port: 'PRAXIS_METRICS_PORT' });
  return fastify;
}

/** Takes as long for a token that is nearly right as for any other. */
function bears(header: string | undefined, token: string): boolean {
  const [, bearer = ''] = /^bearer +(\S+) *$/i.exec(header ?? '') ?? [];
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(bearer), digest(token));
}
