import { isUtf8 } from 'node:buffer';
import { PraxisError } from '../../kernel';

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * The text of what came in. Decoding would put a sign in place of each byte that is not UTF-8, and names and rows would be
 * kept with it.
 * @throws PraxisError VALIDATION_FAILED
 */
export function textOf(bytes: Buffer, path: string): string {
  if (!isUtf8(bytes)) {
    throw PraxisError.invalid([{ path, message: 'is not UTF-8', hint: 'encode it as UTF-8' }]);
  }
  const text = bytes.toString('utf8');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}
