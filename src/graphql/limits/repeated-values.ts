import { type DocumentNode, Kind, type OperationDefinitionNode, visit } from 'graphql';
import { PraxisError } from '../../kernel';
import { LIMITS } from './table';

const known = new WeakMap<OperationDefinitionNode, ReadonlyMap<string, number>>();

/**
 * One variable that many fields take costs as often as it is used: thirty predictions of the same ten thousand rows are a
 * body of 80 kB and an answer of 65 MB. So its values, also those of free JSON, are counted once for each use.
 * @throws PraxisError QUERY_TOO_COMPLEX
 */
export function refuseRepeatedValues(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown> = {},
): void {
  let left: number = LIMITS.repeatedValues;
  for (const [name, uses] of repeatedIn(document, operation)) {
    left -= uses * countValues(variables[name], left / uses);
    if (left >= 0) continue;
    const message = `The variable "${name}" is used ${uses} times, which counts as more than ${LIMITS.repeatedValues} values: send the operations in several requests.`;
    throw new PraxisError('QUERY_TOO_COMPLEX', message);
  }
}

/** Variables that are used in several places, in the operation and the fragments of its document, and in how many. */
function repeatedIn(document: DocumentNode, operation: OperationDefinitionNode): ReadonlyMap<string, number> {
  const found = known.get(operation);
  if (found) return found;
  const uses = new Map<string, number>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION && definition !== operation) continue;
    visit(definition, {
      VariableDefinition: () => false,
      Variable: ({ name }) => void uses.set(name.value, (uses.get(name.value) ?? 0) + 1),
    });
  }
  for (const [name, count] of uses) if (count === 1) uses.delete(name);
  known.set(operation, uses);
  return uses;
}

/** All values within one, itself included; counts to a little past `most`. */
function countValues(value: unknown, most: number): number {
  let count = 0;
  for (const pending = [value]; pending.length > 0 && count <= most;) {
    const next = pending.pop();
    count++;
    if (typeof next !== 'object' || next === null) continue;
    const items = Array.isArray(next) ? next : Object.values(next);
    // Pushed one by one: a list may be longer than what a call takes as arguments.
    if (count + pending.length + items.length > most + 1) return most + 1;
    for (const item of items) pending.push(item);
  }
  return count;
}
