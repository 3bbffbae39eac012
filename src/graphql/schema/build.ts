import { createPubSub } from '@graphql-yoga/subscription';
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { buildSchemaSync, type ContainerType, type NonEmptyArray } from 'type-graphql';
import { RESOLVERS } from '../../kernel';
import { countAnswers } from './answer-size';
import { enforcePermissions } from './authorisation';
import { withOldLocations } from './directive-locations';
import { enforceTypePermissions } from './type-authorisation';
import { validateArgument } from './validation';

/**
 * Builds the schema of these resolver classes; `container` holds their instances.
 * @throws Error when a root field or an object type has no roles in the permission tables
 */
export function createSchema(resolvers: NonEmptyArray<Function>, container: ContainerType): GraphQLSchema {
  const built = buildSchemaSync({
    resolvers,
    container,
    validateFn: validateArgument,
    // Events come from the event log; type-graphql wants a pubSub all the same before it builds a subscription.
    pubSub: createPubSub(),
    // The test of the golden schema checks it; an introspection of everything would be a large part of a start.
    skipCheck: true,
  });
  const schema = withOldLocations(built);
  countAnswers(schema);
  enforcePermissions(schema);
  enforceTypePermissions(schema);
  schema.extensions = { ...schema.extensions, [RESOLVERS]: container };
  return schema;
}

/** The schema as schema/schema.graphql keeps it: sorted, so that a diff shows what changed and nothing else. */
export function printSchemaSorted(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

/** A container over instances made by hand: the class names itself. */
export function containerOf(instances: object[]): ContainerType {
  const byClass = new Map(instances.map((instance) => [instance.constructor, instance]));
  return {
    get(target: Function) {
      const instance = byClass.get(target);
      if (!instance) throw new Error(`No instance of ${target.name} was given to the schema.`);
      return instance;
    },
  };
}
