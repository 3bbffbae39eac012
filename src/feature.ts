/** What the product is assembled of: parts that everything stands on, and features that add to them. */
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Registry } from 'prom-client';
import type { NonEmptyArray } from 'type-graphql';
import type { InferencePool, TrainingPool } from './compute';
import type { Config } from './config';
import type { AnyTask, Database, EventLog } from './db';
import { containerOf, createSchema, LookUpResolver, NodeResolver, type NodeResolvers } from './graphql';
import type { Log } from './kernel';
import type { LineageKinds } from './lineage';
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
  /** What lineage is told of the kinds of its objects. */
  lineage?: LineageKinds;
  /** Each is called with a scope of its own of the HTTP server. */
  routes?: ((scope: FastifyInstance) => void | Promise<void>)[];
  /** Durable jobs. */
  jobs?(workshop: Workshop): AnyTask[];
  /** Ends what the feature still does, before the database closes. */
  drain?(): Promise<void>;
}

/** The schema of these features, with live resolvers. */
export function schemaOf(features: Feature[]): GraphQLSchema {
  const nodes: NodeResolvers = Object.assign({}, ...features.map(({ nodes }) => nodes));
  const lookUps = [new NodeResolver(nodes), new LookUpResolver(nodes)];
  const instances = [...lookUps, ...features.flatMap(({ resolvers }) => resolvers)];
  const classes = instances.map(({ constructor }) => constructor) as unknown as NonEmptyArray<Function>;
  return createSchema(classes, containerOf(instances));
}
