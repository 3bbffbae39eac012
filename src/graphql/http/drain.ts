import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { PraxisError } from '../../kernel';

/** For requests on their way when the stop begins: the port stays open as long as this, at most. */
const GRACE_MS = 500;
/** Of the time a stop may take. */
const GRACE_SHARE = 1 / 20;
/** Load balancers ask these to learn that the server is stopping. */
const ANSWERED = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * `close` in order: what is new is refused with UNAVAILABLE and `connection: close`, sockets are closed with 1001 and event streams ended, what is in
 * flight finishes for `drainMs` and is then cut. Gives whether that has begun.
 */
export function drainOnClose(
  fastify: FastifyInstance,
  live: { close(): void | Promise<void> }[],
  drainMs: number,
): () => boolean {
  let draining = false;
  fastify.addHook('preClose', async () => {
    draining = true;
    setTimeout(() => fastify.server.closeAllConnections(), drainMs).unref();
    await Promise.all([
      ...live.map((connections) => connections.close()),
      wait(Math.min(GRACE_MS, drainMs * GRACE_SHARE)),
    ]);
  });
  // After the body is read: a connection that is closed over unread bytes is reset, and the answer lost.
  fastify.addHook('preValidation', (request, reply, done) => {
    if (!draining || ANSWERED.has(request.routeOptions.url ?? '')) return done();
    void reply.header('connection', 'close').header('retry-after', '1');
    done(new PraxisError('UNAVAILABLE', 'This server is stopping; send the request again.'));
  });
  fastify.addHook('onResponse', (request, _reply, done) => {
    if (draining) request.raw.socket.end();
    done();
  });
  return () => draining;
}
