import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Whether a request is the handshake of a WebSocket (RFC 6455, section 4.2.1) for GraphQL. */
export const asksForSocket = ({ method, url = '', headers }: IncomingMessage): boolean =>
  method === 'GET' && url.split('?')[0] === '/graphql' && headers.upgrade?.toLowerCase() === 'websocket';

/** Node drops headers beyond a thousand of one request: what is left of it would be another request. */
const HEADER_TEXTS_MAX = 2_000;

/** The response that is being sent, as Node names it. */
type Busy = Socket & { _httpMessage?: ServerResponse | null };

/**
 * Gives a request with an offer of another protocol back to the server without the offer, to be answered like any other
 * (RFC 9110, section 7.8). Node hands over every such request as soon as one may be; its `shouldUpgradeCallback`
 * (22.21, 24.9) forgets the requests that follow on the connection.
 */
export function handBack(server: Server, request: IncomingMessage, socket: Busy, rest: Buffer): void {
  // From the hand-over on Node listens no more, and an error without a listener ends the process.
  socket.off('error', ignore).on('error', ignore);
  if (socket.destroyed) return;
  const { method, url, httpVersion, rawHeaders } = request;
  if (rawHeaders.length >= HEADER_TEXTS_MAX) return void socket.destroy();
  // Answers to requests before this one leave first.
  if (socket._httpMessage) {
    return void socket._httpMessage.once('close', () => handBack(server, request, socket, rest));
  }
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at].toLowerCase() !== 'upgrade') lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), rest]));
  server.emit('connection', socket);
}

const ignore = (): void => undefined;
