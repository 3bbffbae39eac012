import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a refused sender may go on sending. */
const LINGER_MS = 30_000;

/** A reply, whichever library's. */
interface Reply {
  raw: ServerResponse;
  removeHeader(name: string): unknown;
}

/**
 * Lets the answer to a request get out whose body is still coming: closed over unread bytes the connection would be reset, and
 * most clients lose what they were told. Call it before the answer is sent. The rest is read and thrown away for a while.
 */
export function readAway(request: IncomingMessage, reply: Reply): void {
  if (request.complete) return;
  const { raw } = reply;
  const isLast = !raw.shouldKeepAlive;
  reply.removeHeader('connection');
  raw.shouldKeepAlive = true;
  raw.once('finish', () => {
    if (!isLast) return void request.resume();
    const end = () => request.socket.end();
    if (request.readableEnded) end();
    else request.once('end', end).resume();
  });
  setTimeout(() => request.complete || request.destroy(), LINGER_MS).unref();
}
