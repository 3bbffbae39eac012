// The TypeScript client of the GraphQL API: typed operations over HTTP, subscriptions that resume, uploads as streams.
// Runs in Node 20 and newer and in browsers; imports nothing of the server but types generated from its schema.
export { PraxisClient, type PraxisClientOptions } from './client';
export {
  Datasets,
  type DatasetEvent,
  type DatasetVersion,
  type ReadyOptions,
  type Reingestion,
  type UploadOptions,
} from './datasets';
export { PraxisClientError, type ClientIssue } from './error';
export * from './generated';
export type { Operation } from './http';
export type { SubscribeOptions } from './socket';
export type { UploadSource } from './upload';
