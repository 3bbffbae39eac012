/** What the product is assembled of: parts that everything stands on, and features that add to them. */
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { InferencePool, TrainingPool } from './compute';
import type { Config } from './config';
import type { AnyTask, Database, EventLog } from './db';
import type { NodeResolvers } from './graphql';
import type { Log } from './kernel';
import type { ArtifactStore, Scratch } from './storage';

/** What an App needs of the configuration; the database is there and migrated. */
export type AppConfig = Config & { databaseUrl: string };

/** The parts every feature stands on. */
export interface Platform {
  config: AppConfig;
  log: Log;
  database: Database;
  events: EventLog;
  artifacts: ArtifactStore;
  registry: Registry;
  inference: InferencePool;
}

/** What the jobs of a `work` process need beside the platform. */
export interface Workshop {
  pool: TrainingPool;
  scratch: Scratch;
}

/** What a feature adds to the product. Its services stand beside it, as others take them. */
export interface Feature {
  resolvers: object[];
  /** By kind: finds an object of the caller's tenant. */
  nodes?: NodeResolvers;
  /** Each is called with a scope of its own of the HTTP server. */
  routes?: ((scope: FastifyInstance) => void | Promise<void>)[];
  /** Durable jobs. */
  jobs?(workshop: Workshop): AnyTask[];
  /** Ends what the feature still does, before the database closes. */
  drain?(): Promise<void>;
}
