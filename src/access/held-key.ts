import { PraxisError } from '../kernel';
import type { Caller, KnownKey } from './known-key';

/** The key of a connection that outlives one request: asked before each use, released with the connection. */
export class HeldKey {
  constructor(
    readonly key: KnownKey,
    /** Who opened the connection; another tenant or role needs another one. */
    readonly caller: Caller,
    /** Called once, when the key no longer works or has other rights. */
    readonly onEnd: (reason: PraxisError) => void,
    private readonly onRelease: (held: HeldKey) => void,
  ) {}

  /** Whether it still stands for the same caller, as far as may be believed without asking. */
  get stands(): boolean {
    return this.key.worksAs(this.caller.role);
  }

  /** The caller of one operation, which commits nothing once the key is known to have ended. */
  callerOf(requestId: string): Caller {
    const caller = { ...this.caller, requestId };
    return 'tenantId' in caller ? { ...caller, refuseEnded: () => this.key.refuseEnded() } : caller;
  }

  /** @throws PraxisError UNAUTHENTICATED where the key no longer works, FORBIDDEN where it has other rights */
  async confirm(): Promise<void> {
    const { role } = await this.key.caller(this.caller.requestId);
    if (role !== this.caller.role)
      throw new PraxisError('FORBIDDEN', 'The rights of this api key changed: connect again.');
  }

  release(): void {
    this.onRelease(this);
  }
}
