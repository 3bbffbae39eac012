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
import { PraxisError } from '../../kernel';
import { toGraphQLError } from '../errors';
import { countFieldPairs } from './field-pairs';
import { RequestAccount } from './request-account';
import { limitRules, literalRules } from './rules';
import { LIMITS } from './table';

export interface ReadDocument {
  document: DocumentNode;
  /** What the tree takes of the memory, about; the text comes on top. */
  bytes: number;
}

/** Of a token with its share of the nodes, and of a comment, which is a token alone; measured, rounded up. */
const TOKEN_BYTES = 380;
const COMMENT_BYTES = 100;

/**
 * Parses and validates a document of bounded size. What is counted is counted before what recurses or compares, so that the
 * work is bounded by the text. Gives the faults of one that is not valid, as many as the account has left, one at least, and
 * a last one that says that there are more.
 */
export function readDocument(
  schema: GraphQLSchema,
  source: string,
  account: RequestAccount = new RequestAccount(),
): ReadDocument | GraphQLError[] {
  try {
    if (source.length > LIMITS.documentCharacters) {
      throw tooComplex(`has more than ${LIMITS.documentCharacters} characters; send data as variables`);
    }
    const bytes = measure(source, account);
    const document = parse(source);
    const errors = faultsOf(schema, document, account);
    account.addFaults(errors.length);
    if (errors.length > 0) return errors;
    return { document, bytes };
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    if (error instanceof PraxisError) return [toGraphQLError(error)];
    throw error;
  }
}

function faultsOf(schema: GraphQLSchema, document: DocumentNode, account: RequestAccount): GraphQLError[] {
  const maxErrors = account.faultsMax;
  const errors = validate(schema, document, limitRules, { maxErrors });
  if (errors.length > 0) return [...errors];
  account.addFieldPairs(countFieldPairs(document, account.fieldPairsLeft));
  return [...validate(schema, document, [...literalRules, ...specifiedRules], { maxErrors })];
}

const OPENING = new Set<TokenKind>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING = new Set<TokenKind>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** The bytes of all tokens, comments too: the tree keeps them. Throws QUERY_TOO_COMPLEX, or the fault of a text that is no document. */
function measure(source: string, account: RequestAccount): number {
  const lexer = new Lexer(new Source(source));
  let [tokens, comments, definitions, depth] = [0, 0, 0, 0];
  for (let last: Token = lexer.token; last.kind !== TokenKind.EOF;) {
    const token = lexer.advance();
    if (++tokens > LIMITS.tokens) throw tooComplex(`has more than ${LIMITS.tokens} tokens; send data as variables`);
    if (token.line > LIMITS.documentLines) throw tooComplex(`has more than ${LIMITS.documentLines} lines`);
    if (token.kind === TokenKind.NAME && token.end - token.start > LIMITS.nameCharacters) {
      throw tooComplex(`has a name of more than ${LIMITS.nameCharacters} characters`);
    }
    if (depth === 0 && token.kind === TokenKind.BRACE_L && ++definitions > LIMITS.definitions) {
      throw tooComplex(`has more than ${LIMITS.definitions} operations and fragments`);
    }
    if (OPENING.has(token.kind) && ++depth > LIMITS.brackets) {
      throw tooComplex(`nests brackets more than ${LIMITS.brackets} deep; send data as variables`);
    }
    if (CLOSING.has(token.kind)) depth--;
    for (let comment = token.prev; comment && comment !== last; comment = comment.prev) comments++;
    last = token;
  }
  account.addTokens(tokens);
  return tokens * TOKEN_BYTES + comments * COMMENT_BYTES;
}

const tooComplex = (what: string): PraxisError => new PraxisError('QUERY_TOO_COMPLEX', `The document ${what}.`);
