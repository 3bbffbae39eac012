import { GraphQLDirective, GraphQLSchema } from 'graphql';

/** Those of the specification of October 2021, which clients of every age know. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['QUERY', 'MUTATION', 'SUBSCRIPTION', 'FIELD', 'FRAGMENT_DEFINITION', 'FRAGMENT_SPREAD', 'INLINE_FRAGMENT'],
  ...['VARIABLE_DEFINITION', 'SCHEMA', 'SCALAR', 'OBJECT', 'FIELD_DEFINITION', 'ARGUMENT_DEFINITION', 'INTERFACE'],
  ...['UNION', 'ENUM', 'ENUM_VALUE', 'INPUT_OBJECT', 'INPUT_FIELD_DEFINITION'],
]);

/**
 * The schema without the places that later drafts gave to the standard directives: nothing here uses them, and clients that
 * do not know a place refuse the whole introspection (graphql-core before 3.2.11, which Python's `gql` pins).
 */
export function withOldLocations(schema: GraphQLSchema): GraphQLSchema {
  const directives = schema.getDirectives().map((directive) => {
    const config = directive.toConfig();
    return new GraphQLDirective({ ...config, locations: config.locations.filter((place) => KNOWN.has(place)) });
  });
  return new GraphQLSchema({ ...schema.toConfig(), directives });
}
