import type { FastifyRequest } from 'fastify';
import { type Fault, PraxisError } from '../../kernel';

/** What a GraphQL request is made of, whether it comes as a body, in an address or over a socket. */

interface Member {
  fits(value: unknown): boolean;
  must: string;
  hint?: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const TEXT: Member = { fits: (value) => typeof value === 'string', must: 'must be a text' };
const OBJECT: Member = { fits: isObject, must: 'must be an object' };
const MEMBERS: [name: string, member: Member][] = [
  ['query', { ...TEXT, hint: 'send the text of the document' }],
  ['operationName', { ...TEXT, hint: 'leave it out where the document holds one operation' }],
  ['variables', { ...OBJECT, hint: 'send the values of variables by their names, as JSON and not as a text of it' }],
  ['extensions', OBJECT],
];

const SHAPE = 'send {"query": "…", "variables": {…}} with "content-type: application/json"';

/** How a request may come in. */
interface Manner {
  /** Several operations in one list. */
  isBatch: boolean;
  /** A hash in place of the query (`extensions.persistedQuery`). */
  isHashed: boolean;
}

/** Over plain HTTP. */
export const ANY_MANNER: Manner = { isBatch: true, isHashed: true };
/** Where one operation is answered by many messages. */
export const ONE_DOCUMENT: Manner = { isBatch: false, isHashed: false };

/** @throws PraxisError VALIDATION_FAILED that names the members at fault */
export function refuseMisshapen({ method, body, query }: FastifyRequest, manner: Manner): void {
  const faults =
    method === 'GET' ? faultsOfAddress(query as Record<string, unknown>, manner) : faultsOfBody(body, manner);
  const found = [...faults];
  if (found.length > 0) throw PraxisError.invalid(found);
}

function* faultsOfBody(body: unknown, manner: Manner): Generator<Fault> {
  if (!manner.isBatch || !Array.isArray(body)) return yield* faultsOfRequest(body, 'body', manner);
  if (body.length === 0) yield { path: 'body', message: 'is an empty list', hint: SHAPE };
  for (const [i, each] of body.entries()) yield* faultsOfRequest(each, `body[${i}]`, manner);
}

/** What an address holds as JSON. */
const JSON_PARAMETERS = ['variables', 'extensions'];

function* faultsOfAddress(query: Record<string, unknown>, manner: Manner): Generator<Fault> {
  const request = { ...query };
  for (const name of JSON_PARAMETERS) {
    if (typeof query[name] !== 'string') continue;
    // Not null: it is written, so it holds an object.
    request[name] = parsed(query[name]) ?? false;
  }
  yield* faultsOfRequest(request, 'body', manner);
}

/** A text that is no JSON stays one. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Of one request, at a place such as `body` (whose members are named alone) or `payload`. */
export function* faultsOfRequest(request: unknown, place: string, { isHashed }: Manner): Generator<Fault> {
  if (!isObject(request))
    return yield { path: place, message: `must be an object, not ${kindOf(request)}`, hint: SHAPE };
  const at = place === 'body' ? '' : `${place}.`;
  for (const [name, { fits, must, hint }] of MEMBERS) {
    const value = request[name];
    if (value === undefined || value === null || fits(value)) continue;
    yield { path: at + name, message: `${must}, not ${kindOf(value)}`, hint };
  }
  const hashed = isHashed && isObject(request.extensions) ? request.extensions.persistedQuery : undefined;
  if (hashed) yield* faultsOfHash(hashed, `${at}extensions.persistedQuery`);
  else if (request.query === undefined || request.query === null || request.query === '') {
    yield { path: `${at}query`, message: 'is missing', hint: SHAPE };
  }
}

function* faultsOfHash(hashed: unknown, path: string): Generator<Fault> {
  const { version, sha256Hash } = isObject(hashed) ? hashed : {};
  if (version === 1 && typeof sha256Hash === 'string') return;
  yield { path, message: 'is not as it is taken', hint: 'send {"version": 1, "sha256Hash": "<hash of the query>"}' };
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value === 'string' ? 'text' : typeof value}`;
}
