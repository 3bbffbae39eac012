import {
  type DocumentNode,
  getNamedType,
  type GraphQLSchema,
  isCompositeType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  print,
} from 'graphql';
import { type ComplexityEstimatorArgs, fieldExtensionsEstimator, getComplexity } from 'graphql-query-complexity';
import { pageSizeOf } from '../../kernel';

/** Items expected of a list that takes no size; those are short by design (versions, metrics, edges). */
const LIST_ITEMS_EXPECTED = 10;

const known = new WeakMap<OperationDefinitionNode, number>();

/** The cost of an operation whose variables have been checked: about the number of fields that it resolves. */
export function complexityOf(
  schema: GraphQLSchema,
  query: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown> | undefined,
): number {
  const cached = known.get(operation);
  if (cached !== undefined) return cached;
  const complexity = count(schema, query, operation, variables);
  if (isFixed(operation)) known.set(operation, complexity);
  return complexity;
}

/** The cost depends on variables through page sizes, lists of ids, @skip and @include only: Int, [ID], Boolean. */
function isFixed(operation: OperationDefinitionNode): boolean {
  return (operation.variableDefinitions ?? []).every(({ type }) => {
    const text = print(type).replaceAll('!', '');
    return !['Int', 'Boolean', '[ID]'].includes(text);
  });
}

function count(
  schema: GraphQLSchema,
  query: DocumentNode,
  { name }: OperationDefinitionNode,
  variables: Record<string, unknown> | undefined,
): number {
  let fault: unknown = null;
  try {
    return getComplexity({
      schema,
      query,
      operationName: name?.value,
      variables,
      estimators: [fieldExtensionsEstimator(), estimate],
    });
  } catch (error) {
    fault = error;
  }
  // Past its 10,000 nodes the library stops counting. Other faults are those of the variables: execution names them.
  const endless = fault instanceof Error && fault.message.includes('maximum allowed number of nodes');
  return endless ? Infinity : 0;
}

/**
 * The schema is at hand, so a field of it takes less than one of the database. What tools ask for, the whole schema with
 * every type nine levels deep, costs 13,000: once in a request.
 */
const INTROSPECTION_SHARE = 1 / 4;

/** One for the field; what is below it counts once per expected item. */
function estimate({ field, args, childComplexity }: ComplexityEstimatorArgs): number {
  if (field.name.startsWith('__')) return 1 + INTROSPECTION_SHARE * childComplexity;
  if (field.args.some(({ name }) => name === 'first')) {
    return 1 + pageSizeOf(args) * (childComplexity / LIST_ITEMS_EXPECTED);
  }
  if (Array.isArray(args.ids)) return 1 + args.ids.length * (childComplexity / LIST_ITEMS_EXPECTED);
  const isList = isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
  const items = isList && isCompositeType(getNamedType(field.type)) ? LIST_ITEMS_EXPECTED : 1;
  return 1 + items * childComplexity;
}
