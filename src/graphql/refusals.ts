import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { type Log, PraxisError, readAway } from '../kernel';
import { clientErrorHandler } from './http/client-errors';
import { HTTP_STATUS, present, toPraxisError } from './errors';
import { requestIdOf } from './http/request-id';
import { SlowBody } from './http/slow-bodies';
import { answerUnserved, unreadableAddress } from './http/unserved';

/** One shape for every refusal of a server of ours, whichever port it listens on: JSON with `errors` and a request id. */

/** For what is refused before a route is found; given when the server is made. */
export const earlyRefusals = (log: Log) => ({
  genReqId: (request: { headers: IncomingMessage['headers'] }) => requestIdOf(request.headers['x-request-id']),
  clientErrorHandler,
  frameworkErrors: unreadableAddress(log),
});

/** Told to nobody but the log. */
const CUT_SHORT = new PraxisError('VALIDATION_FAILED', 'The client left before its body was in.');

/** For all else. Call it before routes are added. */
export function answerRefusals(fastify: FastifyInstance, log: Log): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  fastify.setErrorHandler((thrown, request, reply) => {
    const { raw } = request;
    const hasLeft = !(thrown instanceof PraxisError) && raw.destroyed && !raw.complete;
    const error = hasLeft ? CUT_SHORT : toPraxisError(thrown, fastify.initialConfig.bodyLimit);
    const requestLog = log.child({ requestId: request.id });
    if (!(error instanceof SlowBody)) readAway(raw, reply);
    const status = error instanceof SlowBody ? 408 : HTTP_STATUS[error.code];
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    return reply.code(status).send({ errors: [present(error, request.id, requestLog)] });
  });
  fastify.server.on('checkExpectation', refuseExpectation(log));
  answerUnserved(fastify, log);
}

/** `Expect` may ask for `100-continue` alone (RFC 9110, section 10.1.1); Node answers other words with 417 and no text. */
const refuseExpectation =
  (log: Log) =>
  ({ headers }: IncomingMessage, response: ServerResponse): void => {
    const id = requestIdOf(headers['x-request-id']);
    const issue = { path: 'headers.expect', message: 'can only be 100-continue', hint: 'leave the header out' };
    const body = JSON.stringify({ errors: [present(PraxisError.invalid([issue]), id, log)] });
    const about = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) };
    // A body may be on its way that nobody reads.
    response.writeHead(417, { ...about, 'x-request-id': id, connection: 'close' }).end(body);
  };
