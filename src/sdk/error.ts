/** One fault in the input: where it is, what is wrong, what to do. */
export interface ClientIssue {
  path: string;
  message: string;
  hint?: string | null;
}

/** Every failure of a call. Its message is written for people. */
export class PraxisClientError extends Error {
  /** One of the server's codes (docs/errors), or `UNREACHABLE` when no answer came, `UNEXPECTED` when it made no sense. */
  readonly code: string;
  /** Names the request in the server's logs. */
  readonly requestId: string | null;
  /** What is wrong with the input, with VALIDATION_FAILED. */
  readonly issues: ClientIssue[];

  constructor(
    code: string,
    message: string,
    more: { requestId?: string | null; issues?: ClientIssue[]; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = 'PraxisClientError';
    this.code = code;
    this.requestId = more.requestId ?? null;
    this.issues = more.issues ?? [];
  }
}

/** An error as it stands in a GraphQL answer. */
export interface GraphError {
  message: string;
  extensions?: { code?: unknown; requestId?: unknown; issues?: unknown };
}

export function fromGraphErrors(errors: readonly GraphError[], requestId: string | null = null): PraxisClientError {
  const [first] = errors;
  const { code, requestId: sentId, issues } = first?.extensions ?? {};
  return new PraxisClientError(
    typeof code === 'string' ? code : 'UNEXPECTED',
    first?.message ?? 'The server answered with an empty list of errors.',
    { requestId: typeof sentId === 'string' ? sentId : requestId, issues: Array.isArray(issues) ? issues : [] },
  );
}

export const isAbort = (error: unknown): boolean => (error as Error | undefined)?.name === 'AbortError';
