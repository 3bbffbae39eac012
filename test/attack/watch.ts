import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../src/kernel/process/alive';
import type { Product } from '../process/product.fixture';

/** What was seen of a server from outside. */
export interface Seen {
  asked: number;
  /** Answers with the code INTERNAL. */
  internal: number;
  unavailable: number;
  /** Seconds for which /readyz told what was not so, beyond what it takes to find out. */
  untrue: number;
  /** The longest that a query took, in milliseconds. */
  slowestMs: number;
  /** The 99th percentile of them. */
  p99Ms: number;
}

const PAUSE_MS = 100;
/** A heart that stopped is missed after so long. */
const HEART_MS = 8_000;
/** A connection that died is found out by the next that asks. */
const FIND_OUT_MS = 2_000;

/** Asks a query and /readyz over and over, as a client and a load balancer do. */
export class Watch {
  private ended = false;
  private answered = performance.now();
  private readonly times: number[] = [];
  private readonly seen = { asked: 0, internal: 0, unavailable: 0, untrue: 0 };
  private readonly asking: Promise<unknown>;

  constructor(
    private readonly product: Product,
    private readonly query = () => product.ask('{ datasets(first: 3) { edges { node { id name } } } }'),
  ) {
    this.asking = Promise.all([this.ask(), this.checkReadiness()]);
  }

  async end(): Promise<Seen> {
    this.ended = true;
    await this.asking;
    const sorted = [...this.times].sort((a, b) => a - b);
    const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
    return { ...this.seen, slowestMs: at(1), p99Ms: at(0.99) };
  }

  private async ask(): Promise<void> {
    while (!this.ended) {
      const started = performance.now();
      const answer = (await this.query().catch(() => ({ errors: [{ extensions: { code: 'NO_ANSWER' } }] }))) as {
        errors?: { extensions?: { code?: string } }[];
      };
      this.times.push(performance.now() - started);
      const code = answer.errors?.[0]?.extensions?.code;
      this.seen.asked++;
      if (code === 'INTERNAL') this.seen.internal++;
      else if (code) this.seen.unavailable++;
      this.answered = code ? this.answered : performance.now();
      await sleep(PAUSE_MS);
    }
  }

  private async checkReadiness(): Promise<void> {
    let workedAt = performance.now();
    let last = performance.now();
    let readySince = Infinity;
    while (!this.ended) {
      const response = await this.product.get('/readyz').catch(() => null);
      const told = response?.ok ? ((await response.json()) as { workProcesses: number }) : null;
      const now = performance.now();
      if (this.product.pidsOf('work').some(isAlive)) workedAt = now;
      readySince = told ? Math.min(readySince, now) : Infinity;
      const deaf = Math.min(now - readySince, now - this.answered) > FIND_OUT_MS;
      const ghost = told !== null && told.workProcesses > 0 && now - workedAt > HEART_MS;
      if (deaf || ghost) this.seen.untrue += (now - last) / 1000;
      last = now;
      await sleep(PAUSE_MS);
    }
  }
}
