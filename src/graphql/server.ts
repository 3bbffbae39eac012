import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import helmet from '@fastify/helmet';
import createFastify, { type FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Registry } from 'prom-client';
import type { Authenticator } from '../access';
import type { Database } from '../db';
import type { Log } from '../kernel';
import type { OperationContext } from './operations/context';
import { allowOrigins } from './http/cross-origin';
import { DocumentCache } from './operations/document.cache';
import { drainOnClose } from './http/drain';
import { jsonBodies } from './http/json-body';
import { FanOut } from './live/fan-out';
import type { QuotaLimits } from './live/quota';
import { ApiMetrics } from './metrics';
import { graphiqlRoutes } from './pages/graphiql';
import { welcomeRoutes } from './pages/welcome';
import { formatError, operationPlugin } from './operations/operation.plugin';
import { OperationReader } from './operations/operation';
import { PersistedQueryStore } from './operations/persisted-query.store';
import { type AddressOf, addressRule, type Reach } from './http/public-address';
import { refuseDoubtfulParameters } from './http/query-string';
import { answerRefusals, earlyRefusals } from './refusals';
import { graphRoutes } from './routes/graph';
import { EventStreams } from './routes/event-stream';
import { healthRoutes } from './routes/health';
import { metricsRoute, type MetricsOptions } from './routes/metrics';
import { type Pace, refuseSlowBodies } from './http/slow-bodies';
import { SocketServer } from './socket/socket';
import { UnsentAnswers } from './live/unsent-answers';

export interface ServerOptions {
  schema: GraphQLSchema;
  services: { authenticator: Authenticator; database: Database; registry: Registry };
  /** What /metrics answers; null: nothing is served there. */
  metrics: MetricsOptions | null;
  config: {
    /** Named by the first page. */
    dataDir: string;
    bodyBytesMax: number;
    drainMs: number;
    corsOrigins?: readonly string[];
    sockets: QuotaLimits;
    subscriptions: QuotaLimits;
  } & Reach;
  /** How fast bodies have to come in. */
  pace?: Pace;
  log: Log;
  /** Routes of features. Each is called with a scope of its own, so that its body parsers touch nobody else's. */
  routes?: ((scope: FastifyInstance) => void | Promise<void>)[];
}

/** A document that nobody sends any more falls out of this cache; 900 s is what Apollo's clients expect at least. */
const PERSISTED_QUERY_SECONDS = 3_600;
/** An upload may take this long, at the pace that every body has to keep; the head of a request comes in one piece. */
const REQUEST_TIMEOUT_MS = 3_600_000;
const HEADERS_TIMEOUT_MS = 15_000;
const CONNECTIONS_CHECK_MS = 5_000;

/**
 * The API on one port: GraphQL over HTTP and WebSocket, GraphiQL, health, metrics and the features' routes.
 * `listen` starts it. `close` drains: it accepts nothing new, closes sockets with 1001, lets requests in flight
 * finish for `drainMs`, then cuts them.
 */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { schema, services, config, log } = options;
  const metrics = new ApiMetrics(services.registry);
  const documents = new DocumentCache(schema);
  const plugin = operationPlugin(schema, { metrics, database: services.database, documents });
  const apollo = createApollo(schema, plugin, log);
  await apollo.start();
  const fastify = createFastify({
    bodyLimit: config.bodyBytesMax,
    forceCloseConnections: 'idle',
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: CONNECTIONS_CHECK_MS },
    ...earlyRefusals(log),
    // While it closes, drain.ts refuses what is new, in the shape of all refusals.
    return503OnClosing: false,
  });
  fastify.removeContentTypeParser('text/plain');
  jsonBodies(fastify);
  refuseSlowBodies(fastify, () => metrics.abandoned.inc(), options.pace);
  await allowOrigins(fastify, config.corsOrigins ?? []);
  const addressOf = addressRule(config);
  const { authenticator, database } = services;
  const live = {
    ...{ schema, authenticator, database, metrics, log, reader: new OperationReader(schema, documents) },
    addressOf,
    fanOut: new FanOut(config.subscriptions, metrics),
    unsent: new UnsentAnswers(),
  };
  const sockets = new SocketServer(fastify.server, {
    ...{ ...live, limits: config.sockets, bodyBytesMax: config.bodyBytesMax },
  });
  const eventStreams = new EventStreams(live);
  const isDraining = drainOnClose(fastify, [sockets, eventStreams], config.drainMs);
  fastify.addHook('onClose', () => apollo.stop());
  answerRefusals(fastify, log);
  observe(fastify, metrics, log);
  fastify.addHook('onRequest', refuseDoubtfulParameters);
  graphRoutes(fastify, { apollo, authenticator, eventStreams, log, addressOf, unsent: live.unsent });
  await fastify.register((scope) => otherRoutes(scope, options, { addressOf, isDraining }));
  return fastify;
}

/** Apart from GraphQL, whose answers are JSON: headers that protect pages would only cost time there. */
async function otherRoutes(
  fastify: FastifyInstance,
  { services: { database }, config: { dataDir }, metrics, routes = [] }: ServerOptions,
  { addressOf, isDraining }: { addressOf: AddressOf; isDraining: () => boolean },
): Promise<void> {
  await fastify.register(helmet, { contentSecurityPolicy: { directives: PAGE_POLICY } });
  healthRoutes(fastify, { database, isDraining });
  if (metrics) metricsRoute(fastify, metrics);
  welcomeRoutes(fastify, addressOf, dataDir);
  await fastify.register(graphiqlRoutes);
  for (const route of routes) await fastify.register(async (scope) => route(scope));
}

function createApollo(
  schema: GraphQLSchema,
  plugin: ApolloServerPlugin<OperationContext>,
  log: Log,
): ApolloServer<OperationContext> {
  return new ApolloServer<OperationContext>({
    schema,
    // Cache control in particular would wrap every field of the schema.
    plugins: [
      plugin,
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: true,
    persistedQueries: { ttl: PERSISTED_QUERY_SECONDS, cache: new PersistedQueryStore() },
    // The plugin finds documents in a store that counts their bytes, and which sockets use too.
    documentStore: null,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    formatError,
    logger: log,
  });
}

/** What a page of this server may load: its own files; GraphiQL and the console set styles from scripts. */
const PAGE_POLICY = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  fontSrc: ["'self'", 'data:'],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'", 'ws:', 'wss:'],
  workerSrc: ["'self'", 'blob:'],
  upgradeInsecureRequests: null,
};

/** One log line and one measurement per request. */
function observe(fastify: FastifyInstance, metrics: ApiMetrics, log: Log): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const status = String(reply.statusCode);
    metrics.http.observe({ method: request.method, route, status }, reply.elapsedTime / 1_000);
    log.debug({ requestId: request.id, method: request.method, route, status, ms: reply.elapsedTime }, 'request');
    done();
  });
}
