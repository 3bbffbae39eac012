import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const MILLISECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500];

/** What an operator watches about serving. Labels never name a tenant: that would leak and grow without bound. */
export class BatcherMetrics {
  readonly batchRows: Histogram;
  readonly batchRequests: Histogram;
  readonly queueWaitMs: Histogram;
  readonly runMs: Histogram;
  readonly refused: Counter<'reason'>;

  constructor(registry: Registry, now: { waitingRows: () => number; openModels: () => number }) {
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
    this.queueWaitMs = new Histogram({
      name: 'praxis_queue_wait_milliseconds',
      help: 'How long the oldest request of a batch waited for a thread.',
      buckets: MILLISECONDS,
      registers,
    });
    this.runMs = new Histogram({
      name: 'praxis_batch_run_milliseconds',
      help: 'From handing a batch to a thread until its answer is back.',
      buckets: MILLISECONDS,
      registers,
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
    gauge('praxis_open_models', 'Models that are open in the inference threads.', now.openModels);
  }
}
