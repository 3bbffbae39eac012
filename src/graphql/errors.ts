import type { ValidationError } from 'class-validator';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import {
  ERROR_CODES,
  isStorageFull,
  type ErrorCode,
  type Fault,
  type Log,
  PraxisError,
  STORAGE_FULL,
  told,
} from '../kernel';
import { LIMITS } from './limits/table';

/** The one translator: whatever was thrown becomes a PraxisError of the closed list, and only that reaches a client. */

export const HTTP_STATUS: Readonly<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  VALIDATION_FAILED: 400,
  CONFLICT: 409,
  QUOTA_EXCEEDED: 429,
  RATE_LIMITED: 429,
  QUERY_TOO_COMPLEX: 400,
  PAYLOAD_TOO_LARGE: 413,
  UNAVAILABLE: 503,
  INTERNAL: 500,
};

export function toPraxisError(thrown: unknown, bodyBytesMax?: number): PraxisError {
  const cause = rootCause(thrown);
  if (cause instanceof PraxisError) return cause;
  if (thrown instanceof GraphQLError && isCallersFault(thrown)) return callersFault(thrown);
  if (isStorageFull(cause)) return new PraxisError('UNAVAILABLE', STORAGE_FULL, { cause });
  return fastifyError(cause, bodyBytesMax) ?? internal(cause);
}

/** An error as it goes to a client: message, place and `extensions` {code, requestId, issues}. Logs what is our fault. */
export function present(thrown: unknown, requestId: string, log: Log): GraphQLFormattedError {
  const error = toPraxisError(thrown);
  logError(error, log);
  return format(error, thrown instanceof GraphQLError ? thrown : {}, requestId);
}

type Place = Pick<GraphQLFormattedError, 'locations' | 'path'>;

/** Of the fields that are in conflict, say. */
const LOCATIONS_MAX = 10;

/** Every text within its bound. */
export function format(error: PraxisError, { locations, path }: Place, requestId?: string): GraphQLFormattedError {
  const { code, message, issues } = told(error);
  const extensions = { code, ...(requestId ? { requestId } : {}), ...(issues.length > 0 ? { issues } : {}) };
  return { message, locations: locations?.slice(0, LOCATIONS_MAX), path, extensions };
}

/**
 * The errors of an answer within their bounds: of those that are too many or too long together first the issues are left
 * out, then the errors, and the last one that stays says so. Counts what they take in `account`.
 */
export function fitErrors(
  errors: readonly GraphQLFormattedError[],
  account: { errorBytesLeft: number },
): GraphQLFormattedError[] {
  const fitting: GraphQLFormattedError[] = [];
  for (const error of errors) {
    const fitted = fitError(error, account.errorBytesLeft);
    account.errorBytesLeft -= sizeOf(fitted);
    if (fitting.length > 0 && (account.errorBytesLeft < 0 || fitting.length === LIMITS.errors)) break;
    fitting.push(fitted);
  }
  const more = errors.length - fitting.length;
  const last = fitting.length - 1;
  if (more > 0) fitting[last] = { ...fitting[last], message: `${fitting[last].message} And ${more} more errors.` };
  return fitting;
}

function fitError(error: GraphQLFormattedError, bytesLeft: number): GraphQLFormattedError {
  const { issues, ...extensions } = error.extensions ?? {};
  return issues && sizeOf(error) > bytesLeft ? { ...error, extensions } : error;
}

const sizeOf = (error: GraphQLFormattedError): number => Buffer.byteLength(JSON.stringify(error));

/** A PraxisError as GraphQL knows errors, with the HTTP status of a request that failed as a whole. */
export function toGraphQLError(error: PraxisError): GraphQLError {
  const extensions = { code: error.code, http: { status: HTTP_STATUS[error.code] } };
  return new GraphQLError(error.message, { originalError: error, extensions });
}

/** The log is a request's own, so the line carries its request id. */
export function logError(error: PraxisError, log: Log): void {
  const entry = { code: error.code, detail: error.detail };
  if (error.code === 'INTERNAL') log.error({ ...entry, err: error.cause ?? error }, 'internal error');
  else if (error.code === 'UNAVAILABLE') log.warn({ ...entry, err: error.cause }, error.message);
  else log.debug(entry, error.message);
}

function rootCause(thrown: unknown): unknown {
  let at = thrown;
  while (at instanceof GraphQLError && at.originalError) at = at.originalError;
  return at;
}

/**
 * graphql-js reports a fault of the caller (syntax, validation, variables) without a path into the result, or, for
 * an argument seen during execution only, with the argument's syntax node. A resolver's own fault has neither.
 */
function isCallersFault(error: GraphQLError): boolean {
  if (isOurs(error.extensions.code)) return true;
  if (error.path === undefined && !(error.originalError && !(rootCause(error) instanceof GraphQLError))) return true;
  const cause = rootCause(error);
  return cause instanceof GraphQLError && cause !== error && (cause.nodes?.length ?? 0) > 0;
}

