import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Fault, type Log, PraxisError, readAway } from '../../kernel';
import { present } from '../errors';

/**
 * Where nothing is served: 404, or 405 with the methods that are taken there. The query is not repeated, as it may be a
 * secret, such as the token of an upload. Call it before routes are added.
 */
export function answerUnserved(fastify: FastifyInstance, log: Log): void {
  const routes: { pattern: RegExp; methods: string[] }[] = [];
  fastify.addHook('onRoute', ({ url, method }) => {
    if (url === '*' || url === '/*') return;
    const escaped = url.replace(/[.+?]/g, '\\$&').replace(/:\w+/g, '[^/]+').replace(/\*/g, '.*');
    routes.push({ pattern: new RegExp(`^${escaped}$`), methods: [method].flat() });
  });
  fastify.setNotFoundHandler((request, reply) => {
    readAway(request.raw, reply);
    const [path] = request.url.split('?', 1);
    const taken = new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods));
    // A route that takes the method itself, and found nothing, or one for every path, says nothing of others.
    const methods = taken.has(request.method) ? '' : [...taken].sort().join(', ');
    const message = `Nothing is served at ${request.method} ${path.slice(0, 200)}`;
    if (methods) void reply.header('allow', methods);
    const error = new PraxisError('NOT_FOUND', methods ? `${message}; it takes ${methods}.` : `${message}.`);
    return reply.code(methods ? 405 : 404).send({ errors: [present(error, request.id, log)] });
  });
}

export const UNREADABLE: Fault = { path: 'address', message: 'cannot be read', hint: 'escape it as UTF-8' };

/** Answers what has no route as its address cannot be read: escapes that are not UTF-8. */
export const unreadableAddress =
  (log: Log) =>
  (_thrown: Error, request: FastifyRequest, reply: FastifyReply): void => {
    const error = PraxisError.invalid([UNREADABLE]);
    void reply
      .code(400)
      .header('x-request-id', request.id)
      .send({ errors: [present(error, request.id, log)] });
  };
