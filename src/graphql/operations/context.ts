import type { IncomingMessage } from 'node:http';
import type { GraphContext, Log, OperatorContext, TenantContext } from '../../kernel';
import { RequestAccount } from '../limits';
import type { AddressOf } from '../http/public-address';

/** The context of one operation. The log is made on first use: most operations write no line. */
export class OperationContext implements GraphContext {
  loaders = new Map<unknown, unknown>();
  /** Shared by the operations of a batch. */
  readonly account = new RequestAccount();
  caller: TenantContext | OperatorContext | null;
  startedMs = performance.now();
  private requestLog: Log | null = null;
  private asked: { request: IncomingMessage; addressOf: AddressOf } | null = null;
  private knownAddress = '';

  constructor(
    caller: TenantContext | OperatorContext | null,
    readonly requestId: string,
    private readonly baseLog: Log,
    /** No text in the variables can be unstorable; see json-body.ts. */
    readonly isEscapeFree = false,
  ) {
    this.caller = caller;
  }

  /** The operations of a batch share one context by copy; what belongs to a single one is made anew. */
  separate(): void {
    this.loaders = new Map();
    this.startedMs = performance.now();
    // The caller too: it is what the snapshot of an operation is found by.
    this.caller = this.caller && { ...this.caller };
  }

  /** Names the request that asks: the answer goes to its socket, and its headers say how the caller reaches us. */
  over(request: IncomingMessage, addressOf: AddressOf): this {
    this.asked = { request, addressOf };
    return this;
  }

  /** For what no request of its own asks: how those who will get the answer reach us. */
  at(address: string): this {
    this.knownAddress = address;
    return this;
  }

  get address(): string {
    return this.asked ? this.asked.addressOf(this.asked.request) : this.knownAddress;
  }

  /** Asked instead of listened for: most answers come before anybody could leave. */
  get hasLeft(): boolean {
    return this.asked !== null && this.asked.request.socket.destroyed;
  }

  addRows(count: number): void {
    this.account.addRows(count);
  }

  addAnswer(characters: number): void {
    this.account.addAnswer(characters);
  }

  get log(): Log {
    return (this.requestLog ??= this.baseLog.child({ requestId: this.requestId }));
  }
}
