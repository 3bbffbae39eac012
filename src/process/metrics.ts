import { AggregatorRegistry, collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import { productVersion } from '../kernel/process/version';
import { isSupervised, processName } from './lifecycle';
import type { Message, Part } from './metrics-relay';

/** One /metrics over all processes of a parent: whichever is asked asks the others, through their parent. */

/** One that dies while it is asked is left out after this time. */
const TIMEOUT_MS = 2_000;

/**
 * What Node tells of this process (event loop, memory, garbage collection) under its own name, as a sum over processes would
 * say nothing; and what it runs.
 * @param role its name where no parent gave it one
 */
export function observeProcess(registry: Registry, role: string): void {
  // A process that answers and works tells of itself once.
  if (registry.getSingleMetric('praxis_build_info')) return;
  collectDefaultMetrics({ register: registry, labels: { process: processName() ?? role } });
  new Gauge({
    ...{ name: 'praxis_build_info', help: 'Versions of Praxis and Node; the value is 1.', aggregator: 'max' },
    ...{ labelNames: ['version', 'node'] as const, registers: [registry] },
  }).set({ version: productVersion(), node: process.versions.node }, 1);
}

/** Answers with the metrics of all processes of our parent as text; of this one where it has no parent. */
export function sharedMetrics(registry: Registry): () => Promise<string> {
  if (!isSupervised()) return () => registry.metrics();
  const open = new Map<number, Gathering>();
  process.on('message', (message: Message) => {
    if (message.kind === 'askMetrics') void tell(registry, message.id, message.asker as number);
    if (message.kind === 'askedMetrics') open.get(message.id)?.expect(message.count);
    if (message.kind === 'metrics') open.get(message.id)?.add(message.metrics);
  });
  let lastId = 0;
  return async () => {
    const id = ++lastId;
    const gathering = new Gathering();
    open.set(id, gathering);
    process.send?.({ kind: 'askMetrics', id } satisfies Message);
    const parts = await gathering.done;
    open.delete(id);
    return AggregatorRegistry.aggregate([await registry.getMetricsAsJSON(), ...parts]).metrics();
  };
}

async function tell(registry: Registry, id: number, asker: number): Promise<void> {
  process.send?.({ kind: 'metrics', id, asker, metrics: await registry.getMetricsAsJSON() });
}

class Gathering {
  private readonly parts: Part[] = [];
  private count = Infinity;
  private finish: (parts: Part[]) => void = () => undefined;
  readonly done = new Promise<Part[]>((resolve) => {
    const timer = setTimeout(() => resolve(this.parts), TIMEOUT_MS);
    this.finish = (parts) => (clearTimeout(timer), resolve(parts));
  });

  expect(count: number): void {
    this.count = count;
    this.look();
  }

  add(part: Part): void {
    this.parts.push(part);
    this.look();
  }

  private look(): void {
    if (this.parts.length >= this.count) this.finish(this.parts);
  }
}
