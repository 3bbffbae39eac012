import { Histogram, type Registry } from 'prom-client';

/** From a tenth of a millisecond on. */
const SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export interface DurationOptions<L extends string> {
  name: `${string}_seconds`;
  help: string;
  labelNames?: readonly L[];
  /** Upper bounds, in seconds. */
  buckets?: number[];
  /** Name under which it was told in milliseconds; it is told so for one release more. */
  deprecatedName?: `${string}_milliseconds`;
}

/** How long something takes: measured in milliseconds, told in seconds, as Prometheus has it. */
export class DurationMetric<L extends string = never> {
  private readonly seconds: Histogram<L>;
  private readonly milliseconds: Histogram | null;

  constructor(registry: Registry, o: DurationOptions<L>) {
    const { name, help, labelNames = [], buckets = SECONDS, deprecatedName } = o;
    const registers = [registry];
    this.seconds = new Histogram({ name, help, labelNames, buckets, registers });
    this.milliseconds = deprecatedName
      ? new Histogram({
          name: deprecatedName,
          help: `Deprecated, gone in the next release: ${name} in milliseconds.`,
          buckets: buckets.map((bound) => bound * 1_000),
          registers,
        })
      : null;
  }

  observeMs(durationMs: number, labels?: Record<L, string>): void {
    if (labels) this.seconds.observe(labels, durationMs / 1_000);
    else this.seconds.observe(durationMs / 1_000);
    this.milliseconds?.observe(durationMs);
  }
}
