import type { GraphContext, Log, OperatorContext, TenantContext } from '../kernel';

/** The context of one operation. The log is made on first use: most operations write no line. */
export class OperationContext implements GraphContext {
  loaders = new Map<unknown, unknown>();
  private requestLog: Log | null = null;

  constructor(
    readonly caller: TenantContext | OperatorContext | null,
    readonly requestId: string,
    private readonly baseLog: Log,
    /** No text in the variables can be unstorable; see json-body.ts. */
    readonly isEscapeFree = false,
  ) {}

  get log(): Log {
    return (this.requestLog ??= this.baseLog.child({ requestId: this.requestId }));
  }
}