function callersFault(error: GraphQLError): PraxisError {
  const code = error.extensions.code;
  if (isOurs(code)) return new PraxisError(code, error.message);
  if (code === 'PERSISTED_QUERY_NOT_FOUND') return new PraxisError('NOT_FOUND', error.message);
  // graphql-js gives up comparing fields of the same name past a budget of its own.
  if (error.message === 'Validation aborted.') {
    return new PraxisError('QUERY_TOO_COMPLEX', 'The document repeats too many fields.');
  }
  const [, fault] = OF_APOLLO.find(([text]) => text.test(error.message)) ?? [];
  if (fault) return PraxisError.invalid([fault]);
  if (error.message.startsWith('Too many validation errors')) {
    return new PraxisError('VALIDATION_FAILED', 'The document has more faults than are listed.');
  }
  return PraxisError.invalid([{ path: pathOf(error), message: error.message }], error.message);
}

/** What Apollo refuses before an operation is looked at, in our words. The shape of a request stands in request-shape.ts. */
const OF_APOLLO: [text: RegExp, fault: Fault][] = [
  [
    // Browsers send such requests for any page, without asking first.
    /Cross-Site Request Forgery/,
    {
      path: 'headers',
      message: 'are those that a page of any site could send',
      hint: 'add "apollo-require-preflight: 1", or "content-type: application/json"',
    },
  ],
  [
    /^An 'accept' header was provided/,
    {
      path: 'headers.accept',
      message: 'names no type that is answered here',
      hint: 'accept application/json, application/graphql-response+json or text/event-stream',
    },
  ],
  [
    /^GET requests may not have a content-type/,
    { path: 'headers.content-type', message: 'is not taken with GET', hint: 'leave it out, or send application/json' },
  ],
  [
    /^GET requests only support query operations/,
    { path: 'query', message: 'is a mutation, which GET does not take', hint: 'use POST' },
  ],
  [
    /^provided sha does not match query/,
    {
      path: 'extensions.persistedQuery.sha256Hash',
      message: 'is not the hash of the query',
      hint: 'send the SHA-256 of its text in UTF-8, as 64 hexadecimal digits in lower case',
    },
  ],
];

const isOurs = (code: unknown): code is ErrorCode => (ERROR_CODES as readonly unknown[]).includes(code);

/** `input.rows[0]` for a variable; else the place in the document. */
function pathOf(error: GraphQLError): string {
  const variable = /^Variable "\$(\w+)"(?:.*? at "([^"]+)")?/s.exec(error.message);
  if (variable) return variable[2] ?? variable[1];
  const [place] = error.locations ?? [];
  return place ? `query:${place.line}:${place.column}` : 'query';
}

/** class-validator's tree of faults, one after another, with paths like `steps[1].name`. */
export function* faultsOf(errors: ValidationError[] | undefined, parent = ''): Generator<Fault> {
  for (const error of errors ?? []) {
    const path = /^\d+$/.test(error.property) ? `${parent}[${error.property}]` : join(parent, error.property);
    for (const message of Object.values(error.constraints ?? {})) yield { path, message: trimName(message, error) };
    yield* faultsOf(error.children, path);
  }
}

const join = (parent: string, name: string): string => (parent ? `${parent}.${name}` : name);

/** class-validator's own messages start with the field's name, which the path says already. */
const trimName = (message: string, error: ValidationError): string =>
  message.startsWith(`${error.property} `) ? message.slice(error.property.length + 1) : message;

/** What Fastify refuses before a resolver is reached. */
function fastifyError(cause: unknown, bodyBytesMax?: number): PraxisError | null {
  const { code, statusCode, message } = (cause ?? {}) as { code?: unknown; statusCode?: number; message?: string };
  if (statusCode === 413) return tooLarge(bodyBytesMax);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const issue = { path: 'content-type', message: 'is not taken here', hint: 'send "content-type: application/json"' };
    return PraxisError.invalid([issue]);
  }
  if (typeof code !== 'string' || !code.startsWith('FST_') || !statusCode || statusCode >= 500) {
    if (!(cause instanceof SyntaxError && statusCode === 400)) return null;
  }
  return PraxisError.invalid([{ path: 'body', message: message ?? 'is not valid' }], message);
}

function tooLarge(bodyBytesMax?: number): PraxisError {
  const limit = bodyBytesMax ? `: at most ${bodyBytesMax.toLocaleString('en-US')} bytes` : '';
  const advice = 'Send files through createDataset and its upload address, and rows in several requests.';
  return new PraxisError('PAYLOAD_TOO_LARGE', `The request body is larger than this server takes${limit}. ${advice}`);
}

function internal(cause: unknown): PraxisError {
  return new PraxisError('INTERNAL', 'Something failed on our side. Quote the request id when you report it.', {
    cause,
  });
}
