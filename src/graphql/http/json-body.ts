import type { FastifyInstance } from 'fastify';
import { PraxisError } from '../../kernel';
import { refuseShape } from '../limits';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body was JSON without a single \u escape, so no text in it holds NUL or half of a surrogate pair. */
    isEscapeFree: boolean;
    /** Of a JSON body. */
    bodyCharacters: number;
  }
}

/** What is looked at more closely: escapes, and names that could reach an object's prototype. */
const SUSPECT = ['\\u', '__proto__', 'constructor'];

/**
 * Parses JSON bodies. Three plain searches let nearly every body past the stock parser's regular expressions and past a
 * walk over every text in the variables; on a hundred rows they cost more than the parsing. Raw NUL is no JSON, and raw
 * halves of surrogate pairs do not survive the decoding of UTF-8. What the text unfolds to is bounded first. A fault is worded
 * here: the stock parser does not say where it is.
 */
export function jsonBodies(fastify: FastifyInstance): void {
  fastify.decorateRequest('isEscapeFree', false);
  fastify.decorateRequest('bodyCharacters', 0);
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    request.bodyCharacters = text.length;
    const parsed = parse(text, request.caller === null);
    if ('fault' in parsed) return void done(parsed.fault);
    if (SUSPECT.some((part) => text.includes(part))) {
      const path = pathToPrototype(parsed.value);
      return void (path === null ? done(null, parsed.value) : done(poisoned(path)));
    }
    request.isEscapeFree = true;
    done(null, parsed.value);
  });
}

/**
 * Where a body could reach the prototype of an object that it is merged into: `__proto__` or `constructor.prototype` with
 * an object behind it. A plain value or a list of values there is a field of a row like any other. Null for nowhere.
 */
function pathToPrototype(body: unknown): string | null {
  const open = [{ value: body, path: '' }];
  for (let next = open.pop(); next; next = open.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    for (const [key, value] of Object.entries(next.value)) {
      const path = `${next.path && `${next.path}.`}${key.slice(0, 100)}`;
      if (key === '__proto__' && holdsObject(value)) return path;
      if (key === 'constructor' && isObject(value) && Object.hasOwn(value, 'prototype')) return path;
      open.push({ value, path });
    }
  }
  return null;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const holdsObject = (value: unknown): boolean =>
  Array.isArray(value) ? value.some((item) => typeof item === 'object' && item !== null) : isObject(value);

const poisoned = (place: string): PraxisError =>
  PraxisError.invalid([
    {
      path: 'body',
      message: `holds an object at ${place}`,
      hint: 'under this name only a plain value or a list of plain values may stand',
    },
  ]);

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
