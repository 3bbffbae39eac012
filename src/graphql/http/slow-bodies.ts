import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { PraxisError } from '../../kernel';

/** How a body has to come in: at least `bytes` in every `windowMs` while the server waits for it. */
export interface Pace {
  windowMs: number;
  bytes: number;
}

/** A tenth of a modem's. */
export const PACE: Pace = { windowMs: 15_000, bytes: 8_192 };

interface Reception {
  /** Of its connection, at the last look; null before the first, which finds a window that is not over. */
  bytesRead: number | null;
  /** A refusal may go out before the body is in. */
  isAnswered: boolean;
}

/**
 * Ends requests whose body trickles in: a byte every few seconds would hold a connection for as long as an upload may take.
 * One timer looks at all. While the server is the one that is slow, as a full disk or a bucket makes it, nobody is ended.
 * `onAbandoned` is told of each body that its client has left.
 */
export function refuseSlowBodies(
  fastify: FastifyInstance,
  onAbandoned: () => void,
  { windowMs, bytes }: Pace = PACE,
): void {
  const receptions = new Map<IncomingMessage, Reception>();
  const look = (): void => {
    for (const [message, reception] of receptions) {
      const { socket } = message;
      if (message.complete || socket.destroyed) {
        receptions.delete(message);
        if (!message.complete && !reception.isAnswered) onAbandoned();
        continue;
      }
      const received = reception.bytesRead === null ? Infinity : socket.bytesRead - reception.bytesRead;
      reception.bytesRead = socket.bytesRead;
      const serverIsSlow = message.readableLength > 0 || message.isPaused();
      if (received >= bytes || serverIsSlow) continue;
      receptions.delete(message);
      end(message);
    }
  };
  const timer = setInterval(look, windowMs).unref();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { raw, headers } = request;
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    if (hasBody) receptions.set(raw, { bytesRead: null, isAnswered: false });
    done();
  });
  fastify.addHook('onResponse', ({ raw }, _reply, done) => {
    const reception = raw.complete ? null : receptions.get(raw);
    if (reception) reception.isAnswered = !raw.socket.destroyed;
    else receptions.delete(raw);
    done();
  });
  fastify.addHook('onClose', () => clearInterval(timer));
}

/** Whoever reads the body answers with the error; without a reader there is only the connection to close. */
function end(message: IncomingMessage): void {
  const isRead = message.listenerCount('error') > 0 && !message.readableEnded;
  if (isRead) message.emit('error', new SlowBody());
  setTimeout(() => message.socket.destroy(), isRead ? ANSWER_MS : 0).unref();
}

/** For the answer to get out. */
const ANSWER_MS = 1_000;

/** Answered with HTTP status 408. */
export class SlowBody extends PraxisError {
  constructor() {
    super('VALIDATION_FAILED', 'The body of the request came in too slowly or not to its end; send it again.', {
      issues: [{ path: 'body', message: 'came in too slowly' }],
    });
  }
}
