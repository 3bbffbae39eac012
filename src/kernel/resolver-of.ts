import type { GraphQLResolveInfo } from 'graphql';

/** Key under which a schema keeps the instances of its resolvers, among its extensions. */
export const RESOLVERS = 'resolvers';

interface Instances {
  get(type: Function): unknown;
}

/**
 * The instance of a resolver class that serves this schema. For `subscribe` functions, which type-graphql calls without
 * an instance.
 */
export function resolverOf<T extends object>(info: GraphQLResolveInfo, type: new (...args: never[]) => T): T {
  return (info.schema.extensions[RESOLVERS] as Instances).get(type) as T;
}
