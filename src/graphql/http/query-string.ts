import type { FastifyReply, FastifyRequest } from 'fastify';
import { PraxisError } from '../../kernel';

/** A name that is given twice would be a list where routes read a text, and programs disagree which of them counts. */
export function refuseRepeatedParameters(
  request: FastifyRequest,
  _reply: FastifyReply,
  done: (error?: Error) => void,
): void {
  if (!request.url.includes('?')) return done();
  for (const [name, value] of Object.entries(request.query as Record<string, unknown>)) {
    if (!Array.isArray(value)) continue;
    const issue = { path: name, message: `is given ${value.length} times in the address`, hint: 'give it once' };
    return done(PraxisError.invalid([issue]));
  }
  done();
}
