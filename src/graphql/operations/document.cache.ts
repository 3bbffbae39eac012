import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import { ByteCache } from './byte.cache';
import { LIMITS, readDocument, type RequestAccount } from '../limits';

/** The documents of a process, over HTTP and sockets, parsed and validated once. */
export class DocumentCache {
  private readonly documents: ByteCache<DocumentNode>;

  constructor(
    private readonly schema: GraphQLSchema,
    bytesMax: number = LIMITS.documentStoreBytes,
  ) {
    this.documents = new ByteCache(bytesMax);
  }

  /** What the kept documents take of the memory. */
  get bytes(): number {
    return this.documents.size;
  }

  /**
   * The document, or its faults; what reading it costs is counted on the account. `keep: false` for a caller without a key,
   * who could drive out what others use.
   */
  get(
    source: string,
    { keep = true, account }: { keep?: boolean; account?: RequestAccount } = {},
  ): DocumentNode | GraphQLError[] {
    const known = this.documents.get(source);
    if (known) return known;
    const read = readDocument(this.schema, source, account);
    if (Array.isArray(read)) return read;
    if (keep) this.documents.set(source, read.document, read.bytes);
    return read.document;
  }
}
