import { createClient, type Client } from 'graphql-ws';
import { fromGraphErrors, PraxisClientError, type GraphError } from './error';
import { loadWebSocket } from './node';

/**
 * Subscriptions over one WebSocket (graphql-transport-ws). Every event carries a sequence; when the connection is lost
 * the iterator connects again and asks for what follows the last sequence it gave out, so nothing is lost or repeated.
 */

export interface SubscribeOptions {
  /** Stops the iterator. */
  signal?: AbortSignal;
  /** Called when the connection was lost and is tried again. */
  onReconnect?: (attempt: number) => void;
}

interface Payload {
  query: string;
  variables: Record<string, unknown>;
}

const RETRIES_MAX = 20;
/** Of a connection that has never been there. */
const FIRST_RETRIES_MAX = 4;
const RETRY_MAX_MS = 5_000;
/** Close codes of the protocol that say the request itself was refused: trying again cannot help. */
const FINAL_CODES = new Set([4400, 4401, 4403, 4406, 4500]);

export class Socket {
  private client: Promise<Client> | null = null;
  /** It was connected once, so it is likely to come back. */
  private wasOpen = false;

  constructor(
    private readonly url: string,
    private readonly key: string,
    private readonly webSocket: unknown,
  ) {}

  async *iterate<TData>(payload: Payload, options: SubscribeOptions): AsyncGenerator<TData, void, undefined> {
    let last: number | null = null;
    for (let failures = 0; ;) {
      const variables = last === null ? payload.variables : { ...payload.variables, after: last };
      try {
        for await (const data of this.events<TData>({ ...payload, variables }, options.signal)) {
          const sequence = sequenceOf(data);
          if (sequence !== null && last !== null && sequence <= last) continue;
          last = sequence ?? last;
          failures = 0;
          yield data;
        }
        return;
      } catch (error) {
        if (options.signal?.aborted) return;
        failures += 1;
        refuseWhenFinal(error);
        if (failures > (this.wasOpen ? RETRIES_MAX : FIRST_RETRIES_MAX)) throw unreachable(this.url, error);
        options.onReconnect?.(failures);
        await pause(Math.min(RETRY_MAX_MS, 50 * 2 ** failures), options.signal);
      }
    }
  }

  async close(): Promise<void> {
    const client = await this.client;
    this.client = null;
    await client?.dispose();
  }

  private async *events<TData>(payload: Payload, signal?: AbortSignal): AsyncGenerator<TData> {
    if (signal?.aborted) return;
    const client = await (this.client ??= this.connect());
    const results = client.iterate<TData>(payload as unknown as Parameters<Client['iterate']>[0]);
    const stop = () => void results.return?.();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      for await (const { data, errors } of results) {
        if (errors?.length) throw fromGraphErrors(errors as readonly GraphError[]);
        if (data) yield data as TData;
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      stop();
    }
  }

  private async connect(): Promise<Client> {
    return createClient({
      url: this.url,
      webSocketImpl: this.webSocket ?? (globalThis as { WebSocket?: unknown }).WebSocket ?? (await loadWebSocket()),
      connectionParams: { authorization: `Bearer ${this.key}` },
      lazy: true,
      // Repeats start here, with the sequence; the library would repeat the first request.
      retryAttempts: 0,
      on: { connected: () => (this.wasOpen = true) },
      lazyCloseTimeout: 1_000,
    });
  }
}

/** The sequence of the single root field of a subscription's answer: of its event, or of the last one of its batch. */
function sequenceOf(data: unknown): number | null {
  const [event] = Object.values(data as Record<string, { sequence?: unknown; lastSequence?: unknown } | null>);
  const sequence = event?.lastSequence ?? event?.sequence;
  return typeof sequence === 'number' ? sequence : null;
}

function refuseWhenFinal(error: unknown): void {
  if (error instanceof PraxisClientError) throw error;
  // The server refuses an operation before its first event with a bare list of errors.
  if (Array.isArray(error)) throw fromGraphErrors(error as GraphError[]);
  const { code, reason } = error as { code?: number; reason?: string };
  if (code !== undefined && FINAL_CODES.has(code)) {
    const refused = code === 4401 || code === 4403;
    throw new PraxisClientError(
      refused ? 'UNAUTHENTICATED' : 'UNEXPECTED',
      reason || `The socket closed with ${code}.`,
      {
        cause: error,
      },
    );
  }
}

const unreachable = (url: string, cause: unknown): PraxisClientError =>
  new PraxisClientError('UNREACHABLE', `No connection for events to ${new URL(url).origin}.`, { cause });

const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
