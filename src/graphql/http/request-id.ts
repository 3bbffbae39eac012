import { randomUUID } from 'node:crypto';

const PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

/** The caller's `x-request-id` when it is harmless in logs and headers, else a new one. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && PATTERN.test(header) ? header : randomUUID();
}
