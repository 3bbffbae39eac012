import { ApolloArmor } from '@escape.tech/graphql-armor';
import {
  type DocumentNode,
  getNamedType,
  GraphQLError,
  type GraphQLSchema,
  isCompositeType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  print,
  type ValidationRule,
} from 'graphql';
import { type ComplexityEstimatorArgs, getComplexity } from 'graphql-query-complexity';
import { pageSizeOf, PraxisError } from '../kernel';
import { toGraphQLError } from './errors';

/** How much one operation may ask for. Data belongs in variables, which these do not count. */
export const LIMITS = {
  depth: 12,
  aliases: 30,
  directives: 30,
  tokens: 3_000,
  complexity: 20_000,
  /** Operations in one HTTP request. */
  batch: 10,
  /** Operations that one WebSocket has open at a time. */
  socketOperations: 100,
} as const;

/** Items expected of a list that takes no size; those are short by design (versions, metrics, edges). */
const LIST_ITEMS_EXPECTED = 10;

const tooComplex = (message: string): GraphQLError => toGraphQLError(new PraxisError('QUERY_TOO_COMPLEX', message));

const limit = (n: number) => ({
  enabled: true,
  n,
  propagateOnRejection: false,
  onReject: [
    (context: { reportError(error: GraphQLError): void } | null, error: GraphQLError) =>
      context?.reportError(tooComplex(error.message.replace(/^Syntax Error: /, ''))),
  ],
});

/** Depth, aliases and directives as validation rules, so that they run once per document and not per request. */
export const validationRules: ValidationRule[] = [
  ...(new ApolloArmor({
    maxDepth: { ...limit(LIMITS.depth), flattenFragments: true },
    maxAliases: limit(LIMITS.aliases),
    maxDirectives: limit(LIMITS.directives),
    blockFieldSuggestion: { enabled: false },
    costLimit: { enabled: false },
    maxTokens: { enabled: false },
  }).protect().validationRules as ValidationRule[]),
  literalsAreText,
];

/** Text that PostgreSQL cannot keep is refused at the door: NUL, and half of a surrogate pair. */
function literalsAreText(context: Parameters<ValidationRule>[0]): ReturnType<ValidationRule> {
  return {
    StringValue(node) {
      if (isStorableText(node.value)) return;
      context.reportError(new GraphQLError('Text may not hold NUL or half of a surrogate pair.', { nodes: node }));
    },
  };
}

/** @throws PraxisError VALIDATION_FAILED naming the first variable with text that cannot be stored */
export function refuseUnstorableText(value: unknown, path = 'variables'): void {
  if (typeof value === 'string') {
    if (isStorableText(value)) return;
    throw PraxisError.invalid([{ path, message: 'text may not hold NUL or half of a surrogate pair' }]);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (!isStorableText(key)) throw PraxisError.invalid([{ path, message: 'a name may not hold NUL' }]);
    if (typeof item === 'string' || typeof item === 'object') refuseUnstorableText(item, `${path}.${key}`);
  }
}

const isStorableText = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text);

// ---- complexity -------------------------------------------------------------------------------------------------

const known = new WeakMap<DocumentNode, Map<string, number>>();

/** @throws GraphQLError QUERY_TOO_COMPLEX */
export function refuseComplex(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown> | undefined,
): void {
  const name = operation.name?.value;
  const cached = known.get(document)?.get(name ?? '');
  if (cached !== undefined) return;
  const complexity = complexityOf(schema, document, name, variables);
  if (complexity > LIMITS.complexity) {
    const cost = Number.isFinite(complexity) ? Math.ceil(complexity) : 'more than can be counted';
    const advice = 'ask for fewer fields or smaller pages';
    throw tooComplex(`The operation costs ${cost}, at most ${LIMITS.complexity} is allowed: ${advice}.`);
  }
  if (isFixed(operation)) remember(document, name ?? '', complexity);
}

/** The cost depends on variables through page sizes, lists of ids, @skip and @include only: Int, [ID], Boolean. */
function isFixed(operation: OperationDefinitionNode): boolean {
  return (operation.variableDefinitions ?? []).every(({ type }) => {
    const text = print(type).replaceAll('!', '');
    return !['Int', 'Boolean', '[ID]'].includes(text);
  });
}

function remember(document: DocumentNode, name: string, complexity: number): void {
  const byName = known.get(document) ?? new Map<string, number>();
  known.set(document, byName.set(name, complexity));
}

function complexityOf(
  schema: GraphQLSchema,
  query: DocumentNode,
  operationName: string | undefined,
  variables: Record<string, unknown> | undefined,
): number {
  let fault: unknown = null;
  try {
    return getComplexity({ schema, query, operationName, variables, estimators: [estimate] });
  } catch (error) {
    fault = error;
  }
  // Past its 10,000 nodes the library stops counting. Other faults are those of the variables: execution names them.
  const endless = fault instanceof Error && fault.message.includes('maximum allowed number of nodes');
  return endless ? Infinity : 0;
}

/** One for the field; what is below it counts once per expected item. Introspection is bounded by its own rule. */
function estimate({ field, args, childComplexity }: ComplexityEstimatorArgs): number {
  if (field.name.startsWith('__')) return 1;
  if (field.args.some(({ name }) => name === 'first')) {
    return 1 + pageSizeOf(args) * (childComplexity / LIST_ITEMS_EXPECTED);
  }
  if (Array.isArray(args.ids)) return 1 + args.ids.length * (childComplexity / LIST_ITEMS_EXPECTED);
  const isList = isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
  const items = isList && isCompositeType(getNamedType(field.type)) ? LIST_ITEMS_EXPECTED : 1;
  return 1 + items * childComplexity;
}
