import { faultOfShape, PraxisError } from '../../kernel';
import { LIMITS } from './table';

/**
 * Bounds what the JSON text of a body or message unfolds to before it is parsed. Most are small and flat.
 * @throws PraxisError QUERY_TOO_COMPLEX, PAYLOAD_TOO_LARGE
 */
export function refuseShape(text: string, isAnonymous: boolean): void {
  const unscanned = isAnonymous ? LIMITS.anonymousUnscannedBytes : LIMITS.unscannedBytes;
  const fault = faultOfShape(text, LIMITS, unscanned);
  if (!fault) return;
  if (fault.what === null) throw tooDeep();
  const message = `The body holds more than ${fault.max} ${fault.what}; send rows in several requests.`;
  throw new PraxisError('PAYLOAD_TOO_LARGE', message);
}

export const tooDeep = (): PraxisError =>
  new PraxisError('QUERY_TOO_COMPLEX', `The body nests lists and objects more than ${LIMITS.jsonDepth} deep.`);
