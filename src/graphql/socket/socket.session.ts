import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { PraxisError } from '../../kernel';
import { type Channel, type CutReason, Outlet } from '../live/outlet';
import type { UnsentAnswer } from '../live/unsent-answers';

/** Close codes of the graphql-transport-ws protocol, RFC 6455 and IANA's registry; 4413 is our own. */
const CLOSE_CODES: Readonly<Record<CutReason, number>> = {
  key: 4401,
  rights: 1012,
  slow: 4413,
  silent: 4408,
  limit: 1013,
  protocol: 4400,
  going: 1001,
};
const CLOSE_TEXTS: Partial<Record<CutReason, string>> = {
  slow: 'The client does not read what it has subscribed to. Connect again and resume with `after`.',
  silent: 'The client has not answered a ping.',
  going: 'The server is going away.',
};
const CLOSE_REASON_BYTES_MAX = 123;
/** How long a polite close waits for the peer. */
const FAREWELL_MS = 1_000;
/** Messages, pings and pongs that one socket may send in a second; beyond, it is not read from for a moment. */
const MESSAGES_PER_SECOND = 1_000;

/** A message that came, and what answers it. */
export interface Incoming {
  readonly characters: number;
  answer: UnsentAnswer | null;
}

/** One WebSocket: its end, and how much it may send. What arrives after its end is not looked at. */
export class SocketSession extends Outlet {
  requestId = '';
  operationCount = 0;
  /** While it is read. */
  message = '';
  incoming: Incoming = { characters: 0, answer: null };
  /** Of all messages whose operations have not ended. */
  openCharacters = 0;
  private ending = false;
  private isCorked = false;
  private received = 0;
  private secondMs = 0;
  private isAnswered = true;
  private isReleased = false;
  private readonly releases: (() => void)[] = [];

  constructor(
    readonly socket: WebSocket,
    readonly duplex: Duplex,
    private readonly onCut: (reason: CutReason) => void,
  ) {
    super();
    socket.on('ping', () => this.admit());
    socket.on('pong', () => {
      this.isAnswered = true;
      this.admit();
    });
    // A peer that breaks the protocol is closed by the library, which says so here.
    socket.on('error', () => this.end(CLOSE_CODES.protocol, ''));
  }

  get isOpen(): boolean {
    return !this.ending && this.socket.readyState === this.socket.OPEN;
  }

  get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  /** Frames of one moment leave together. */
  write(frame: string): void {
    if (!this.isOpen) return;
    if (!this.isCorked) {
      this.isCorked = true;
      this.duplex.cork();
      setImmediate(() => {
        this.isCorked = false;
        this.duplex.uncork();
      });
    }
    this.socket.send(frame);
  }

  cut(reason: CutReason, error?: PraxisError): void {
    if (this.ending) return;
    this.onCut(reason);
    this.end(CLOSE_CODES[reason], error ? `${error.code}: ${error.message}` : (CLOSE_TEXTS[reason] ?? ''));
  }

  /** Cuts it, and reads nothing more of what goes on coming. */
  expel(reason: CutReason, error: PraxisError): void {
    this.cut(reason, error);
    this.socket.pause();
  }

  /** Says goodbye; whoever does not answer it is gone a second later. */
  end(code: number, reason: string): void {
    if (this.ending) return;
    this.ending = true;
    this.socket.resume();
    this.socket.close(code, Buffer.from(reason).subarray(0, CLOSE_REASON_BYTES_MAX).toString('utf8'));
    const terminating = setTimeout(() => this.socket.terminate(), FAREWELL_MS);
    this.socket.once('close', () => clearTimeout(terminating));
  }

  /** What it takes, until it is closed. */
  onRelease(release: () => void): void {
    if (this.isReleased) release();
    else this.releases.push(release);
  }

  release(): void {
    this.isReleased = true;
    for (const release of this.releases.splice(0)) release();
  }

  /** Asks whether the peer is there; one that has not answered by the next time is gone. */
  askPeer(): void {
    // An answer may also wait behind what the peer does not read.
    if (!this.isAnswered) return this.cut(this.isFull ? 'slow' : 'silent');
    this.isAnswered = false;
    if (this.isOpen) this.socket.ping();
  }

  channel(id: string): Channel {
    return { outlet: this, head: `{"id":${JSON.stringify(id)},"type":"next","payload":`, tail: '}' };
  }

  /** Counts what has come; whoever sends too much, or does not read the answers, is not read from for a while. */
  admit(): void {
    const nowMs = performance.now();
    if (nowMs - this.secondMs >= 1_000) [this.secondMs, this.received] = [nowMs, 0];
    if (++this.received > MESSAGES_PER_SECOND) this.pause(new Promise((resolve) => setTimeout(resolve, 250)));
    if (this.isFull) this.pause(this.room());
  }

  /** Tells when more bytes than these have come; ends with the function that it gives. */
  countBytes(bytesMax: number, onExcess: () => void): () => void {
    let bytes = 0;
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= bytesMax) return;
      stop();
      onExcess();
    };
    const stop = (): void => void this.duplex.off('data', count);
    // Before the library looks at them.
    this.duplex.prependListener('data', count);
    return stop;
  }

  private pause(until: Promise<unknown>): void {
    if (this.socket.isPaused || !this.isOpen) return;
    this.socket.pause();
    void until.then(() => this.socket.resume());
  }
}
