import type { FastifyReply, FastifyRequest } from 'fastify';
import { PraxisError } from '../../kernel';
import { UNREADABLE } from './unserved';

/**
 * Refuses what programs read in different ways: a name that is given twice, which would be a list where routes read a text,
 * and escapes that are not UTF-8, in whose place some put a sign.
 */
export function refuseDoubtfulParameters(
  request: FastifyRequest,
  _reply: FastifyReply,
  done: (error?: Error) => void,
): void {
  if (!request.url.includes('?')) return done();
  if (!isReadable(request.url)) return done(PraxisError.invalid([UNREADABLE]));
  for (const [name, value] of Object.entries(request.query as Record<string, unknown>)) {
    if (!Array.isArray(value)) continue;
    const issue = { path: name, message: `is given ${value.length} times in the address`, hint: 'give it once' };
    return done(PraxisError.invalid([issue]));
  }
  done();
}

function isReadable(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}
