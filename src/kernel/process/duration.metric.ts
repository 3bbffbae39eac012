import {
  Histogram,
  type Metric,
  type MetricObjectWithValues,
  type MetricValueWithName,
  type Registry,
} from 'prom-client';

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

  constructor(registry: Registry, o: DurationOptions<L>) {
    const { name, help, labelNames = [], buckets = SECONDS, deprecatedName } = o;
    this.seconds = new Histogram({ name, help, labelNames, buckets, registers: [registry] });
    if (deprecatedName) registry.registerMetric(inMilliseconds(deprecatedName, this.seconds as Histogram));
  }

  observeMs(durationMs: number, labels?: Record<L, string>): void {
    if (labels) this.seconds.observe(labels, durationMs / 1_000);
    else this.seconds.observe(durationMs / 1_000);
  }
}

/** The same histogram under its old name, made when it is read: an observation costs nothing more. */
function inMilliseconds(name: string, seconds: Histogram): Metric {
  const told = async (): Promise<Told> => {
    const { values, ...rest } = (await seconds.get()) as Told;
    const help = `Deprecated, gone in the next release: ${rest.name} in milliseconds.`;
    return { ...rest, name, help, values: values.map((each) => thousandfold(each, rest.name, name)) };
  };
  return { name, get: told } as unknown as Metric;
}

type Told = MetricObjectWithValues<MetricValueWithName<string>>;

/** Bounds and sums are times, counts are not. */
function thousandfold(each: MetricValueWithName<string>, oldName: string, name: string): MetricValueWithName<string> {
  const { labels, value, metricName = oldName } = each;
  return {
    value: metricName.endsWith('_sum') ? value * 1_000 : value,
    labels: typeof labels.le === 'number' ? { ...labels, le: labels.le * 1_000 } : labels,
    metricName: name + metricName.slice(oldName.length),
  };
}
