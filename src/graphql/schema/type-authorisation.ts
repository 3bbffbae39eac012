import {
  defaultFieldResolver,
  getNamedType,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isIntrospectionType,
  isObjectType,
} from 'graphql';
import { authoriseType, PERMISSIONS, TYPE_PERMISSIONS } from '../../access';
import { type GraphContext, type Role, ROLES } from '../../kernel';

type Field = GraphQLField<unknown, GraphContext>;

/**
 * Puts the table of types in front of every field that shows an object to a role which may not read it, and of every
 * interface and union. Which those are is worked out here, once: roles flow from the root fields they may call to the
 * types they may read, and a field that refuses none of those that reach it is left as it is, as are all that `predict`
 * answers with.
 * @throws Error for an object type that the table does not know, and for a root field whose callers may not read its answer
 */
export function enforceTypePermissions(schema: GraphQLSchema): void {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
  const [roots, objects] = [rootsOf(schema), types.filter(isObjectType)];
  refuseUnlisted(objects.filter((type) => !roots.includes(type)));
  const reach = reachOf(schema, roots);
  const reaches = (type: GraphQLNamedType, roles: readonly Role[]) => isSubset(reach.get(type) ?? [], roles);
  for (const type of objects)
    for (const field of Object.values(roots.includes(type) ? {} : type.getFields())) {
      const roles = rolesOf(type, field);
      if (roles && !reaches(type, roles)) guardField(field, roles);
    }
  for (const type of types.filter(isAbstractType)) {
    const possible = schema.getPossibleTypes(type);
    if (!possible.every(({ name }) => reaches(type, TYPE_PERMISSIONS[name]))) guardAbstract(type);
  }
}

const rootsOf = (schema: GraphQLSchema): GraphQLObjectType[] =>
  [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter((type) => !!type);

function refuseUnlisted(objects: GraphQLObjectType[]): void {
  const unlisted = objects.filter(({ name }) => !Object.hasOwn(TYPE_PERMISSIONS, name)).map(({ name }) => name);
  if (unlisted.length === 0) return;
  throw new Error(`No roles for ${unlisted.join(', ')}: add them to src/access/type-permissions.ts`);
}

/** Who may see what a field shows; null where that is no object, or one of several types. */
function rolesOf(type: GraphQLObjectType, field: Field): readonly Role[] | null {
  const shown = getNamedType(field.type);
  return TYPE_PERMISSIONS[`${type.name}.${field.name}`] ?? (isObjectType(shown) ? TYPE_PERMISSIONS[shown.name] : null);
}

type Reach = Map<GraphQLNamedType, Set<Role>>;

/** The roles that can come to each type. */
function reachOf(schema: GraphQLSchema, roots: GraphQLObjectType[]): Reach {
  const reach: Reach = new Map();
  // Types to go on from; a set that is walked gives what is added meanwhile too.
  const changed = new Set<GraphQLNamedType>();
  const add = (type: GraphQLNamedType, roles: Iterable<Role>) => {
    const known = reach.get(type) ?? new Set<Role>();
    reach.set(type, known);
    const { size } = known;
    for (const role of roles) known.add(role);
    if (known.size > size) changed.add(type);
  };
  const allowed = (from: Iterable<Role>, roles: readonly Role[] | null) =>
    [...from].filter((role) => roles?.includes(role) ?? true);
  for (const root of roots) {
    for (const field of Object.values(root.getFields())) {
      refuseUnreadable(root, field);
      add(getNamedType(field.type), PERMISSIONS[field.name]);
    }
  }
  for (const type of changed) {
    changed.delete(type);
    const from = reach.get(type)!;
    if (isAbstractType(type))
      for (const one of schema.getPossibleTypes(type)) add(one, allowed(from, TYPE_PERMISSIONS[one.name]));
    else if (isObjectType(type))
      for (const field of Object.values(type.getFields()))
        add(getNamedType(field.type), allowed(from, rolesOf(type, field)));
  }
  return reach;
}

function refuseUnreadable(root: GraphQLObjectType, field: Field): void {
  if (isSubset(PERMISSIONS[field.name], rolesOf(root, field) ?? ROLES)) return;
  const { name } = getNamedType(field.type);
  throw new Error(`${root.name}.${field.name} may be called by roles that may not read ${name}`);
}

const isSubset = (some: Iterable<Role>, all: readonly Role[]): boolean => [...some].every((role) => all.includes(role));

/** Refused before the field is resolved: nothing is read for it. */
function guardField(field: Field, roles: readonly Role[]): void {
  const { resolve = defaultFieldResolver } = field;
  const { name } = getNamedType(field.type);
  field.resolve = (source, args, context, info) => {
    authoriseType(name, roles, context.caller?.role ?? null);
    return resolve(source, args, context, info);
  };
}

/** What an object is, is known when it has been found. */
function guardAbstract(type: GraphQLAbstractType): void {
  const resolve = type.resolveType!;
  type.resolveType = async (value, context: GraphContext, info, abstract) => {
    const name = await resolve(value, context, info, abstract);
    if (name) authoriseType(name, TYPE_PERMISSIONS[name], context.caller?.role ?? null);
    return name;
  };
}
