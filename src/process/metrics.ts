import cluster from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';
import type { Message, Part } from './metrics-relay';

/** One /metrics over all listeners of this machine: whichever is asked asks the others, through their parent. */

/** A listener that dies while it is asked is left out after this time. */
const TIMEOUT_MS = 2_000;

/** Answers with the metrics of all listeners of this machine as text; of this process where it has no siblings. */
export function sharedMetrics(registry: Registry): () => Promise<string> {
  if (!cluster.isWorker) return () => registry.metrics();
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
