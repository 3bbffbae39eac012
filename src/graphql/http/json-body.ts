import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Fault, PraxisError } from '../../kernel';
import { refuseShape } from '../limits';
import { textOf } from './utf8';

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
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    const parsed = parse(bytes, request);
    if ('fault' in parsed) return void done(parsed.fault);
    const { text } = parsed;
    request.bodyCharacters = text.length;
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

function parse(
  bytes: Buffer,
  { caller, headers }: FastifyRequest,
): { text: string; value: unknown } | { fault: PraxisError } {
  try {
    const coding = headers['content-encoding'] ?? 'identity';
    if (coding !== 'identity') throw PraxisError.invalid([CODED]);
    const text = textOf(bytes, 'body');
    if (text === '') throw PraxisError.invalid([{ path: 'body', message: 'is empty', hint: SHAPE }]);
    refuseShape(text, caller === null);
    return { text, value: parseJson(text) };
  } catch (error) {
    return { fault: error as PraxisError };
  }
}

const CODED: Fault = {
  path: 'content-encoding',
  message: 'is not taken here',
  hint: 'send the body as it is, without packing it',
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Several languages write these by default, among them Python.
    const notFinite = /[[:,]\s*-?(NaN|Infinity)\b/.test(text);
    const hint = notFinite ? 'JSON has no NaN or Infinity: send null where a value is unknown' : SHAPE;
    throw PraxisError.invalid([{ path: 'body', message: `is not valid JSON: ${(error as Error).message}`, hint }]);
  }
}
