import { ApolloArmor } from '@escape.tech/graphql-armor';
import { getNamedType, GraphQLError, isEnumType, isLeafType, type ValidationRule } from 'graphql';
import { PraxisError } from '../../kernel';
import { toGraphQLError } from '../errors';
import { LIMITS } from './table';

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

/** Depth, aliases and directives: cheap to count, and what makes the other rules dear. */
export const limitRules = new ApolloArmor({
  maxDepth: { ...limit(LIMITS.depth), flattenFragments: true },
  maxAliases: limit(LIMITS.aliases),
  maxDirectives: limit(LIMITS.directives),
  blockFieldSuggestion: { enabled: false },
  costLimit: { enabled: false },
  maxTokens: { enabled: false },
}).protect().validationRules as ValidationRule[];

/** What a body in JSON cannot hold, a literal in a document may not hold either. */
export const literalRules: ValidationRule[] = [literalsAreText, literalsAreJson];

/** Text that PostgreSQL cannot keep is refused at the door: NUL, and half of a surrogate pair. */
function literalsAreText(context: Parameters<ValidationRule>[0]): ReturnType<ValidationRule> {
  return {
    StringValue(node) {
      if (isStorableText(node.value)) return;
      context.reportError(new GraphQLError('Text may not hold NUL or half of a surrogate pair.', { nodes: node }));
    },
  };
}

export const isStorableText = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text);

/** Free JSON takes bare names as nothing, and numbers of any size as Infinity. */
function literalsAreJson(context: Parameters<ValidationRule>[0]): ReturnType<ValidationRule> {
  const report = (nodes: never, message: string) => context.reportError(new GraphQLError(message, { nodes }));
  return {
    EnumValue(node) {
      const type = getNamedType(context.getInputType());
      if (isEnumType(type) || isLeafType(type)) return;
      report(node as never, `${node.value} is not a JSON value; send null where a value is unknown.`);
    },
    FloatValue(node) {
      if (!Number.isFinite(Number(node.value))) report(node as never, 'The number is too large.');
    },
    IntValue(node) {
      if (!Number.isFinite(Number(node.value))) report(node as never, 'The number is too large.');
    },
  };
}
