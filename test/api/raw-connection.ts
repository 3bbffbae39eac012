import { connect, type Socket } from 'node:net';

export interface RawConnection {
  socket: Socket;
  /** All that came. */
  received: () => string;
  /** Gives it as soon as it matches; rejects when the connection closes before. */
  until: (pattern: RegExp) => Promise<string>;
  closed: Promise<string>;
}

/** A connection that sends bytes as it likes, and what came back over it. */
export function open(url: string, o: { allowHalfOpen?: boolean } = {}): RawConnection {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), ...o });
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  const closed = new Promise<string>((resolve, reject) => {
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
  const until = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => pattern.test(text) && resolve(text);
      look();
      socket.on('data', look).on('close', () => reject(new Error(`closed after: ${text.slice(0, 500)}`)));
    });
  return { socket, received: () => text, until, closed };
}
