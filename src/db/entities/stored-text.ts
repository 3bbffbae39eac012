import { createHash } from 'node:crypto';

/**
 * JSON text that PostgreSQL's jsonb takes whatever the strings hold: NUL and lone surrogates, which it refuses, become
 * U+FFFD. For texts we did not write, such as log lines and the messages of errors.
 */
export const toJsonText = (value: unknown): string =>
  JSON.stringify(value ?? null, (_key, part: unknown) =>
    typeof part === 'string' ? part.replace(/[\0\p{Surrogate}]/gu, '\ufffd') : part,
  );

/** SHA-256 of a value's JSON with sorted keys: equal for equal requests, whatever the order of their fields. */
export function contentHash(value: unknown): Buffer {
  const sorted = JSON.stringify(value ?? null, (_key, part: unknown) =>
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
  return createHash('sha256').update(sorted).digest();
}
