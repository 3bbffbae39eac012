// The db room owns the tables: embedded PostgreSQL, migrations, tenancy, events and the durable queue.
// It is the only user of pg and graphile-worker. Every statement of a feature runs inside `inTenant` or `inSystem`.
export { Database, type DatabaseOptions, type SystemReason } from './database';
export { SystemTx, TenantTx, type PlatformAct, type Transaction } from './transaction';
export { EventFeed, EventLog, inBatches, oneByOne } from './events';
export type { EventStream, IsLast, Showing, StoredEvent } from './events';
export { AnotherTurn, ATTEMPTS_DEFAULT, countWorkProcesses, jobFacts, JobRunner, registerJobMetrics } from './jobs';
export type {
  Continuation,
  EnqueueOptions,
  JobRun,
  AnyTask,
  JobRunnerOptions,
  Lane,
  ScheduledTask,
  Task,
  TaskRef,
} from './jobs';
export { isPassing } from './failures';
export { registerDatabaseMetrics } from './database.metrics';
export * from './copy';
export { dumpSchema } from './dump';
export { EntityLoader, RowsLoader } from './entities/entity.loader';
export { lookAgain } from './entities/look-again';
export { unknownMigrations } from './login/fitness';
export type { Patience } from './login/login';
export { awaitMigrated, migrate } from './migrate';
export * from './list';
export { TenantNode } from './entities/tenant-node';
export { outsideSnapshot } from './snapshot';
export { postgresReaches, startPostgres, type EmbeddedPostgres, type LaunchOptions } from './postgres';
export { SessionLocks, type SessionLock } from './session-locks';
export { whileAway } from './while-away';
export { contentHash, toJsonText } from './entities/stored-text';
