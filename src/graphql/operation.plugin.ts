import type { ApolloServerPlugin, GraphQLRequestContext, GraphQLRequestListener } from '@apollo/server';
import type { GraphQLError, GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { Database } from '../db';
import { PraxisError } from '../kernel';
import type { OperationContext } from './context';
import { extensionsOf, logError, toGraphQLError, toPraxisError } from './errors';
import { refuseComplex, refuseUnstorableText } from './limits';
import type { ApiMetrics } from './metrics';
import { openSnapshot } from './snapshot';

/** Errors as formatted for the client -> what they were, so that the hook which knows the request can log them. */
const origins = new WeakMap<object, PraxisError>();

/** Apollo's `formatError`: translates to the closed list. The request id is added by the plugin or the handler. */
export function formatError(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const error = toPraxisError(thrown);
  const { locations, path } = formatted;
  const presented = { message: error.message, locations, path, extensions: extensionsOf(error) };
  origins.set(presented, error);
  return presented;
}

/** What every HTTP operation goes through: limits before it runs, one snapshot for what it reads, request ids on its errors, a count at its end. */
export function operationPlugin(
  schema: GraphQLSchema,
  { metrics, database }: { metrics: ApiMetrics; database: Database },
): ApolloServerPlugin<OperationContext> {
  const listener: GraphQLRequestListener<OperationContext> = {
    async didResolveOperation({ document, operation, request, contextValue }) {
      if (!operation) return;
      const refusal = refusalOf(() => {
        if (!contextValue.isEscapeFree) refuseUnstorableText(request.variables);
        refuseComplex(schema, document, operation, request.variables);
      });
      if (refusal) throw refusal;
    },
    async executionDidStart({ operation, contextValue }) {
      const close = openSnapshot(database, operation, contextValue);
      return close && { executionDidEnd: close };
    },
    async willSendResponse(request) {
      const { body } = request.response;
      const errors = body.kind === 'single' ? body.singleResult.errors : undefined;
      for (const error of errors ?? []) attribute(error, request.contextValue);
      metrics.countOperation(request.operation, outcomeOf(errors));
    },
  };
  return {
    async requestDidStart({ contextValue }: GraphQLRequestContext<OperationContext>) {
      contextValue.separate();
      return listener;
    },
  };
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
