import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, specifiedRules, validate } from 'graphql';
import { LIMITS, validationRules } from './limits';

const DOCUMENTS_MAX = 500;
/** A document longer than this is parsed each time, so that the cache stays small. */
const CACHED_CHARACTERS_MAX = 20_000;

/** Documents that came over sockets, parsed and validated once. (Apollo keeps its own for HTTP.) */
export class DocumentCache {
  private readonly documents = new Map<string, DocumentNode>();

  constructor(private readonly schema: GraphQLSchema) {}

  get(source: string): DocumentNode | GraphQLError[] {
    const known = this.documents.get(source);
    if (known) return known;
    const document = read(source);
    if (Array.isArray(document)) return document;
    const errors = validate(this.schema, document, [...specifiedRules, ...validationRules], { maxErrors: 20 });
    if (errors.length > 0) return [...errors];
    if (source.length <= CACHED_CHARACTERS_MAX) this.keep(source, document);
    return document;
  }

  private keep(source: string, document: DocumentNode): void {
    if (this.documents.size >= DOCUMENTS_MAX) this.documents.delete(this.documents.keys().next().value as string);
    this.documents.set(source, document);
  }
}

function read(source: string): DocumentNode | GraphQLError[] {
  try {
    return parse(source, { maxTokens: LIMITS.tokens });
  } catch (error) {
    return [error as GraphQLError];
  }
}
