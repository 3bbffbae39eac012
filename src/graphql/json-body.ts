import type { FastifyInstance } from 'fastify';
import { PraxisError } from '../kernel';
import { refuseShape } from './limits';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body was JSON without a single \u escape, so no text in it holds NUL or half of a surrogate pair. */
    isEscapeFree: boolean;
  }
}

/** What only the careful parser may see: escapes, and names that could reach an object's prototype. */
const SUSPECT = ['\\u', '__proto__', 'constructor'];

/**
 * Parses JSON bodies. Three plain searches let nearly every body past the stock parser's regular expressions and past a
 * walk over every text in the variables; on a hundred rows they cost more than the parsing. Raw NUL is no JSON, and raw
 * halves of surrogate pairs do not survive the decoding of UTF-8. What the text unfolds to is bounded first. A fault is worded
 * here: the stock parser does not say where it is.
 */
export function jsonBodies(fastify: FastifyInstance): void {
  const careful = fastify.getDefaultJsonParser('error', 'error');
  fastify.decorateRequest('isEscapeFree', false);
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    const parsed = parse(text, request.caller === null);
    if ('fault' in parsed) return void done(parsed.fault);
    if (SUSPECT.some((part) => text.includes(part))) return void careful(request, text, done);
    request.isEscapeFree = true;
    done(null, parsed.value);
  });
}

const SHAPE = 'send {"query": "…", "variables": {…}}';

function parse(text: string, isAnonymous: boolean): { value: unknown } | { fault: PraxisError } {
  if (text === '') return { fault: PraxisError.invalid([{ path: 'body', message: 'is empty', hint: SHAPE }]) };
  try {
    refuseShape(text, isAnonymous);
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof PraxisError) return { fault: error };
    // Several languages write these by default, among them Python.
    const notFinite = /[[:,]\s*-?(NaN|Infinity)\b/.test(text);
    const hint = notFinite ? 'JSON has no NaN or Infinity: send null where a value is unknown' : SHAPE;
    return {
      fault: PraxisError.invalid([{ path: 'body', message: `is not valid JSON: ${(error as Error).message}`, hint }]),
    };
  }
}
