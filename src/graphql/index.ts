// GraphQL owns the schema and the server: HTTP, sockets, limits, errors, metrics, and who may call which root field.
// Features give resolvers, node resolvers and routes; nothing here knows what they do.
export { listenOn } from './http/address';
export { OperationContext } from './operations/context';
export { findUndescribed } from './schema/descriptions';
export { HTTP_STATUS, toPraxisError } from './errors';
export { LIMITS } from './limits';
export { LookUpResolver } from './schema/look-up.resolver';
export { NodeResolver, type NodeResolvers } from './schema/node.resolver';
export { containerOf, createSchema, printSchemaSorted } from './schema/build';
export { executeOperation } from './operations/snapshot';
export { createServer, type ServerOptions } from './server';
export { serveMetrics, type MetricsOptions } from './routes/metrics';
