import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { DurationMetric } from '../../kernel/process/duration.metric';

/** What an operator watches about serving. Labels never name a tenant: that would leak and grow without bound. */
export class BatcherMetrics {
  readonly batchRows: Histogram;
  readonly batchRequests: Histogram;
  readonly queueWait: DurationMetric;
  readonly run: DurationMetric;
  readonly refused: Counter<'reason'>;

  constructor(
    registry: Registry,
    now: { waitingRows: () => number; openModels: () => number; lanes: () => { all: number; busy: number } },
  ) {
    const registers = [registry];
    this.batchRows = new Histogram({
      name: 'praxis_batch_rows',
      help: 'Rows in one run of a model.',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192],
      registers,
    });
    this.batchRequests = new Histogram({
      name: 'praxis_batch_requests',
      help: 'Requests answered by one run of a model.',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      registers,
    });
    this.queueWait = new DurationMetric(registry, {
      name: 'praxis_queue_wait_seconds',
      help: 'How long the oldest request of a batch waited for a thread.',
      deprecatedName: 'praxis_queue_wait_milliseconds',
    });
    this.run = new DurationMetric(registry, {
      name: 'praxis_batch_run_seconds',
      help: 'From handing a batch to a thread until its answer is back.',
      deprecatedName: 'praxis_batch_run_milliseconds',
    });
    this.refused = new Counter({
      name: 'praxis_batch_refused_total',
      help: 'Requests not predicted: the queue was full (server, tenant), or the caller had left it (left).',
      labelNames: ['reason'] as const,
      registers,
    });
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        ...{ name, help, registers },
        collect() {
          this.set(read());
        },
      });
    gauge('praxis_queue_rows', 'Rows that wait for a thread.', now.waitingRows);
    gauge('praxis_inference_threads', 'Threads that run models.', () => now.lanes().all);
    gauge('praxis_inference_threads_busy', 'Threads that run a model at this moment.', () => now.lanes().busy);
    gauge('praxis_open_models', 'Models that are open in the inference threads.', now.openModels);
  }
}
