import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { format } from '../errors';
import { PraxisError } from '../../kernel';

interface Fault {
  status: number;
  message: string;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The request came in too slowly.' },
  HPE_HEADER_OVERFLOW: { status: 431, message: 'The address and headers are too long; send long queries by POST.' },
};
const MALFORMED: Fault = { status: 400, message: 'This is not a valid HTTP request.' };

/** What is not even a request is answered as all else: JSON with a code. */
export function clientErrorHandler(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET') return void socket.destroy();
  refuse(socket, FAULTS[error.code ?? ''] ?? MALFORMED);
}

/** The last answer of a connection that no response belongs to. */
export function refuse(socket: Duplex, { status, message }: Fault): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify({ errors: [format(new PraxisError('VALIDATION_FAILED', message), {})] });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
