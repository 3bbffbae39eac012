/** A table that stays with the process that owns it, read by a training thread in parts: one request, one reply, in order. */
import type { MessagePort, TransferListItem } from 'node:worker_threads';
import type { Table, TableSample, TableSource } from '../../engine/types';

/** A scan answers its first part, `next` the others; null when there is none left. */
type TableRequest =
  | { kind: 'read'; columns: string[] }
  | { kind: 'sample'; rows: number; seed: number }
  | { kind: 'scan'; columns: string[] }
  | { kind: 'next' }
  | { kind: 'end' };

type TableReply = { table: Table | TableSample | null } | { fault: string };

/** What the thread is told of the table; the rest comes over the port. */
export interface RemoteTable {
  rowCount: number;
  columns: string[];
  port: MessagePort;
}

/**
 * Answers what comes over the port until it is closed. A failure goes to `fail` and, in words, to the thread, which waits for
 * a reply. One part is read ahead of the thread, no more: that is the whole backpressure.
 */
export function serveTable(source: TableSource, port: MessagePort, fail: (error: Error) => void): void {
  let scan: AsyncIterator<Table> | null = null;
  const endScan = async (): Promise<void> => {
    const ended = scan;
    scan = null;
    await ended?.return?.();
  };
  const answer = async (request: TableRequest): Promise<Table | null> => {
    if (request.kind === 'read') return source.read(request.columns);
    if (request.kind === 'sample') return source.sample(request.rows, request.seed);
    if (request.kind !== 'next') await endScan();
    if (request.kind === 'end') return null;
    if (request.kind === 'scan') scan = source.scan(request.columns)[Symbol.asyncIterator]();
    const part = await scan!.next();
    return part.done ? null : part.value;
  };
  let queue = Promise.resolve();
  port.on('message', (request: TableRequest) => {
    queue = queue
      .then(() => answer(request))
      .then((table) => port.postMessage({ table } satisfies TableReply, table ? buffersOf(table) : []))
      .catch((error: Error) => {
        fail(error);
        port.postMessage({ fault: error.message } satisfies TableReply);
      });
  });
  port.on('close', () => void queue.then(endScan).catch(() => undefined));
}

/** The thread's end. */
export class TableReader implements TableSource {
  readonly rowCount: number;
  readonly columns: string[];
  private readonly waiting: ((reply: TableReply) => void)[] = [];

  constructor(private readonly remote: RemoteTable) {
    this.rowCount = remote.rowCount;
    this.columns = remote.columns;
    remote.port.on('message', (reply: TableReply) => this.waiting.shift()!(reply));
  }

  async read(columns: string[]): Promise<Table> {
    return (await this.ask({ kind: 'read', columns }))!;
  }

  async sample(rows: number, seed: number): Promise<TableSample> {
    return (await this.ask({ kind: 'sample', rows, seed })) as TableSample;
  }

  async *scan(columns: string[]): AsyncGenerator<Table> {
    try {
      let part = await this.ask({ kind: 'scan', columns });
      while (part) {
        const next = this.ask({ kind: 'next' });
        // Whoever asks for it hears of a failure.
        next.catch(() => undefined);
        yield part;
        part = await next;
      }
    } finally {
      await this.ask({ kind: 'end' });
    }
  }

  close(): void {
    this.remote.port.close();
  }

  private ask(request: TableRequest): Promise<Table | null> {
    this.remote.port.postMessage(request);
    return new Promise((resolve, reject) => {
      this.waiting.push((reply) => ('fault' in reply ? reject(new Error(reply.fault)) : resolve(reply.table)));
    });
  }
}

/** Every buffer of the table, once: the thread gets the columns themselves and the caller's become empty. */
export function buffersOf(table: Table | TableSample): TransferListItem[] {
  const arrays: { buffer: ArrayBufferLike }[] = table.columns.map((column) =>
    column.kind === 'number' ? column.values : column.codes,
  );
  if ('rowNumbers' in table) arrays.push(table.rowNumbers);
  return [...new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer))];
}
