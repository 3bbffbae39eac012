/** The client of the benchmark, a process of its own: subscribers of one run on several sockets, which it cuts when told. */
import WebSocket from 'ws';

export interface ClientOrder {
  field: 'runEventBatches' | 'runEvents';
  key: string;
  port: number;
  runId: string;
  after: number;
  subscribers: number;
  sockets: number;
}

export interface ClientReport {
  lost: number;
  repeated: number;
  messagesPerSecond: number;
  reconnectSeconds: number;
  latencies: { p50Ms: number; p95Ms: number; maxMs: number };
}

/** What was committed, and when. */
interface Ending {
  last: number;
  commits: [last: number, atMs: number][];
}

const EVENT = `sequence at event { __typename ... on MetricPoint { step epoch split name value candidate }
  ... on RunStateChanged { state } ... on LogLine { level message } ... on RunProgress { fraction } }`;
const SELECTIONS = { runEvents: `{ ${EVENT} }`, runEventBatches: `{ lastSequence events { ${EVENT} } }` };

const nowMs = (): number => performance.timeOrigin + performance.now();

class Subscribers {
  private readonly lasts: number[];
  private sockets: WebSocket[] = [];
  /** Pairs of sequence and time, while it measures. */
  private readonly received: [number, number][] = [];
  private measuring = false;
  private measuredMs = 0;
  private messages = 0;
  private lost = 0;
  private repeated = 0;
  private cutMs = 0;
  private backMs = 0;
  private missing = new Set<number>();

  constructor(private readonly order: ClientOrder) {
    this.lasts = Array.from({ length: order.subscribers }, () => order.after - 1);
  }

  /** Resolves when every subscriber has an event. */
  async open(): Promise<void> {
    const { sockets, subscribers } = this.order;
    this.missing = new Set(this.lasts.keys());
    const share = Math.ceil(subscribers / sockets);
    this.sockets = Array.from({ length: sockets }, (_, i) =>
      this.connect(i * share, Math.min(subscribers, (i + 1) * share)),
    );
    while (this.missing.size > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  measure(on: boolean): void {
    this.measuring = on;
    this.measuredMs = on ? nowMs() : nowMs() - this.measuredMs;
  }

  async cut(): Promise<void> {
    this.cutMs = nowMs();
    for (const socket of this.sockets) socket.terminate();
    await this.open();
    this.backMs = nowMs();
  }

  /** When all have the last event, or nothing has come for a while. */
  async report({ last, commits }: Ending): Promise<ClientReport> {
    const deadlineMs = nowMs() + 30_000;
    while (this.lasts.some((each) => each < last) && nowMs() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    while (this.cutMs > this.backMs && nowMs() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 20));
    const behind = this.lasts.reduce((sum, each) => sum + Math.max(0, last - each), 0);
    return {
      lost: this.lost + behind,
      repeated: this.repeated,
      messagesPerSecond: Math.round((1_000 * this.messages) / this.measuredMs),
      reconnectSeconds: rounded((this.backMs - this.cutMs) / 1_000),
      latencies: this.latencies(commits),
    };
  }

  private latencies(commits: Ending['commits']) {
    const atMs = new Map<number, number>();
    let sequence = commits[0][0] - 1;
    for (const [last, at] of commits) while (sequence < last) atMs.set((sequence += 1), at);
    const times = Float64Array.from(this.received, ([each, at]) => Math.max(0, at - (atMs.get(each) ?? NaN)));
    const known = times.filter((time) => !Number.isNaN(time)).sort();
    const of = (share: number) => rounded(known[Math.min(known.length - 1, Math.floor(share * known.length))] ?? NaN);
    return { p50Ms: of(0.5), p95Ms: of(0.95), maxMs: of(1) };
  }

  private connect(from: number, to: number): WebSocket {
    const { port, key, runId, field } = this.order;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', {
      perMessageDeflate: false,
    });
    const query = `subscription ($runId: ID!, $after: SafeInt!) { ${field}(runId: $runId, after: $after) ${SELECTIONS[field]} }`;
    const send = (message: object) => socket.send(JSON.stringify(message));
    socket.on('open', () => send({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }));
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      const { type, id, payload } = JSON.parse(String(data));
      if (type === 'next') return this.take(Number(id), payload);
      if (type !== 'connection_ack') return this.fail(`${type} ${JSON.stringify(payload)}`);
      for (let i = from; i < to; i++) {
        send({ type: 'subscribe', id: `${i}`, payload: { query, variables: { runId, after: this.lasts[i] } } });
      }
    });
    return socket;
  }

  private take(i: number, { data, errors }: { data: any; errors?: unknown }): void {
    if (errors) return this.fail(JSON.stringify(errors));
    const events: { sequence: number }[] = data.runEventBatches?.events ?? [data.runEvents];
    const atMs = nowMs();
    if (this.measuring) this.messages++;
    this.missing.delete(i);
    for (const { sequence } of events) {
      const step = sequence - this.lasts[i];
      if (step < 1) this.repeated++;
      if (step > 1) this.lost += step - 1;
      this.lasts[i] = Math.max(this.lasts[i], sequence);
      if (this.measuring) this.received.push([sequence, atMs]);
    }
  }

  private fail(what: string): void {
    process.send?.({ kind: 'failed', what });
  }
}

const rounded = (value: number): number => Number(value.toFixed(1));

let subscribers: Subscribers;

process.on('message', (message: ClientOrder | Ending | 'measure' | 'rest' | 'cut') => {
  if (message === 'measure' || message === 'rest') return subscribers.measure(message === 'measure');
  if (message === 'cut') return void subscribers.cut();
  if ('commits' in message)
    return void subscribers.report(message).then((report) => process.send?.({ kind: 'report', ...report }));
  subscribers = new Subscribers(message);
  void subscribers.open().then(() => process.send?.({ kind: 'ready' }));
});
process.on('disconnect', () => process.exit(0));
