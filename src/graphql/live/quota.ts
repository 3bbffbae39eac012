import type { Caller } from '../../access';
import { PraxisError } from '../../kernel';

export interface QuotaLimits {
  perKey: number;
  perTenant: number;
}

/** How many of something each key and each tenant holds in this process. */
export class Quota {
  private readonly counts = new Map<string, number>();

  /** `what` and `advice` are worded for the caller: `sockets`, `close some first`. */
  constructor(
    private readonly what: string,
    private readonly limits: QuotaLimits,
    private readonly advice: string,
  ) {}

  /**
   * Takes one; the returned function gives it back.
   * @throws PraxisError RATE_LIMITED naming the limit
   */
  take(caller: Caller): () => void {
    const owners = this.ownersOf(caller);
    for (const { name, max, of } of owners) {
      if ((this.counts.get(name) ?? 0) < max) continue;
      throw new PraxisError('RATE_LIMITED', `At most ${max} ${this.what} at a time of one ${of}: ${this.advice}.`);
    }
    for (const { name } of owners) this.add(name, 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      for (const { name } of owners) this.add(name, -1);
    };
  }

  private ownersOf(caller: Caller): { name: string; max: number; of: string }[] {
    const { perKey, perTenant } = this.limits;
    const key = { name: `key ${caller.apiKeyId}`, max: perKey, of: 'api key' };
    return 'tenantId' in caller ? [key, { name: `tenant ${caller.tenantId}`, max: perTenant, of: 'tenant' }] : [key];
  }

  private add(name: string, more: number): void {
    const count = (this.counts.get(name) ?? 0) + more;
    if (count === 0) this.counts.delete(name);
    else this.counts.set(name, count);
  }
}

/** Lets few at a time of each name through, the others one after the other: no name takes the whole process. */
export class Gate {
  private readonly names = new Map<string, { inside: number; waiting: (() => void)[] }>();

  constructor(private readonly width: number) {}

  async pass<T>(name: string, work: () => Promise<T>): Promise<T> {
    const lane = this.names.get(name) ?? { inside: 0, waiting: [] };
    this.names.set(name, lane);
    if (lane.inside >= this.width) await new Promise<void>((resolve) => lane.waiting.push(resolve));
    else lane.inside++;
    try {
      return await work();
    } finally {
      const next = lane.waiting.shift();
      if (next) next();
      else if (--lane.inside === 0) this.names.delete(name);
    }
  }
}
