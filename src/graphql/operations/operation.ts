import {
  type ExecutionArgs,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { PraxisError } from '../../kernel';
import type { OperationContext } from './context';
import type { DocumentCache } from './document.cache';
import { toGraphQLError, toPraxisError } from '../errors';
import { isOpen, LIMITS, refuseOperation } from '../limits';

/** An operation as it comes over a socket or an event stream. */
export interface GivenOperation {
  query: string;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
  /** Of the message or body that it came in. */
  characters: number;
}

export interface ReadOperation {
  args: ExecutionArgs;
  operation: OperationDefinitionNode;
}

/** What operations that do not come over plain HTTP go through before they run: parsing, validation, limits. */
export class OperationReader {
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly documents: DocumentCache,
  ) {}

  /** Ready to be executed in the context, or what is wrong with it. */
  read(request: GivenOperation, contextValue: OperationContext): ReadOperation | readonly GraphQLError[] {
    try {
      const { schema } = this;
      const { account, caller, isEscapeFree } = contextValue;
      account.addDocument(request.query);
      const document = this.documents.get(request.query, { keep: caller !== null, account });
      if (Array.isArray(document)) return document;
      const { operationName, variables } = request;
      const operation = getOperationAST(document, operationName);
      if (!operation) return [new GraphQLError('Unknown operation: name one of the document.')];
      if (!caller && !isOpen(document, operation)) {
        throw new PraxisError('UNAUTHENTICATED', 'Send a valid api key as "Authorization: Bearer <key>".');
      }
      if (operation.operation === OperationTypeNode.SUBSCRIPTION) refuseLongSubscription(request);
      refuseOperation({ schema, document, operation, variables, isEscapeFree, account });
      return { args: { schema, document, operationName, variableValues: variables, contextValue }, operation };
    } catch (error) {
      return [error instanceof GraphQLError ? error : toGraphQLError(toPraxisError(error))];
    }
  }
}

function refuseLongSubscription({ characters }: GivenOperation): void {
  if (characters <= LIMITS.subscriptionCharacters) return;
  const message = `A subscription comes in at most ${LIMITS.subscriptionCharacters} characters, got ${characters}: they are kept for as long as it is open.`;
  throw new PraxisError('PAYLOAD_TOO_LARGE', message);
}
