import { Counter, Gauge, type Registry } from 'prom-client';
import type { Database } from '../database';
import { countWorkProcesses, jobFacts, type JobFacts } from './job-facts';

/** One look serves all metrics of a scrape. */
const FRESH_MS = 1_000;

/**
 * The durable queue as metrics. They tell of all processes, so whoever adds up the metrics of several takes them once.
 * While the database is away they have no value.
 */
export function registerJobMetrics(registry: Registry, database: Database): void {
  const facts = remembered(() => jobFacts(database).catch(() => [] as JobFacts[]));
  const shared = { labelNames: ['task'] as const, registers: [registry], aggregator: 'max' as const };
  const gauge = (name: string, help: string, value: (facts: JobFacts) => number) =>
    new Gauge({
      ...{ name, help, ...shared },
      async collect() {
        this.reset();
        for (const fact of await facts()) this.set({ task: fact.task }, value(fact));
      },
    });
  gauge('praxis_jobs_waiting', 'Durable jobs that are due and wait for a slot.', ({ waiting }) => waiting);
  gauge('praxis_jobs_running', 'Durable jobs that work processes hold.', ({ running }) => running);
  gauge(
    'praxis_jobs_oldest_age_seconds',
    'How long the first of the waiting jobs has been due.',
    ({ oldestAgeSeconds }) => oldestAgeSeconds,
  );
  new Counter({
    ...{ name: 'praxis_jobs_failed_total', help: 'Attempts of durable jobs that failed by a fault of their own.' },
    ...shared,
    async collect() {
      this.reset();
      for (const { task, failed } of await facts()) this.inc({ task }, failed);
    },
  });
  new Gauge({
    ...{ name: 'praxis_work_processes', help: 'Work processes that looked for jobs lately.' },
    ...{ registers: [registry], aggregator: 'max' },
    async collect() {
      this.set(await countWorkProcesses(database).catch(() => 0));
    },
  });
}

function remembered<T>(read: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | null = null;
  let readAt = -Infinity;
  return () => {
    if (value && performance.now() - readAt < FRESH_MS) return value;
    readAt = performance.now();
    return (value = read());
  };
}
