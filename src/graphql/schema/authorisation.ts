import { defaultFieldResolver, type GraphQLField, type GraphQLSchema } from 'graphql';
import { authorise, PERMISSIONS } from '../../access';
import type { GraphContext } from '../../kernel';

/**
 * Puts the permission table in front of every root field: queries, mutations and subscriptions. Wraps the fields
 * once, when the schema is built; a middleware would cost a promise on every field of every row instead.
 * @throws Error for a root field that the table does not know
 */
export function enforcePermissions(schema: GraphQLSchema): void {
  const unknown: string[] = [];
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      if (!Object.hasOwn(PERMISSIONS, field.name)) unknown.push(`${type?.name}.${field.name}`);
      guard(field);
    }
  }
  if (unknown.length > 0) {
    throw new Error(`No roles for ${unknown.join(', ')}: add them to src/access/permissions.ts`);
  }
}

function guard(field: GraphQLField<unknown, GraphContext>): void {
  const { resolve = defaultFieldResolver, subscribe, name } = field;
  const check = (context: GraphContext) => authorise(name, context.caller?.role ?? null);
  if (subscribe) {
    field.subscribe = (root, args, context, info) => {
      check(context);
      return subscribe(root, args, context, info);
    };
  } else {
    field.resolve = (root, args, context, info) => {
      check(context);
      return resolve(root, args, context, info);
    };
  }
}
