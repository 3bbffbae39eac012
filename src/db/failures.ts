import { types } from 'node:util';
import { causesOf, isStorageFull, PraxisError, STORAGE_FULL, type ErrorCode } from '../kernel';

/** The fields of a PostgreSQL error that we read. https://www.postgresql.org/docs/current/errcodes-appendix.html */
interface ServerError extends Error {
  code?: string;
  table?: string;
  column?: string;
  constraint?: string;
  /** Of an error of the operating system. */
  syscall?: string;
}

const WRONG_TEXT = 'A text in the input holds a character that cannot be stored, such as NUL (U+0000).';
const BUSY = 'The database is busy. Try again in a moment.';
const GONE = 'The database cannot be reached. Try again in a moment.';

const PUBLIC_ERRORS: Record<string, [ErrorCode, string]> = {
  '22021': ['VALIDATION_FAILED', WRONG_TEXT],
  '22P05': ['VALIDATION_FAILED', WRONG_TEXT],
  '22P02': ['VALIDATION_FAILED', 'A value in the input has the wrong form, such as an id that is not an id.'],
  '22003': ['VALIDATION_FAILED', 'A number in the input is too large to be stored.'],
  '22007': ['VALIDATION_FAILED', 'A date or time in the input has the wrong form.'],
  '22008': ['VALIDATION_FAILED', 'A date or time in the input is out of range.'],
  '23514': ['VALIDATION_FAILED', 'A value in the input is out of the allowed range.'],
  '54000': ['VALIDATION_FAILED', 'A value in the input is too large to be stored.'],
  '23505': ['CONFLICT', 'Something with the same name or id exists already.'],
  '40001': ['UNAVAILABLE', BUSY],
  '40P01': ['UNAVAILABLE', BUSY],
  '53100': ['UNAVAILABLE', STORAGE_FULL],
  '53200': ['UNAVAILABLE', BUSY],
  '53300': ['UNAVAILABLE', BUSY],
  '55P03': ['UNAVAILABLE', BUSY],
  '57014': ['UNAVAILABLE', 'The database took too long to answer. Try again with less, or later.'],
  '57P01': ['UNAVAILABLE', GONE],
  '57P02': ['UNAVAILABLE', GONE],
  '57P03': ['UNAVAILABLE', GONE],
  '25P03': ['UNAVAILABLE', GONE],
  EAI_AGAIN: ['UNAVAILABLE', GONE],
  EHOSTUNREACH: ['UNAVAILABLE', GONE],
  ECONNREFUSED: ['UNAVAILABLE', GONE],
  ECONNRESET: ['UNAVAILABLE', GONE],
  ENOENT: ['UNAVAILABLE', GONE],
  EPIPE: ['UNAVAILABLE', GONE],
  ETIMEDOUT: ['UNAVAILABLE', GONE],
  ENOTFOUND: ['UNAVAILABLE', GONE],
};

/**
 * Messages of `pg`, its pool and TypeORM for a connection that is lost or not to be had; they carry no code. TypeORM
 * gives a lost connection back by itself, also between two statements.
 */
const CONNECTION_LOST =
  /^(Connection terminated|Connection ended|timeout exceeded when trying to connect|Client (has encountered|was closed)|Query runner already released)/;

/** The server's error inside one of TypeORM's. */
const serverError = (error: unknown): ServerError =>
  ((error as { driverError?: unknown })?.driverError ?? error) as ServerError;

/** Did the transaction lose against another one, so that running it again can succeed? */
export const isRetryable = (error: unknown): boolean => ['40001', '40P01'].includes(serverError(error)?.code ?? '');

/** Can the same succeed later, because something was away, busy or full? Looks through wrapped errors. */
export const isPassing = (error: unknown): boolean =>
  isStorageFull(error) ||
  causesOf(error).some(
    (cause) => cause.code === 'UNAVAILABLE' || publicError(cause as ServerError)?.[0] === 'UNAVAILABLE',
  );

/** Translates what a transaction threw. Errors that tell of a fault of ours stay as they are and become INTERNAL. */
export function toPraxisError(error: unknown): unknown {
  if (!types.isNativeError(error) || error instanceof PraxisError) return error;
  const cause = serverError(error);
  const known = cause.code === '23503' ? brokenReference(cause) : publicError(cause);
  if (!known) return error;
  const place = [cause.table, cause.column, cause.constraint].filter(Boolean).join(' ');
  return new PraxisError(known[0], known[1], { cause: error, detail: `${cause.message} ${place}`.trim() });
}

function publicError(cause: ServerError): [ErrorCode, string] | undefined {
  if (CONNECTION_LOST.test(cause.message ?? '') || String(cause.code).startsWith('08')) return ['UNAVAILABLE', GONE];
  // Of a socket; a file that is missing is another matter.
  if (cause.code === 'ENOENT' && cause.syscall !== 'connect') return undefined;
  return cause.code ? PUBLIC_ERRORS[cause.code] : undefined;
}

/** A foreign key: either the input names something that is not there, or what is deleted is still in use. */
const brokenReference = (cause: ServerError): [ErrorCode, string] =>
  cause.message.startsWith('update or delete')
    ? ['CONFLICT', 'This is still in use by something else.']
    : ['NOT_FOUND', 'Something the input refers to does not exist in this tenant.'];
