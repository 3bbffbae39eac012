/**
 * Load generator, a process of its own: `connections` callers, each with one HTTP/1.1 request at a time over a kept
 * socket, as fast as answers come. Written on bare sockets, so that it takes little of the machine it measures.
 * Reads one JSON `Load` as its argument, prints one JSON `LoadResult`.
 */
import { connect, type Socket } from 'node:net';

export interface Load {
  port: number;
  path: string;
  headers: Record<string, string>;
  body: string;
  connections: number;
  warmUpSeconds: number;
  seconds: number;
  /** Every answer must hold this text. */
  expect: string;
}

export interface LoadResult {
  requestsPerSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  failed: number;
}

class Caller {
  private readonly socket: Socket;
  private received = '';
  private awaited = -1;
  private sentMs = 0;
  stopped = false;

  constructor(
    load: Load,
    private readonly request: Buffer,
    private readonly answered: (ms: number, answer: string) => void,
  ) {
    this.socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true }, () => this.send());
    this.socket.setEncoding('latin1');
    this.socket.on('data', (chunk: string) => this.receive(chunk));
  }

  private send(): void {
    if (this.stopped) return void this.socket.end();
    this.sentMs = performance.now();
    this.socket.write(this.request);
  }

  private receive(chunk: string): void {
    this.received += chunk;
    if (this.awaited < 0) {
      const head = this.received.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = /\r\ncontent-length: *(\d+)/i.exec(this.received.slice(0, head));
      if (!length) throw new Error(`No content-length: ${this.received.slice(0, head)}`);
      this.awaited = head + 4 + Number(length[1]);
    }
    if (this.received.length < this.awaited) return;
    this.answered(performance.now() - this.sentMs, this.received);
    this.received = '';
    this.awaited = -1;
    this.send();
  }
}

function requestOf({ path, headers, body }: Load): Buffer {
  const all = { host: '127.0.0.1', 'content-type': 'application/json', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = Buffer.byteLength(body);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}content-length: ${length}\r\n\r\n${body}`);
}

const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function generate(load: Load): Promise<LoadResult> {
  const request = requestOf(load);
  let times: number[] = [];
  let failed = 0;
  const answered = (ms: number, answer: string) => {
    times.push(ms);
    if (!answer.startsWith('HTTP/1.1 200') || !answer.includes(load.expect)) failed++;
  };
  const callers = Array.from({ length: load.connections }, () => new Caller(load, request, answered));
  await pause(load.warmUpSeconds);
  times = [];
  const startMs = performance.now();
  await pause(load.seconds);
  const measured = times.sort((a, b) => a - b);
  const seconds = (performance.now() - startMs) / 1000;
  for (const caller of callers) caller.stopped = true;
  const at = (share: number) => Number((measured[Math.floor(share * measured.length)] ?? NaN).toFixed(3));
  const requestsPerSecond = Math.round(measured.length / seconds);
  return { requestsPerSecond, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), failed };
}

async function main(): Promise<void> {
  const result = await generate(JSON.parse(process.argv[2]) as Load);
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

if (require.main === module) void main();
