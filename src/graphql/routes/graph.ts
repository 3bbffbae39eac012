import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../../access';
import { type Log, type OperatorContext, PraxisError, type TenantContext } from '../../kernel';
import { OperationContext } from '../operations/context';
import { LIMITS } from '../limits';
import { ANY_MANNER, refuseMisshapen } from '../operations/request-shape';
import { asksForEvents, type EventStreams } from './event-stream';
import type { AddressOf } from '../http/public-address';
import type { UnsentAnswers } from '../live/unsent-answers';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, known before the body is read; null without a key. */
    caller: TenantContext | OperatorContext | null;
  }
}

interface GraphOptions {
  apollo: ApolloServer<OperationContext>;
  authenticator: Authenticator;
  eventStreams: EventStreams;
  unsent: UnsentAnswers;
  log: Log;
  addressOf: AddressOf;
}

/** The headers Apollo reads: cross-site request prevention and content negotiation. */
const HEADERS = ['content-type', 'accept', 'apollo-require-preflight', 'x-apollo-operation-name'];

/**
 * GraphQL over HTTP. Talks to Apollo directly: the stock Fastify integration builds a URL and copies every header
 * for each request, a quarter of the throughput of small operations.
 */
export function graphRoutes(
  fastify: FastifyInstance,
  { apollo, authenticator, eventStreams, unsent, log, addressOf }: GraphOptions,
): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    if (isVisit(request)) return reply.redirect(`/graphiql${searchOf(request)}`);
    if (asksForEvents(request)) return eventStreams.answer(request, reply);
    refuseLongBatch(request.body);
    refuseMisshapen(request, ANY_MANNER);
    const context = new OperationContext(request.caller, request.id, log, request.isEscapeFree);
    const unsentAnswer = (context.account.unsent = unsent.open(request.caller));
    const { method, body: asked } = request;
    const httpGraphQLRequest = { method, headers: headersOf(request), search: searchOf(request), body: asked };
    let response;
    try {
      response = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest,
        context: async () => context.over(request.raw, addressOf),
      });
    } finally {
      unsentAnswer.releaseAfter(reply.raw);
    }
    const { status, headers, body } = response;
    void reply
      .code(context.account.isOperationRefused && isPlainJson(headers) ? 200 : (status ?? 200))
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff');
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    for (const [name, value] of headers) if (name !== 'content-length') void reply.header(name, value);
    if (body.kind !== 'complete') throw new Error('Incremental delivery is not offered.');
    return status && status >= 400 ? withRequestId(body.string, request.id) : body.string;
  };
  fastify.decorateRequest('caller', null);
  fastify.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    onRequest: async (request) => {
      const { headers, id, raw } = request;
      request.caller = await authenticator.authenticate(headers.authorization, id, raw.socket);
    },
    preParsing: boundAnonymousBody,
    handler: answer,
  });
}

/** Someone opened the address in a browser. */
const isVisit = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' && Boolean(headers.accept?.includes('text/html'));

/** From the question mark on. */
const searchOf = ({ url }: FastifyRequest): string => url.slice(url.indexOf('?') >>> 0);

/**
 * GraphQL over HTTP: in `application/json` a faulty document or variables answer 200, as proxies and old clients make
 * errors of their own of a 400; in `application/graphql-response+json` they answer 400.
 */
const isPlainJson = (headers: HeaderMap): boolean =>
  Boolean(headers.get('content-type')?.startsWith('application/json'));

function headersOf(request: FastifyRequest): HeaderMap {
  const headers = new HeaderMap();
  for (const name of HEADERS) {
    const value = request.headers[name];
    if (value !== undefined) headers.set(name, String(value));
  }
  return headers;
}

/** Without a key a body needs room for a document only: what is longer is refused before it is kept. */
function boundAnonymousBody(
  request: FastifyRequest,
  _reply: FastifyReply,
  payload: NodeJS.ReadableStream,
  done: (error?: Error | null) => void,
): void {
  if (request.caller) return done();
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > LIMITS.anonymousBodyBytes) return done(tooLongWithoutKey());
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes <= LIMITS.anonymousBodyBytes) return;
    payload.off('data', count);
    payload.emit('error', tooLongWithoutKey());
  };
  if (!length) payload.on('data', count);
  done();
}

const tooLongWithoutKey = (): PraxisError =>
  new PraxisError(
    'UNAUTHENTICATED',
    `A request without an api key takes at most ${LIMITS.anonymousBodyBytes} bytes. Send a key as "Authorization: Bearer <key>".`,
  );

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
