import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Lexer,
  parse,
  Source,
  specifiedRules,
  type Token,
  TokenKind,
  validate,
} from 'graphql';
import { PraxisError, REFUSAL_LIMITS } from '../../kernel';
import { toGraphQLError } from '../errors';
import { limitRules, literalRules } from './rules';
import { LIMITS } from './table';

export interface ReadDocument {
  document: DocumentNode;
  /** What text and tree take of the memory, about. */
  bytes: number;
}

/** Of a token with its share of the nodes, measured; and of a character, of which texts in UTF-16 take two bytes. */
const TOKEN_BYTES = 500;
const CHARACTER_BYTES = 2;

/**
 * Parses and validates a document of bounded size. What is counted is counted before what recurses or compares, so that the
 * work is bounded by the text. Gives the faults of one that is not valid, at most `REFUSAL_LIMITS.issuesListed` and a last
 * one that says that there are more.
 */
export function readDocument(schema: GraphQLSchema, source: string): ReadDocument | GraphQLError[] {
  try {
    if (source.length > LIMITS.documentCharacters) {
      throw tooComplex(`has more than ${LIMITS.documentCharacters} characters; send data as variables`);
    }
    const tokens = countTokens(source);
    const document = parse(source);
    const errors = faultsOf(schema, document);
    if (errors.length > 0) return errors;
    return { document, bytes: tokens * TOKEN_BYTES + source.length * CHARACTER_BYTES };
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    if (error instanceof PraxisError) return [toGraphQLError(error)];
    throw error;
  }
}

function faultsOf(schema: GraphQLSchema, document: DocumentNode): GraphQLError[] {
  const options = { maxErrors: REFUSAL_LIMITS.issuesListed };
  for (const rules of [limitRules, [...literalRules, ...specifiedRules]]) {
    const errors = validate(schema, document, rules, options);
    if (errors.length > 0) return [...errors];
  }
  return [];
}

const OPENING = new Set<TokenKind>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING = new Set<TokenKind>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** All tokens, comments too: the tree keeps them. Throws QUERY_TOO_COMPLEX, or the fault of a text that has none. */
function countTokens(source: string): number {
  const lexer = new Lexer(new Source(source));
  let [tokens, depth] = [0, 0];
  for (let last: Token = lexer.token; last.kind !== TokenKind.EOF;) {
    const token = lexer.advance();
    if (++tokens > LIMITS.tokens) throw tooComplex(`has more than ${LIMITS.tokens} tokens; send data as variables`);
    if (token.line > LIMITS.documentLines) throw tooComplex(`has more than ${LIMITS.documentLines} lines`);
    if (token.kind === TokenKind.NAME && token.end - token.start > LIMITS.nameCharacters) {
      throw tooComplex(`has a name of more than ${LIMITS.nameCharacters} characters`);
    }
    if (OPENING.has(token.kind) && ++depth > LIMITS.brackets) {
      throw tooComplex(`nests brackets more than ${LIMITS.brackets} deep; send data as variables`);
    }
    if (CLOSING.has(token.kind)) depth--;
    for (let comment = token.prev; comment && comment !== last; comment = comment.prev) tokens++;
    last = token;
  }
  return tokens;
}

const tooComplex = (what: string): PraxisError => new PraxisError('QUERY_TOO_COMPLEX', `The document ${what}.`);
