import { PraxisClientError } from './error';

/** Takes the place of node.ts in a browser. */
export async function openFile(path: string): Promise<never> {
  throw new PraxisClientError('VALIDATION_FAILED', `A browser cannot open "${path}": give a File, a Blob or bytes.`);
}

export async function loadWebSocket(): Promise<never> {
  throw new PraxisClientError('UNREACHABLE', 'This browser has no WebSocket: give one as the option `webSocket`.');
}
