import { once } from 'node:events';
import WebSocket from 'ws';

/** A WebSocket that speaks graphql-transport-ws message by message, so that a test can do what no library would. */
export class RawSocket {
  readonly messages: any[] = [];
  /** Code and reason, once the server has said goodbye or the connection is gone. */
  closed: { code: number; reason: string } | null = null;
  private readonly gone: Promise<void>;
  private readonly waiting = new Set<() => void>();

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)));
      for (const look of this.waiting) look();
    });
    socket.on('error', () => undefined);
    this.gone = once(socket, 'close').then(([code, reason]) => {
      this.closed = { code, reason: String(reason) };
      for (const look of this.waiting) look();
    });
  }

  /** Opens and shows the key; without one it stays half-open. */
  static async open(url: string, key?: string, name = 'authorization'): Promise<RawSocket> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
    const raw = new RawSocket(socket);
    await Promise.race([once(socket, 'open'), raw.gone]);
    if (key === undefined) return raw;
    raw.send({ type: 'connection_init', payload: { [name]: `Bearer ${key}` } });
    await raw.until(() => raw.messages.length > 0 || raw.closed !== null);
    return raw;
  }

  send(message: object | string): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message), () => undefined);
  }

  subscribe(id: string, query: string, variables: object = {}): void {
    this.send({ id, type: 'subscribe', payload: { query, variables } });
  }

  /** What came for one operation. */
  of(id: string): any[] {
    return this.messages.filter((message) => message.id === id);
  }

  /** Leaves the server's close frame unanswered, and goes on sending. */
  ignoreClose(): void {
    (this.socket as unknown as { _receiver: NodeJS.EventEmitter })._receiver.removeAllListeners('conclude');
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        const look = () => {
          this.waiting.delete(look);
          resolve();
        };
        this.waiting.add(look);
      });
    }
  }

  async end(): Promise<void> {
    this.socket.terminate();
    await this.gone;
  }
}
