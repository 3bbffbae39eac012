import {
  defaultFieldResolver,
  getNamedType,
  type GraphQLField,
  type GraphQLSchema,
  isIntrospectionType,
  isLeafType,
  isObjectType,
} from 'graphql';
import type { GraphContext } from '../../kernel';

/** Of a number, a truth value or null: about what it takes with the name of its field. */
const SMALL = 8;

/**
 * Counts the values of every answer while it is made, so that none grows beyond what a request may be answered: the cost of
 * an operation knows how many fields it asks for, not how long their texts are. Wraps the fields once, as permissions do.
 */
export function countAnswers(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values(type.getFields())) if (isLeafType(getNamedType(field.type))) count(field);
  }
}

function count(field: GraphQLField<unknown, GraphContext>): void {
  const { resolve = defaultFieldResolver } = field;
  field.resolve = (source, args, context, info) => {
    const value: unknown = resolve(source, args, context, info);
    if (!(value instanceof Promise)) return counted(value, context);
    return value.then((settled) => counted(settled, context));
  };
}

function counted(value: unknown, context: GraphContext): unknown {
  context.addAnswer(sizeOf(value));
  return value;
}

/** In characters; of a list or free JSON all that is in it. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return SMALL + value.length;
  if (typeof value !== 'object' || value === null || value instanceof Date) return SMALL;
  // Names of a typed array are made as texts, one for each number.
  if (value instanceof Float32Array || value instanceof Float64Array) return SMALL * (1 + value.length);
  let size = SMALL;
  if (Array.isArray(value)) for (const item of value) size += sizeOf(item);
  else for (const name in value) size += name.length + sizeOf((value as Record<string, unknown>)[name]);
  return size;
}
