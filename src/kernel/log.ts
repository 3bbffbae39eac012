import pino, { type Logger } from 'pino';

export type Log = Logger;

/** Structured logs, one JSON object a line on standard error; children carry requestId and runId. */
export function createLog(level: string, bindings: Record<string, unknown> = {}): Log {
  return pino(
    {
      level,
      base: { pid: process.pid, ...bindings },
      redact: ['secret', 'authorization', '*.secret', '*.authorization'],
    },
    pino.destination({ fd: 2, sync: false }),
  );
}
