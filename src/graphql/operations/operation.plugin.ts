import type { ApolloServerPlugin, GraphQLRequestContext, GraphQLRequestListener } from '@apollo/server';
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema, OperationTypeNode, parse } from 'graphql';
import type { Database } from '../../db';
import { PraxisError } from '../../kernel';
import type { OperationContext } from './context';
import type { DocumentCache } from './document.cache';
import { fitErrors, format, logError, toGraphQLError, toPraxisError } from '../errors';
import { isOpen, refuseOperation } from '../limits';
import type { ApiMetrics } from '../metrics';
import { openSnapshot } from './snapshot';

/** Errors as formatted for the client -> what they were, so that the hook which knows the request can log them. */
const origins = new WeakMap<object, PraxisError>();

/** Apollo's `formatError`: translates to the closed list. The request id is added by the plugin or the handler. */
export function formatError(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const error = toPraxisError(thrown);
  const presented = format(error, formatted);
  origins.set(presented, error);
  return presented;
}

type Request = GraphQLRequestContext<OperationContext>;

/** What Apollo goes on with where the document has faults, up to the hook that may refuse. */
const STAND_IN = parse('{ __typename }');

/**
 * What every HTTP operation goes through: our store of documents in place of Apollo's, limits before it runs, one snapshot
 * for what it reads, request ids on its errors, a count at its end.
 */
export function operationPlugin(
  schema: GraphQLSchema,
  o: { metrics: ApiMetrics; database: Database; documents: DocumentCache },
): ApolloServerPlugin<OperationContext> {
  const faults = new WeakMap<Request, readonly GraphQLError[]>();
  const refuse = (request: Request): void => {
    const { document, operation, contextValue } = request;
    if (!document || !operation) {
      throw PraxisError.invalid([request.request.operationName ? OPERATION_UNKNOWN : OPERATION_UNNAMED]);
    }
    if (!contextValue.caller && !isOpen(document, operation)) throw new PraxisError('UNAUTHENTICATED', KEY_NEEDED);
    if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw PraxisError.invalid([OVER_SOCKETS]);
    const { isEscapeFree, account } = contextValue;
    refuseOperation({ schema, document, operation, variables: request.request.variables, isEscapeFree, account });
  };
  const listener: GraphQLRequestListener<OperationContext> = {
    async didResolveSource(request) {
      const document = readSource(o.documents, request);
      if (Array.isArray(document)) faults.set(request, document);
      // With a document at hand Apollo neither parses nor validates.
      Object.assign(request, { document: Array.isArray(document) ? STAND_IN : document });
    },
    async didResolveOperation(request) {
      // As with documents: without a key nothing is kept, which could drive out what others use.
      if (!request.contextValue.caller) request.metrics.persistedQueryRegister = false;
      const [fault] = faults.get(request) ?? [refusalOf(() => refuse(request))];
      if (!fault) return;
      const error = toPraxisError(fault);
      request.contextValue.account.isOperationRefused = error.code !== 'UNAUTHENTICATED';
      throw toGraphQLError(error);
    },
    async executionDidStart({ operation, contextValue }) {
      const close = openSnapshot(o.database, operation, contextValue);
      return close && { executionDidEnd: close };
    },
    async willSendResponse(request) {
      const { body } = request.response;
      if (body.kind !== 'single') return;
      const result = body.singleResult;
      const found = faults.get(request);
      if (found) result.errors = found.map((fault) => formatError(fault.toJSON(), fault));
      for (const error of result.errors ?? []) attribute(error, request.contextValue);
      const elapsedMs = performance.now() - request.contextValue.startedMs;
      o.metrics.countOperation(found ? undefined : request.operation, outcomeOf(result.errors), elapsedMs);
      if (result.errors) result.errors = fitErrors(result.errors, request.contextValue.account);
    },
  };
  return {
    async requestDidStart({ contextValue }) {
      contextValue.separate();
      return listener;
    },
  };
}

const OPERATION_UNNAMED = {
  path: 'operationName',
  message: 'is missing: the document holds several operations',
  hint: 'name the one that is meant',
};

const OPERATION_UNKNOWN = {
  path: 'operationName',
  message: 'is the name of no operation of the document',
  hint: 'name one of its operations, or send a document that holds a single one',
};

const OVER_SOCKETS = {
  path: 'query',
  message: 'is a subscription, which a single answer cannot serve',
  hint: 'open a WebSocket at the same address, with the protocol graphql-transport-ws, or accept "text/event-stream"',
};

const KEY_NEEDED = 'Send a valid api key as "Authorization: Bearer <key>".';

function readSource(documents: DocumentCache, { source = '', contextValue }: Request) {
  const { account, caller } = contextValue;
  const refusal = refusalOf(() => account.addDocument(source));
  if (refusal) return [refusal];
  return documents.get(source, { keep: caller !== null, account });
}

function refusalOf(check: () => void): GraphQLError | null {
  try {
    check();
    return null;
  } catch (error) {
    return error instanceof PraxisError ? toGraphQLError(error) : (error as GraphQLError);
  }
}

function attribute(error: GraphQLFormattedError, context: OperationContext): void {
  (error.extensions as Record<string, unknown>).requestId = context.requestId;
  const origin = origins.get(error);
  if (origin) logError(origin, context.log);
}

const outcomeOf = (errors: readonly GraphQLFormattedError[] | undefined): string =>
  errors?.length ? String(errors[0].extensions?.code) : 'ok';
