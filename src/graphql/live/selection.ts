import {
  type DocumentNode,
  execute,
  type ExecutionArgs,
  type FieldNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { newId, type TenantContext } from '../../kernel';
import { OperationContext } from '../operations/context';
import { present } from '../errors';

const documents = new WeakMap<DocumentNode, { id: string; positions: Map<string, string | null> }>();

/**
 * Names what two subscribers of one stream must have in common to be sent the same bytes: document, operation, variables
 * without the position, the address that they reach us at, and role, so that nothing a field shows by the caller's role is
 * shared between roles.
 */
export function selectionOf({ document, operationName, variableValues, contextValue }: ExecutionArgs): string {
  const { caller, address } = contextValue as OperationContext;
  const known = documents.get(document) ?? { id: newId(), positions: new Map<string, string | null>() };
  documents.set(document, known);
  const name = operationName ?? '';
  if (!known.positions.has(name))
    known.positions.set(name, positionVariable(document, getOperationAST(document, operationName)));
  const position = known.positions.get(name) as string | null;
  const { [position ?? '']: _, ...variables } = variableValues ?? {};
  return JSON.stringify([caller?.role, address, known.id, name, variables]);
}

/** The variable that gives `after`, where it gives nothing else. */
function positionVariable(
  document: DocumentNode,
  operation: OperationDefinitionNode | null | undefined,
): string | null {
  const root = operation?.selectionSet.selections[0] as FieldNode | undefined;
  const value = root?.kind === Kind.FIELD && root.arguments?.find((argument) => argument.name.value === 'after')?.value;
  if (!value || value.kind !== Kind.VARIABLE) return null;
  let uses = 0;
  visit(document, { Variable: (node) => void (uses += Number(node.name.value === value.name.value)) });
  // One in the definition, one in the argument.
  return uses === 2 ? value.name.value : null;
}

/**
 * One message as the text of an execution result. Executed for nobody in particular: with the tenant, role and address that all
 * who get it have in common, and with loaders of its own, as rows may have changed since the last one.
 */
export async function renderMessage(args: ExecutionArgs, message: unknown): Promise<string> {
  const { requestId, log, caller, address } = args.contextValue as OperationContext;
  const { tenantId, role } = caller as TenantContext;
  const contextValue = new OperationContext({ tenantId, role, apiKeyId: null, requestId }, requestId, log).at(address);
  const { errors, data } = await execute({ ...args, contextValue, rootValue: message });
  const presented = errors?.map((error) => present(error, requestId, log));
  return JSON.stringify(presented ? { errors: presented, data } : { data });
}
