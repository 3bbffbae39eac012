import { PraxisError } from '../errors/errors';
import { parseGlobalId, type NodeKind } from './ids';

/** The uuid of a global id of the wanted kind; anything else is NOT_FOUND, so ids reveal nothing. */
export function uuidOf(kind: NodeKind, globalId: string): string {
  const parsed = parseGlobalId(globalId);
  if (!parsed || parsed.kind !== kind) throw PraxisError.notFound(kind, globalId);
  return parsed.uuid;
}
