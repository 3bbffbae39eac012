/**
 * The closed list of error codes a client can meet. One page each stands in docs/errors.
 * A refusal throws a PraxisError; findings about data (row errors, quality) are data, not errors.
 */
export const ERROR_CODES = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'VALIDATION_FAILED',
  'CONFLICT',
  'QUOTA_EXCEEDED',
  'RATE_LIMITED',
  'QUERY_TOO_COMPLEX',
  'PAYLOAD_TOO_LARGE',
  'UNAVAILABLE',
  'INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** One fault in the caller's input: where it is, what is wrong, what to do. */
export interface Issue {
  /** Path into the input, e.g. `rows[3].age` or `steps[1].parameters.epochs`. */
  path: string;
  message: string;
  hint?: string;
}

export interface PraxisErrorOptions {
  cause?: unknown;
  /** For the log only, never sent to a client. */
  detail?: string;
  /** Sent to the client with VALIDATION_FAILED. */
  issues?: Issue[];
}

/** An error whose message is written for the client. Everything else that is thrown becomes INTERNAL. */
export class PraxisError extends Error {
  readonly code: ErrorCode;
  readonly detail?: string;
  readonly issues: Issue[];

  constructor(code: ErrorCode, publicMessage: string, options: PraxisErrorOptions = {}) {
    super(publicMessage, { cause: options.cause });
    this.name = 'PraxisError';
    this.code = code;
    this.detail = options.detail;
    this.issues = options.issues ?? [];
  }

  static notFound(kind: string, id: string): PraxisError {
    return new PraxisError('NOT_FOUND', `No ${kind} with id "${id}" in this tenant.`);
  }

  static invalid(issues: Issue[], summary?: string): PraxisError {
    const first = issues[0];
    const message = summary ?? (first ? `${first.path}: ${first.message}` : 'The input is not valid.');
    return new PraxisError('VALIDATION_FAILED', message, { issues });
  }
}
