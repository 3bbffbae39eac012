import {
  execute,
  getOperationAST,
  OperationTypeNode,
  type ExecutionArgs,
  type ExecutionResult,
  type OperationDefinitionNode,
} from 'graphql';
import type { Database } from '../../db';
import type { GraphContext } from '../../kernel';

/**
 * A query is one reading: were each of its fields a transaction of its own, a state could be told as of after a commit
 * and what belongs to it as of before. Mutations write as they go. Gives what ends the reading, or undefined.
 */
export function openSnapshot(
  database: Database,
  operation: OperationDefinitionNode | null | undefined,
  { caller }: GraphContext,
): (() => Promise<void>) | undefined {
  if (operation?.operation !== OperationTypeNode.QUERY || !caller || caller.role === 'OPERATOR') return undefined;
  return database.openSnapshot(caller);
}

/** Executes a valid document as the server does. */
export async function executeOperation(database: Database, args: ExecutionArgs): Promise<ExecutionResult> {
  const operation = getOperationAST(args.document, args.operationName);
  const close = openSnapshot(database, operation, args.contextValue as GraphContext);
  try {
    return await execute(args);
  } finally {
    await close?.();
  }
}
