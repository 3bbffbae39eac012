import type { GraphContext, Log, OperatorContext, TenantContext } from '../kernel';
import { RequestAccount } from './limits';

/** The context of one operation. The log is made on first use: most operations write no line. */
export class OperationContext implements GraphContext {
  loaders = new Map<unknown, unknown>();
  /** Shared by the operations of a batch. */
  readonly account = new RequestAccount();
  caller: TenantContext | OperatorContext | null;
  startedMs = performance.now();
  private requestLog: Log | null = null;
  private socket: { readonly destroyed: boolean } | null = null;

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

  /** Names the socket that the answer goes to. */
  over(socket: { readonly destroyed: boolean }): this {
    this.socket = socket;
    return this;
  }

  /** Asked instead of listened for: most answers come before anybody could leave. */
  get hasLeft(): boolean {
    return this.socket !== null && this.socket.destroyed;
  }

  get log(): Log {
    return (this.requestLog ??= this.baseLog.child({ requestId: this.requestId }));
  }
}
