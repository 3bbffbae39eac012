/** Who may start next: the slots of a kind of work, shared between the tenants that want them. */

export interface Lane {
  /** Jobs of this kind that one process runs at a time. */
  slots: number;
  /** Of them, those that one tenant may have. */
  perTenant: number;
}

/** A lane of a tenant: what its jobs wait in. */
export interface Place {
  lane: string;
  /** Empty for the platform's own. */
  tenant: string;
}

interface Running extends Place {
  startedAt: number;
  makeWay: AbortController;
}

/** The last job of a place. */
interface Turn {
  ms: number;
  /** It stopped for others, and is long. */
  madeWay: boolean;
  endedAt: number;
}

/** A tenant that was away for so long comes as a new one. */
const REMEMBERED_MS = 600_000;
/** How long a job runs before it is asked to make way: as the asking tenant's last turn, within these. */
const MAKE_WAY_MS_MIN = 500;
/** A turn that ended by itself within this is short: who asks for one waits the least, on a busy machine too. */
const SHORT_TURN_MS = 3_000;
const MAKE_WAY_MS_MAX = 60_000;

/**
 * Shares the slots of one process. Next comes the tenant that runs the fewest jobs of the lane, of those the one whose
 * last turn is longest ago; within a tenant jobs run in the order of their arrival, and none is started that would have
 * to wait. A tenant that has nothing running while others hold every slot asks the oldest job to make way: soon where its
 * own turns are short, and ever later where two go on for long, so that they do not only take turns.
 */
export class Lanes {
  private readonly running = new Map<string, Running>();
  private readonly turns = new Map<string, Turn>();

  constructor(
    private readonly lanes: Readonly<Record<string, Lane>>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get runningCount(): number {
    return this.running.size;
  }

  /** The place of which a job may start now, and should be the first to; null when all of them have to wait. */
  next<P extends Place>(places: readonly P[]): P | null {
    const open = places.filter((place) => this.hasRoom(place));
    const rank = (place: P) => [this.count(place), this.turns.get(keyOf(place))?.endedAt ?? 0] as const;
    const ranked = open.map((place) => ({ place, rank: rank(place) }));
    ranked.sort((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1]);
    return ranked[0]?.place ?? null;
  }

  /** Takes a slot for a job; the signal says when it is to make way. */
  start(id: string, { lane, tenant }: Place): AbortSignal {
    const makeWay = new AbortController();
    this.running.set(id, { lane, tenant, startedAt: this.now(), makeWay });
    return makeWay.signal;
  }

  /** `madeWay`: it stopped for others. One that was asked to, but came to its end first, did not. */
  end(id: string, madeWay = false): void {
    const job = this.running.get(id);
    if (!job) return;
    this.running.delete(id);
    const now = this.now();
    this.turns.set(keyOf(job), { ms: now - job.startedAt, endedAt: now, madeWay });
    for (const [key, { endedAt }] of this.turns) if (now - endedAt > REMEMBERED_MS) this.turns.delete(key);
  }

  /** Asks jobs to make way for those that wait with nothing of their tenant running. */
  makeWay(waiting: readonly Place[]): void {
    for (const place of waiting) {
      if (this.count(place) > 0 || this.hasRoom(place)) continue;
      const others = [...this.running.values()].filter(({ lane }) => lane === place.lane);
      // One that was asked already leaves the slot to this place or to a worthier one.
      if (others.some((job) => job.makeWay.signal.aborted)) continue;
      const patience = this.patienceOf(place);
      const [longest] = others.sort((a, b) => a.startedAt - b.startedAt);
      if (longest && this.now() - longest.startedAt >= patience) longest.makeWay.abort();
    }
  }

  /** Twice as long where both go on for long: they would else only take turns. */
  private patienceOf(place: Place): number {
    const { ms, madeWay } = this.turns.get(keyOf(place)) ?? { ms: 0, madeWay: false };
    if (!madeWay && ms <= SHORT_TURN_MS) return MAKE_WAY_MS_MIN;
    return Math.min(Math.max(madeWay ? 2 * ms : ms, MAKE_WAY_MS_MIN), MAKE_WAY_MS_MAX);
  }

  private hasRoom(place: Place): boolean {
    const lane = this.lanes[place.lane];
    const taken = this.countOf((job) => job.lane === place.lane);
    return taken < lane.slots && this.count(place) < lane.perTenant;
  }

  private count({ lane, tenant }: Place): number {
    return this.countOf((job) => job.lane === lane && job.tenant === tenant);
  }

  private countOf(matches: (job: Running) => boolean): number {
    let count = 0;
    for (const job of this.running.values()) if (matches(job)) count++;
    return count;
  }
}

const keyOf = ({ lane, tenant }: Place): string => `${lane} ${tenant}`;
