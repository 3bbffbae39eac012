import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { complexityOf } from './complexity';
import type { RequestAccount } from './request-account';
import { refuseRepeatedValues } from './repeated-values';
import { refuseFaultyVariables, refuseUnstorableText } from './variables';

interface Asked {
  schema: GraphQLSchema;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown> | null | undefined;
  /** No text in the variables can be unstorable; see json-body.ts. */
  isEscapeFree: boolean;
  account: RequestAccount;
}

/**
 * What an operation must pass before it is executed, over HTTP and sockets alike.
 * @throws PraxisError VALIDATION_FAILED, QUERY_TOO_COMPLEX
 */
export function refuseOperation({ schema, document, operation, variables, isEscapeFree, account }: Asked): void {
  if (!isEscapeFree) refuseUnstorableText(variables);
  refuseFaultyVariables(schema, operation, variables ?? undefined);
  refuseRepeatedValues(document, operation, variables ?? undefined);
  account.addComplexity(complexityOf(schema, document, operation, variables ?? undefined));
}

const open = new WeakMap<OperationDefinitionNode, boolean>();

/** Whether an operation asks for introspection alone, which takes no key. */
export function isOpen(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const known = open.get(operation);
  if (known !== undefined) return known;
  const isIt = asksMetaFieldsOnly(document, operation.selectionSet, new Set());
  open.set(operation, isIt);
  return isIt;
}

function asksMetaFieldsOnly(document: DocumentNode, { selections }: SelectionSetNode, seen: Set<string>): boolean {
  return selections.every((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value.startsWith('__');
    if (selection.kind === Kind.INLINE_FRAGMENT) return asksMetaFieldsOnly(document, selection.selectionSet, seen);
    const name = selection.name.value;
    if (seen.has(name)) return true;
    seen.add(name);
    const fragment = document.definitions.find(
      (each) => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === name,
    );
    return fragment?.kind !== Kind.FRAGMENT_DEFINITION || asksMetaFieldsOnly(document, fragment.selectionSet, seen);
  });
}
