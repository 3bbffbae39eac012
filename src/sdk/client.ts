import { Datasets } from './datasets';
import { PraxisClientError } from './error';
import { errorOf, post, send, type Connection, type Operation } from './http';
import { Socket, type SubscribeOptions } from './socket';

export interface PraxisClientOptions {
  /** Address of the server, e.g. `http://localhost:4000`. */
  url: string;
  /** Api key of the tenant. */
  key: string;
  /** Defaults to the global `fetch` (Node 20 and newer, browsers). */
  fetch?: typeof fetch;
  /** WebSocket class; defaults to the global one, and in Node without one to the package `ws`. */
  webSocket?: unknown;
}

/** Variables may be left out where the operation takes none. */
type VariablesOf<V> = string extends keyof V ? [variables?: V] : [variables: V];

/**
 * A client of the GraphQL API.
 *
 *     const praxis = new PraxisClient({ url: 'http://localhost:4000', key: '...' });
 *     const { dataset } = await praxis.datasets.upload('machines.csv');
 *     for await (const { runEventBatches } of praxis.subscribe(RunEventBatchesDocument, { runId, after: 0 })) { ... }
 *
 * Every failure is a PraxisClientError.
 */
export class PraxisClient {
  readonly datasets: Datasets;
  private readonly connection: Connection;
  private readonly socket: Socket;

  constructor(options: PraxisClientOptions) {
    const url = serverOf(options.url);
    refuseStrangeKey(options.key);
    const call = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.connection = { url, key: options.key, fetch: call };
    this.socket = new Socket(`${url.replace(/^http/, 'ws')}/graphql`, options.key, options.webSocket);
    this.datasets = new Datasets(this, this.connection);
  }

  /** A query or mutation: a typed document of this package, or any GraphQL text. */
  run<TData = Record<string, unknown>, TVariables = Record<string, unknown>>(
    operation: Operation<TData, TVariables> | string,
    ...[variables]: VariablesOf<TVariables>
  ): Promise<TData> {
    return post<TData>(this.connection, { query: operation.toString(), variables });
  }

  /**
   * Events as they happen. When the connection is lost it comes back and goes on after the last event it gave; the
   * subscription must take `$after` and select `sequence`, or `lastSequence` of batches, for that. Ends when the server completes it, when the loop
   * is left, or when `signal` aborts.
   */
  subscribe<TData = Record<string, unknown>, TVariables = Record<string, unknown>>(
    operation: Operation<TData, TVariables> | string,
    variables: TVariables,
    options: SubscribeOptions = {},
  ): AsyncGenerator<TData, void, undefined> {
    const payload = { query: operation.toString(), variables: variables as Record<string, unknown> };
    return this.socket.iterate<TData>(payload, options);
  }

  /**
   * A file of the server by its path, such as `modelVersion { downloadPath }`, or that of a `datasetVersion`. An address of
   * another server is refused, as it would be sent the key.
   */
  async download(path: string): Promise<Uint8Array> {
    const { url } = this.connection;
    const address = new URL(path, url);
    if (address.origin !== new URL(url).origin) {
      throw new PraxisClientError('VALIDATION_FAILED', `${address.origin} is not the server of this client, ${url}.`, {
        issues: [{ path: 'path', message: 'leads to another server', hint: 'give the path alone: downloadPath' }],
      });
    }
    const response = await send(this.connection, address.href, {});
    if (!response.ok) throw await errorOf(response);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Closes the socket. Open subscriptions end. */
  close(): Promise<void> {
    return this.socket.close();
  }
}

/** The address without what follows the server, such as /graphql. */
function serverOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') {
    return url.href.replace(/\/+$/, '').replace(/\/graphql$/, '');
  }
  throw new PraxisClientError('VALIDATION_FAILED', `"${text}" is not the address of a server.`, {
    issues: [{ path: 'url', message: 'must begin with http:// or https://', hint: 'such as http://localhost:4000' }],
  });
}

function refuseStrangeKey(key: string): void {
  if (/^[\x21-\x7e]+$/.test(key)) return;
  throw new PraxisClientError('VALIDATION_FAILED', 'The key is not an api key.', {
    issues: [{ path: 'key', message: 'holds a character that no key has', hint: 'copy it again, without blanks' }],
  });
}
