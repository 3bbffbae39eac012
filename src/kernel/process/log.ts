import pino, { type Logger } from 'pino';

export type Log = Logger;

/** Structured logs, one JSON object a line on standard error; children carry requestId and runId. */
export function createLog(level: string, bindings: Record<string, unknown> = {}): Log {
  return pino(
    {
      level,
      base: { pid: process.pid, ...bindings },
      redact: ['secret', 'authorization', '*.secret', '*.authorization'],
      serializers: { err: describeError },
    },
    pino.destination({ fd: 2, sync: false }),
  );
}

/** What tells a person about an error. Libraries hang whole connections on theirs, with what is in them. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, detail } = error as { code?: unknown; detail?: unknown };
  const { name, stack, cause } = error;
  // Node tells a refused connection as one error per address, with no message of its own.
  const message = error.message || (error as AggregateError).errors?.map(String).join('; ');
  return { name, code, message, detail, stack, cause: cause === undefined ? undefined : describeError(cause) };
}
