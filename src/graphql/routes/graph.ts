import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../../access';
import { type Log, PraxisError } from '../../kernel';
import { OperationContext } from '../context';
import { LIMITS } from '../limits';

interface GraphOptions {
  apollo: ApolloServer<OperationContext>;
  authenticator: Authenticator;
  log: Log;
}

/** The headers Apollo reads: cross-site request prevention and content negotiation. */
const HEADERS = ['content-type', 'accept', 'apollo-require-preflight', 'x-apollo-operation-name'];

/**
 * GraphQL over HTTP. Talks to Apollo directly: the stock Fastify integration builds a URL and copies every header
 * for each request, a quarter of the throughput of small operations.
 */
export function graphRoutes(fastify: FastifyInstance, { apollo, authenticator, log }: GraphOptions): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    if (isVisit(request)) return reply.redirect(`/graphiql${searchOf(request)}`);
    const caller = await authenticator.authenticate(request.headers.authorization, request.id);
    refuseLongBatch(request.body);
    const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method,
        headers: headersOf(request),
        search: searchOf(request),
        body: request.body,
      },
      context: async () => new OperationContext(caller, request.id, log, request.isEscapeFree).over(request.raw.socket),
    });
    void reply
      .code(status ?? 200)
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff');
    for (const [name, value] of headers) if (name !== 'content-length') void reply.header(name, value);
    if (body.kind !== 'complete') throw new Error('Incremental delivery is not offered.');
    return status && status >= 400 ? withRequestId(body.string, request.id) : body.string;
  };
  // Answers are JSON, not pages: the headers that protect pages would only cost time here.
  fastify.route({ method: ['GET', 'POST'], url: '/graphql', helmet: false, handler: answer });
}

/** Someone opened the address in a browser. */
const isVisit = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' && Boolean(headers.accept?.includes('text/html'));

/** From the question mark on. */
const searchOf = ({ url }: FastifyRequest): string => url.slice(url.indexOf('?') >>> 0);

function headersOf(request: FastifyRequest): HeaderMap {
  const headers = new HeaderMap();
  for (const name of HEADERS) {
    const value = request.headers[name];
    if (value !== undefined) headers.set(name, String(value));
  }
  return headers;
}

function refuseLongBatch(body: unknown): void {
  if (!Array.isArray(body) || body.length <= LIMITS.batch) return;
  throw new PraxisError('QUERY_TOO_COMPLEX', `A batch holds at most ${LIMITS.batch} operations, got ${body.length}.`);
}

/** Errors that Apollo raises before an operation starts do not pass the plugin, so they get their request id here. */
function withRequestId(text: string, requestId: string): string {
  const result = JSON.parse(text) as { errors?: { extensions?: Record<string, unknown> }[] };
  for (const error of result.errors ?? []) error.extensions = { ...error.extensions, requestId };
  return JSON.stringify(result);
}
